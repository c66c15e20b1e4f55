import { describe, expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { named } from '../src/domain/say/stack-text.js'
import { detectStack } from '../src/domain/stack/detect-stack.js'
import type { Stack } from '../src/domain/stack/stack.js'
import { wantedFiles } from '../src/domain/stack/wanted-files.js'

const folder = new URL('fixtures/stacks/', import.meta.url)

const Repository = z.strictObject({
  name: z.string(),
  texts: z.record(z.string(), z.string()).default({}),
  files: z.array(z.string()).default([]),
  /** All that is to be found, in order: `folder: Name version confidence`. */
  parts: z.array(z.string()),
  /** All commands, where they matter. */
  commands: z.array(z.string()).optional(),
  /** Files that could not be read. */
  notes: z.array(z.string()).default([]),
})

const groups = readdirSync(folder).map(file => ({
  file,
  repositories: z.array(Repository).parse(parse(readFileSync(new URL(file, folder), 'utf8'))),
}))

test('the table holds at least forty repositories', () => {
  expect(groups.flatMap(({ repositories }) => repositories).length).toBeGreaterThanOrEqual(40)
})

describe.each(groups)('$file', ({ repositories }) => {
  test.each(repositories)('$name', ({ texts, files, parts, commands, notes }) => {
    const paths = [...Object.keys(texts), ...files]
    const stack = detectStack(paths, new Map(wantedFiles(paths).map(path => [path, texts[path] ?? ''])))
    expect(partsOf(stack)).toEqual(parts)
    if (commands) expect(commandsOf(stack)).toEqual(commands)
    expect(stack.notes.map(note => note.split(' ')[0])).toEqual(notes)
    for (const { evidence } of stack.parts) {
      expect(evidence.length).toBeGreaterThan(0)
      for (const { file } of evidence) expect(paths).toContain(file)
    }
    for (const { source } of stack.commands) expect(paths).toContain(source.file)
  })
})

const inFolder = (path: string, what: string): string => (path === '' ? what : `${path}: ${what}`)

const partsOf = ({ parts }: Stack): string[] =>
  parts.map(part => inFolder(part.package, `${named(part)} ${part.confidence}`))

const commandsOf = ({ commands }: Stack): string[] =>
  commands.map(({ kind, command, package: path }) => inFolder(path, `${kind}: ${command}`))
