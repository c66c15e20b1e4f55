import type { ToolName } from '../domain/agent.js'
import type { ToolCall, ToolResult } from '../domain/conversation.js'
import { findMarkedInvisible, markInvisible } from '../domain/invisible.js'
import { mayTouch } from '../domain/path-rules.js'
import { findWithheld, type SecretFilter } from '../domain/secret.js'
import type { Refusal, Worktree } from '../ports.js'
import type { AgentWork } from './agent-work.js'
import { describeProblems, readsOnly, toolInputs, type ToolInput } from './tools.js'

/** Where and how an agent's calls are carried out. */
export interface Bench {
  worktree: Worktree
  tools: ToolName[]
  mayWrite: AgentWork['mayWrite']
  commandTimeoutSeconds: number
  image?: string | null
  secrets: Pick<SecretFilter, 'redact'>
  signal: AbortSignal
}

/** What carrying out came to, beside the text that the model gets. */
export interface Carried {
  results: ToolResult[]
  /** Something in the directory may have changed. */
  wrote: boolean
  read: string[]
  commands: { command: string; exitCode: number | null }[]
}

const longest = { file: 60_000, call: 150_000, searchLines: 200, listed: 1_500 }

/**
 * Carries out the calls of one turn, in their order; neighbours that only read run at once. A call that can't be
 * carried out is an answer for the model, never an exception.
 */
export async function carryOut(calls: ToolCall[], bench: Bench): Promise<Carried> {
  const carried: Carried = { results: [], wrote: false, read: [], commands: [] }
  for (const group of neighbours(calls)) {
    const results = await Promise.all(group.map(call => carryOutOne(call, bench, carried)))
    carried.results.push(...results)
  }
  return carried
}

/** Runs of reading calls together, each other call alone. */
function neighbours(calls: ToolCall[]): ToolCall[][] {
  const groups: ToolCall[][] = []
  for (const call of calls) {
    const last = groups.at(-1)
    if (last && readsOnly(call.name) && last.every(other => readsOnly(other.name))) last.push(call)
    else groups.push([call])
  }
  return groups
}

async function carryOutOne(call: ToolCall, bench: Bench, carried: Carried): Promise<ToolResult> {
  const answer = await byName(call, bench, carried)
  const isError = typeof answer !== 'string'
  return { type: 'tool_result', callId: call.id, text: markInvisible(isError ? answer.refused : answer), isError }
}

async function byName(call: ToolCall, bench: Bench, carried: Carried): Promise<string | Refusal> {
  const name = bench.tools.find(tool => tool === call.name)
  if (!name) return { refused: `no tool ${call.name}; there are ${bench.tools.join(', ')}, finish` }
  const input = toolInputs[name].safeParse(call.input)
  if (!input.success) return { refused: describeProblems(input.error) }
  const words = readsOnly(name) ? null : findWithheld(JSON.stringify(input.data))
  if (words !== null) return { refused: whyWithheld(words) }
  const mark = name === 'run' || readsOnly(name) ? null : findMarkedInvisible(JSON.stringify(input.data))
  if (mark !== null) return { refused: whyMarked(mark) }
  switch (name) {
    case 'read_files':
      return readFiles(input.data as ToolInput<'read_files'>, bench, carried)
    case 'search':
      return search(input.data as ToolInput<'search'>, bench.worktree)
    case 'list_files':
      return listFiles(input.data as ToolInput<'list_files'>, bench.worktree)
    case 'edit_file':
      return editFile(input.data as ToolInput<'edit_file'>, bench, carried)
    case 'write_files':
      return writeFiles(input.data as ToolInput<'write_files'>, bench, carried)
    case 'run':
      return run(input.data as ToolInput<'run'>, bench, carried)
  }
}

/** What the model is told in place of a call that would write what stands for a secret. */
const whyWithheld = (words: string): string =>
  `${words} stands for a secret, or for what looks like one: it isn't shown to you and is never written. Leave lines that have it as they are, and edit around them. Code reads a secret from its environment; a test makes one up that can't be taken for real, or puts it together from parts. Nothing of this call was carried out.`

/** As {@link whyWithheld}, of a call that would write what stands for characters that don't show. */
const whyMarked = (mark: string): string =>
  `${mark} stands for characters that show as nothing, and is never written. Leave lines that have them as they are, and edit around them, or write such a line anew without them. Nothing of this call was carried out.`

async function readFiles({ paths }: ToolInput<'read_files'>, bench: Bench, carried: Carried): Promise<string> {
  const texts = await Promise.all(
    paths.map(async asked => {
      const { path, from, to } = readRange(asked)
      const file = await bench.worktree.read(path)
      if ('refused' in file) return `== ${asked}\n${file.refused}`
      carried.read.push(path)
      return `== ${asked}\n${numbered(bench.secrets.redact(file.text.replace(/^\uFEFF/, '')), from, to)}`
    }),
  )
  return cut(texts.join('\n\n'), longest.call, 'ask for fewer files')
}

