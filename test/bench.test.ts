import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { compileSources, type CompiledSources } from '../scripts/compile-sources.mjs'

let compiled: CompiledSources
beforeAll(async () => {
  compiled = await compileSources()
})
afterAll(() => compiled.remove())

const bench = (...args: string[]) =>
  promisify(execFile)(process.execPath, [compiled.path('src/cli/bench.js'), ...args]).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { code: number; stdout: string }) => ({ code: error.code, stdout: error.stdout }),
  )

test('The benchmark prints what was measured beside what was to be reached, and writes the figures', async () => {
  const file = compiled.path('figures.json')
  const { code, stdout } = await bench('--only', 'prompt', '--json', file)
  expect(stdout).toMatch(/largest of a specialist +\d+\.\d KB +\(to reach: ≤ 8 KB\)/)
  expect(code).toBe(0)
  const { machine, scenarios } = JSON.parse(await readFile(file, 'utf8')) as {
    machine: object
    scenarios: { prompt: { agents: { agent: string; bytes: number }[]; largestSpecialist: number } }
  }
  expect(machine).toMatchObject({ node: process.version, processors: expect.any(Number) })
  expect(Object.keys(scenarios)).toEqual(['prompt'])
  const { agents, largestSpecialist } = scenarios.prompt
  const own = await readFile(join(import.meta.dirname, '../agents/universal/backend-developer.md'), 'utf8')
  const backend = agents.find(({ agent }) => agent === 'backend-developer')
  expect(backend?.bytes).toBeGreaterThan(own.length)
  expect(largestSpecialist).toBeGreaterThanOrEqual(backend?.bytes ?? Infinity)
})

test('The benchmark says what there is when it is asked for something else', async () => {
  const { code, stdout } = await bench('--only', 'everything')
  expect(code).toBe(2)
  expect(stdout).toMatch(/no scenario everything[^]*one of demo, turn, start, prompt, memory, box, webhooks/)
})
