import { basename } from 'node:path/posix'
import type { ToolName } from '../../domain/agent.js'
import { agentName, longestAgentName } from '../../domain/agent-name.js'
import { cleanFile } from '../../domain/hidden-text.js'
import { withoutInvisible } from '../../domain/invisible.js'
import { descriptionFrom, longestDescription, rosterDescription } from './descriptions.js'
import { splitFrontMatter } from './front-matter.js'
import { readTools, type AgentForm } from './tool-lists.js'

/** What an agent's file says, before it has its place in a team. */
export interface WrittenAgent {
  name: string
  description: string
  prompt: string
  /** null: all there are. */
  tools: ToolName[] | null
  /** Models it asks for, the most wanted first, as they are written. */
  models: string[]
  maxTurns: number | null
}

export type ReadAgent =
  /** `notes` are the ends of sentences that begin with the file: what was mended, and what has no effect. */
  | { ok: true; agent: WrittenAgent; notes: string[] }
  /** `meantForPeople`: a page beside the agents, such as a README. */
  | { ok: false; problem: string; meantForPeople: boolean }

/**
 * Longest prompt, in characters. It is part of every turn that its agent takes, and GitHub takes no longer one either. A
 * longer one is refused whole: half a prompt says what its author never wrote, and what is forbidden often stands last.
 */
const longestPrompt = 30_000

/**
 * Reads an agent's Markdown file in either custom: YAML front matter, then its prompt.
 *
 * `name`, `description`, `tools`, `disallowedTools`, `model`, `maxTurns` and the body count; other keys are named in a
 * note, but for `color`. What is plain is understood, and noted; a file whose meaning isn't is refused with the reason.
 */
export function readAgentFile({ path, form, text }: { path: string; form: AgentForm; text: string }): ReadAgent {
  const notes: string[] = []
  let hidden = 0
  const seen = withoutInvisible(text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n'), () => hidden++)
  if (hidden > 0) notes.push(`holds ${hidden} characters that people can’t see; they were taken out`)
  const split = splitFrontMatter(seen)
  if (!split.ok) return { ok: false, problem: split.problem, meantForPeople: split.absent && isForPeople(path) }
  notes.push(...split.mended)
  const keys = new Keys(split.keys)
  const refused = (problem: string): ReadAgent => ({ ok: false, problem, meantForPeople: false })

  const barred = keys.bar()
  if (barred !== null) return refused(`says \`${barred}\`, so no agent may choose it`)
  const body = cleanFile(split.body)
  if (body.hidden.length > 0) notes.push('holds HTML comments, which its page doesn’t show; they were taken out')
  const prompt = body.text.trim()
  if (prompt === '') return refused('has no prompt: nothing stands below its front matter')
  if (prompt.length > longestPrompt)
    return refused(
      `its prompt has ${prompt.length} characters, and every turn pays for them: at most ${longestPrompt} are taken. Shorten it, or move examples into files that it can read`,
    )

  const file = basename(path).replace(/(\.agent)?\.md$/, '')
  // Copilot's files have a name for people there.
  const display = keys.text('name')
  const given = form === 'claude' ? display : null
  if (form === 'claude' && given === null) notes.push('has no `name`: its file’s name is taken')
  const name = agentName(given ?? file)
  if (name === '') return refused(`its name ${JSON.stringify(given ?? file)} has no letter or digit`)
  if (name.length > longestAgentName)
    return refused(`its name has ${name.length} characters; at most ${longestAgentName} are taken`)

  const said = rosterDescription(keys.text('description') ?? '')
  if (said.cut)
    notes.push(`its description is longer than ${longestDescription} characters: the tech lead reads its beginning`)
  const description = said.text || descriptionFrom(prompt)
  if (description === null) return refused('has no `description`, which says when to choose it')
  if (said.text === '') notes.push('has no `description`: its prompt’s first paragraph is taken')

  const tools = readAllowed(keys, form, notes)
  if (typeof tools === 'string') return refused(tools)
  const maxTurns = readMaxTurns(keys.take('maxturns'), notes)
  const models = readModels(keys.take('model'), notes)
  const ignored = keys.left()
  if (ignored.length > 0) notes.push(`${ignored.map(key => `\`${key}\``).join(', ')}: without effect here`)
  return { ok: true, agent: { name, description, prompt, tools, models, maxTurns }, notes }
}

const isForPeople = (path: string): boolean =>
  /^(README|CONTRIBUTING|CHANGELOG|LICENSE|AGENTS|CLAUDE)\b/i.test(basename(path))

/** The tools that a file gives; null for all; a sentence when that can't be told. */
function readAllowed(keys: Keys, form: AgentForm, notes: string[]): ToolName[] | null | string {
  const other = keys.take('allowedtools')
  const value = keys.take('tools') ?? other
  if (other !== null && value === other) notes.push('says `allowed-tools` for `tools`')
  const allowed = value === null ? { kind: 'all' as const } : readTools(value, form)
  const denied = readTools(keys.take('disallowedtools') ?? [], form)
  if (allowed.kind === 'wrong') return '`tools` is neither a list nor a text with commas'
  if (denied.kind === 'wrong') return '`disallowedTools` is neither a list nor a text with commas'
  if (denied.kind === 'all') return 'no tool is left to it: `disallowedTools` takes all'
  if (allowed.kind === 'some') {
    if (allowed.unknown.length > 0) notes.push(`${quoted(allowed.unknown)}: no such tool`)
    if (allowed.restricted.length > 0)
      notes.push(`${quoted(allowed.restricted)}: not given, since no tool can be given for some of its uses only`)
    if (allowed.tools.length === 0) return `no tool is left to it that exists here: it names ${namedIn(value)}`
  }
  const forbidden = [...denied.tools, ...denied.restricted.flatMap(name => wholly(name, form))]
  if (forbidden.length === 0) return allowed.kind === 'all' ? null : allowed.tools
  const pool = allowed.kind === 'all' ? everyTool : allowed.tools
  const left = pool.filter(tool => !forbidden.includes(tool))
  return left.length > 0 ? left : 'no tool is left to it: `disallowedTools` takes all that `tools` gives'
}

const everyTool: ToolName[] = ['read_files', 'search', 'list_files', 'edit_file', 'write_files', 'run']

/** A tool that is forbidden for some of its uses is forbidden: nothing else keeps to what its author wanted. */
function wholly(name: string, form: AgentForm): ToolName[] {
  const whole = readTools([name.replace(/\(.*$/, '')], form)
  return whole.kind === 'some' ? whole.tools : []
}

const quoted = (names: string[]): string => names.map(name => `\`${name}\``).join(', ')

