import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Finding } from '../../src/domain/review.js'
import { findConversation } from '../../src/practice/model/answer.js'
import { isRefusal, parseRequest } from '../../src/practice/model/request.js'
import { loadTranscripts, type Conversation } from '../../src/practice/model/transcript.js'
import { systemPrompt } from '../../src/team/prompts.js'
import { toolInputs } from '../../src/team/tools.js'

/** What an example's transcript says and does, for the test that proves the example. */
export interface ExampleConversations {
  /** The example's folder. */
  folder: string
  conversations: Conversation[]
  /** The input of the call that ends a conversation: its last, and alone in its turn. */
  finishOf(name: string): Record<string, unknown>
  /** Paths that a conversation writes to, each as often as it does. */
  writesOf(name: string): string[]
  /** Carries out in a directory what a conversation reads, writes and edits, as the real tools are bound to. */
  applyTo(directory: string, name: string): void
  /** Name of the conversation that the scripted model answers an agent from. */
  answering(role: 'lead' | 'specialist' | 'reviewer', agent: string, brief: string): string | undefined
}

export async function conversationsOf(example: string): Promise<ExampleConversations> {
  const folder = fileURLToPath(new URL(`../../src/practice/examples/${example}`, import.meta.url))
  const conversations = await loadTranscripts([join(folder, 'transcript.yaml')])
  const conversation = (name: string): Conversation => {
    const found = conversations.find(each => each.name === name)
    if (!found) throw new Error(`The transcript of ${example} has no conversation "${name}".`)
    return found
  }
  const callsOf = (name: string) => conversation(name).turns.flatMap(({ calls }) => calls)

  return {
    folder,
    conversations,
    finishOf(name) {
      const [call, ...others] = conversation(name).turns.at(-1)?.calls ?? []
      if (call?.tool !== 'finish' || others.length > 0) throw new Error(`"${name}" does not end with finish alone.`)
      return call.input
    },
    writesOf: name =>
      callsOf(name).flatMap(({ tool, input }) => {
        if (tool === 'edit_file') return [toolInputs.edit_file.parse(input).path]
        return tool === 'write_files' ? toolInputs.write_files.parse(input).files.map(({ path }) => path) : []
      }),
    applyTo(directory, name) {
      for (const call of callsOf(name)) carryOut(directory, name, call)
    },
    answering(role, agent, brief) {
      const request = parseRequest({
        model: 'scripted',
        max_tokens: 1,
        system: systemPrompt(role, { name: agent, prompt: '' }),
        messages: [{ role: 'user', content: brief }],
      })
      if (isRefusal(request)) throw new Error(request.message)
      return findConversation(conversations, request)?.name
    },
  }
}

function carryOut(directory: string, name: string, { tool, input }: Conversation['turns'][number]['calls'][number]) {
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

/** Puts a finding's suggestion in place of its lines, as the button under the comment does. */
export function applySuggestion(directory: string, { path, startLine, line, suggestion }: Finding): void {
  if (path === null || line === null || suggestion === null) throw new Error('The finding has no suggestion.')
  const lines = linesOf(join(directory, path))
  const first = startLine ?? line
  lines.splice(first - 1, line - first + 1, suggestion)
  writeFileSync(join(directory, path), lines.join('\n'))
}

/** What `git diff` says of two directories, in paths relative to them. */
export function diffOf(before: string, after: string): string {
  const git = mkdtempSync(join(tmpdir(), 'example-diff-'))
  const run = (...argv: string[]): string => execFileSync('git', ['-C', git, ...argv], { encoding: 'utf8' })
  const record = (tree: string): string => {
    run('--work-tree', tree, 'add', '--all')
    return run('write-tree').trim()
  }
  try {
    run('init', '--quiet')
    return run('diff-tree', '-r', '-p', record(before), record(after))
  } finally {
    rmSync(git, { recursive: true, force: true })
  }
}

export const linesOf = (path: string): string[] => readFileSync(path, 'utf8').split('\n')