function readRange(asked: string): { path: string; from: number; to: number } {
  const range = /^(.+):(\d+)-(\d+)$/.exec(asked)
  return range?.[1]
    ? { path: range[1], from: Number(range[2]), to: Number(range[3]) }
    : { path: asked, from: 1, to: Infinity }
}

function numbered(text: string, from: number, to: number): string {
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
  const shown = lines.slice(Math.max(0, from - 1), to).map((line, index) => `${Math.max(1, from) + index}\t${line}`)
  return cut(shown.join('\n'), longest.file, `the file has ${lines.length} lines: read a part, as path:from-to`)
}

async function search(input: ToolInput<'search'>, worktree: Worktree): Promise<string | Refusal> {
  const found = await worktree.search({
    pattern: input.pattern,
    glob: input.glob ?? null,
    ignoreCase: input.ignore_case ?? false,
    maxLines: longest.searchLines,
  })
  if ('refused' in found) return found
  if (found.lines.length === 0) return 'nothing matches'
  return found.lines.join('\n') + (found.more ? `\n… more than ${longest.searchLines} lines: narrow it down` : '')
}

async function listFiles(input: ToolInput<'list_files'>, worktree: Worktree): Promise<string | Refusal> {
  const paths = await worktree.list(input.glob ?? null)
  if ('refused' in paths) return paths
  if (paths.length === 0) return 'nothing matches'
  const more = paths.length - longest.listed
  return paths.slice(0, longest.listed).join('\n') + (more > 0 ? `\n… and ${more} more: narrow it down` : '')
}

async function editFile(input: ToolInput<'edit_file'>, bench: Bench, carried: Carried): Promise<string | Refusal> {
  const refused = mayNotWrite(input.path, bench)
  if (refused) return refused
  const file = await bench.worktree.read(input.path)
  if ('refused' in file) return file
  let text = file.text
  for (const [index, edit] of input.edits.entries()) {
    const times = text.split(edit.old).length - 1
    if (times !== 1) return { refused: `edit ${index + 1}: ${whyNot(text, edit.old, times)}. Nothing was changed.` }
    text = text.replace(edit.old, () => edit.new)
  }
  const written = await bench.worktree.write(input.path, text)
  if (written !== 'ok') return written
  carried.wrote = true
  return `${input.path}: ${input.edits.length === 1 ? 'edited' : `${input.edits.length} edits`}`
}

function whyNot(text: string, old: string, times: number): string {
  if (times > 1) return `\`old\` occurs ${times} times; give more of the lines around it`
  const first = old
    .split('\n')
    .find(line => line.trim() !== '')
    ?.trim()
  const near = first ? text.split('\n').findIndex(line => line.includes(first)) : -1
  return near < 0
    ? '`old` does not occur; read the file again'
    : `\`old\` does not occur as it is; line ${near + 1} has its first line, but what follows or the indentation differs`
}

async function writeFiles(input: ToolInput<'write_files'>, bench: Bench, carried: Carried): Promise<string | Refusal> {
  const said: string[] = []
  let refusals = 0
  for (const { path, content } of input.files) {
    const done =
      mayNotWrite(path, bench) ??
      (content === null ? await bench.worktree.remove(path) : await bench.worktree.write(path, content))
    if (done === 'ok') {
      carried.wrote = true
      said.push(`${path}: ${content === null ? 'deleted' : 'written'}`)
    } else {
      refusals++
      said.push(`${path}: ${done.refused}`)
    }
  }
  return refusals === 0 ? said.join('\n') : { refused: said.join('\n') }
}

function mayNotWrite(path: string, bench: Bench): Refusal | null {
  const verdict = mayTouch(path, bench.mayWrite.paths, bench.mayWrite.protectedPaths)
  switch (verdict) {
    case 'yes':
      return null
    case 'outside':
      return {
        refused: `outside the paths of your task (${bench.mayWrite.paths.join(', ')}). Do without it, or name it in \`notDone\` when you finish.`,
      }
    case 'protected':
    case 'never':
      return { refused: 'a protected path: only a person changes it. Name what it needs in `notDone` when you finish.' }
  }
}

async function run(input: ToolInput<'run'>, bench: Bench, carried: Carried): Promise<string | Refusal> {
  const timeoutSeconds = Math.min(input.timeout_seconds ?? bench.commandTimeoutSeconds, bench.commandTimeoutSeconds)
  const result = await bench.worktree.run(input.command, {
    timeoutSeconds,
    signal: bench.signal,
    image: bench.image ?? null,
  })
  if ('refused' in result) return result
  carried.wrote = true
  carried.commands.push({ command: input.command, exitCode: result.exitCode })
  const output = withoutColours(result.output)
  const end = result.timedOut ? `stopped after ${timeoutSeconds} s` : `exit code ${result.exitCode}`
  return `${output}${output.endsWith('\n') || output === '' ? '' : '\n'}[${end}]`
}

/** Without the sequences by which a terminal is told colours, places and titles. */
const withoutColours = (output: string): string =>
  output.replace(/\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[@-Z\\-_])/g, '')

const cut = (text: string, limit: number, advice: string): string =>
  text.length <= limit ? text : `${text.slice(0, limit)}\n… cut here: ${advice}`