const namedIn = (value: unknown): string => {
  const names = (Array.isArray(value) ? value.map(String) : [String(value)]).join(', ').trim()
  return names === '' ? 'none' : names.slice(0, 200)
}

function readMaxTurns(value: unknown, notes: string[]): number | null {
  if (value === null) return null
  const turns = typeof value === 'number' || typeof value === 'string' ? Number(value) : NaN
  if (Number.isInteger(turns) && turns >= 1) return turns
  notes.push(`\`maxTurns\` is ${JSON.stringify(value)}, not a whole number from 1: without effect`)
  return null
}

function readModels(value: unknown, notes: string[]): string[] {
  const models = (Array.isArray(value) ? value : value === null ? [] : [value]).filter(
    model => typeof model === 'string',
  )
  if (value !== null && models.length === 0) notes.push('`model` is no text: without effect')
  return models.map(model => model.trim()).filter(model => model !== '')
}

/** The keys of a front matter, whatever their case and separators; those that nobody takes are left. */
class Keys {
  readonly #values = new Map<string, { key: string; value: unknown }>()

  constructor(keys: Record<string, unknown>) {
    for (const [key, value] of Object.entries(keys))
      this.#values.set(key.toLowerCase().replace(/[-_]/g, ''), { key, value })
    // Says how it looks in a terminal.
    this.#values.delete('color')
  }

  /** A key with nothing behind it counts as left out: null. */
  take(name: string): unknown {
    const value = this.#values.get(name)?.value ?? null
    this.#values.delete(name)
    return value
  }

  text(name: string): string | null {
    const value = this.take(name)
    if (typeof value === 'number') return String(value)
    return typeof value === 'string' && value.trim() !== '' ? value : null
  }

  /** How the file says that no model may choose its agent; null when it doesn't. */
  bar(): string | null {
    const barring: [string, boolean][] = [
      ['disablemodelinvocation', true],
      ['infer', false],
      ['disabled', true],
    ]
    for (const [name, when] of barring) {
      const found = this.#values.get(name)
      this.#values.delete(name)
      if (found?.value === when) return `${found.key}: ${when}`
    }
    return null
  }

  left(): string[] {
    return [...this.#values.values()].map(({ key }) => key)
  }
}
