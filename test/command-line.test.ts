import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { compileSources, type CompiledSources } from '../scripts/compile-sources.mjs'

describe('the command line', () => {
  let compiled: CompiledSources
  beforeAll(async () => {
    compiled = await compileSources()
  })
  afterAll(() => compiled.remove())
  const crew = (...args: string[]): { status: number | null; said: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [compiled.path('src/main.js'), ...args], {
      encoding: 'utf8',
      input: '',
      env: { PATH: process.env['PATH'] },
    })
    return { status, said: stdout + stderr }
  }

  test('lists its commands when asked', () => {
    const { status, said } = crew('--help')
    expect(status).toBe(0)
    for (const command of ['start', 'demo', '--example NAME', '--examples', 'try PATH --issue FILE', '--json FILE'])
      expect(said).toContain(command)
  })

  test('says what is wrong with the arguments, and how they are meant', () => {
    expect(crew()).toMatchObject({ status: 2, said: expect.stringContaining('There is no command.') })
    expect(crew('dance')).toMatchObject({ status: 2, said: expect.stringContaining('There is no command dance.') })
    expect(crew('demo', '--nope')).toMatchObject({ status: 2, said: expect.stringContaining("'--nope'") })
    expect(crew('try', '.')).toMatchObject({ status: 2, said: expect.stringContaining('--issue FILE') })
  })

  test('lists the examples, a line each: its name and what it is about', () => {
    const { status, said } = crew('demo', '--examples')
    expect(status).toBe(0)
    const lines = said.trimEnd().split('\n')
    expect(lines).toContainEqual(expect.stringMatching(/^authentication +JWT authentication with login/))
    expect(lines.filter(line => !/^[a-z-]+ {2,}\S.{10,}$/.test(line))).toEqual([])
  })

  test('answers the name of an example that is not there with the names that are', () => {
    for (const name of ['authentification', '../examples/authentication', '']) {
      const { status, said } = crew('demo', '--yes', '--example', name)
      expect(status).toBe(2)
      expect(said).toMatch(new RegExp(`^There is no example ${name}\\. There are: .*\\bauthentication\\b.*\\.\n$`))
    }
  })

  test('try needs a key, an issue and a git repository, and says which is missing', () => {
    expect(crew('try', '.', '--issue', 'absent.md')).toMatchObject({
      status: 2,
      said: expect.stringContaining('ANTHROPIC_API_KEY is missing'),
    })
  })
})
