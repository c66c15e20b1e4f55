import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadTranscripts, type Conversation } from '../../src/practice/model/transcript.js'
import { toolInputs } from '../../src/team/tools.js'

/** The folder of the seed's example. */
export const example = fileURLToPath(new URL('../../src/practice/examples/authentication', import.meta.url))

export const conversations = await loadTranscripts([join(example, 'transcript.yaml')])

/** The input of the call that ends a conversation: its last, and alone in its turn. */
export function finishOf(name: string): Record<string, unknown> {
  const [call, ...others] = conversation(name).turns.at(-1)?.calls ?? []
  if (call?.tool !== 'finish' || others.length > 0) throw new Error(`"${name}" does not end with finish alone.`)
  return call.input
}

/** Paths that a conversation writes to, each as often as it does. */
export function writesOf(name: string): string[] {
  return callsOf(name).flatMap(({ tool, input }) => {
    if (tool === 'edit_file') return [toolInputs.edit_file.parse(input).path]
    return tool === 'write_files' ? toolInputs.write_files.parse(input).files.map(({ path }) => path) : []
  })
}

/** Carries out what a conversation reads, writes and edits, as the real tools are bound to. */
export function applyTo(directory: string, name: string): void {
  for (const { tool, input } of callsOf(name)) {
    if (tool === 'read_files') {
      for (const path of toolInputs.read_files.parse(input).paths) readFileSync(join(directory, path))
    } else if (tool === 'write_files') {
      for (const { path, content } of toolInputs.write_files.parse(input).files) {
        if (content === null) throw new Error(`${name} deletes ${path}, which nothing here expects.`)
        mkdirSync(dirname(join(directory, path)), { recursive: true })
        writeFileSync(join(directory, path), content)
      }
    } else if (tool === 'edit_file') {
      const { path, edits } = toolInputs.edit_file.parse(input)
      let text = readFileSync(join(directory, path), 'utf8')
      for (const edit of edits) {
        const pieces = text.split(edit.old)
        if (pieces.length !== 2) throw new Error(`${path} holds this ${pieces.length - 1} times:\n${edit.old}`)
        text = pieces.join(edit.new)
      }
      writeFileSync(join(directory, path), text)
    }
  }
}

function callsOf(name: string): Conversation['turns'][number]['calls'] {
  return conversation(name).turns.flatMap(({ calls }) => calls)
}

function conversation(name: string): Conversation {
  const found = conversations.find(each => each.name === name)
  if (!found) throw new Error(`The transcript has no conversation "${name}".`)
  return found
}
