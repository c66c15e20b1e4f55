import { toolNames, type ToolName } from '../../domain/agent.js'

/** Which of the two customs a file follows. They mean different things by `edit`, and name their agents differently. */
export type AgentForm = 'copilot' | 'claude'

export type ToolList =
  | { kind: 'all' }
  /** `unknown` are names of no tool; `restricted` were given for some arguments only, which can't be held to here. */
  | { kind: 'some'; tools: ToolName[]; unknown: string[]; restricted: string[] }
  | { kind: 'wrong' }

/** Claude Code's tools, and what they are here. https://code.claude.com/docs/en/tools-reference */
const claudeTools: Record<string, ToolName[]> = {
  read: ['read_files'],
  notebookread: ['read_files'],
  grep: ['search'],
  glob: ['list_files'],
  ls: ['list_files'],
  edit: ['edit_file'],
  multiedit: ['edit_file'],
  notebookedit: ['edit_file'],
  write: ['write_files'],
  bash: ['run'],
  powershell: ['run'],
}

/**
 * Copilot's aliases and, behind them, the names of its editor; case doesn't count. The names that Claude Code uses mean
 * the same in its files.
 * https://docs.github.com/en/copilot/reference/custom-agents-configuration#tool-aliases
 */
const copilotTools: Record<string, ToolName[]> = {
  ...claudeTools,
  read: ['read_files'],
  search: ['search', 'list_files'],
  grep: ['search', 'list_files'],
  glob: ['search', 'list_files'],
  edit: ['edit_file', 'write_files'],
  multiedit: ['edit_file', 'write_files'],
  write: ['edit_file', 'write_files'],
  execute: ['run'],
  shell: ['run'],
  codebase: ['search', 'list_files'],
  editfiles: ['edit_file', 'write_files'],
  runcommands: ['run'],
}

/** Tools that exist elsewhere, for what the crew has no use for: the web, other agents, lists of one's own. */
const elsewhere =
  /^(agent|task|custom-agent|web|webfetch|websearch|fetch|todo|todowrite|todos|skill|askuserquestion|exitplanmode|enterplanmode|bashoutput|killshell|killbash|lsp|toolsearch|slashcommand|mcp__.*|.+\/.*)$/

/**
 * Reads what a file says of tools: a list, or a text with commas. Names of tools that exist in neither custom come back
 * as `unknown`; those that exist but are not offered here are left out without a word.
 */
export function readTools(value: unknown, form: AgentForm): ToolList {
  const names = namesIn(value)
  if (!names) return { kind: 'wrong' }
  if (names.some(name => /^(\*|all( tools)?)$/i.test(name))) return { kind: 'all' }
  const byName = form === 'claude' ? claudeTools : copilotTools
  const found = new Set<ToolName>()
  const unknown: string[] = []
  const restricted: string[] = []
  for (const name of names) {
    const [bare = '', specifier] = name.split(/\((.*)\)$/)
    const tools = byName[bare.trim().toLowerCase()] ?? (form === 'copilot' ? ofGroup(bare) : undefined)
    if (tools && specifier !== undefined && specifier !== '*') restricted.push(name)
    else if (tools) tools.forEach(tool => found.add(tool))
    else if (!elsewhere.test(bare.trim().toLowerCase())) unknown.push(name)
  }
  return { kind: 'some', tools: toolNames.filter(tool => found.has(tool)), unknown, restricted }
}

/** The editor groups its tools under the aliases: `edit/editFiles`, `search/codebase`. */
function ofGroup(name: string): ToolName[] | undefined {
  const group = /^(read|search|edit|execute)\//i.exec(name.trim())?.[1]
  return group === undefined ? undefined : copilotTools[group.toLowerCase()]
}

function namesIn(value: unknown): string[] | null {
  const listed: unknown[] | null = typeof value === 'string' ? [value] : Array.isArray(value) ? value : null
  if (!listed?.every(name => typeof name === 'string')) return null
  return listed
    .flatMap(splitNames)
    .map(name => name.trim().replace(/^(["'])(.*)\1$/, '$2'))
    .filter(name => name !== '')
}

/** `Read, Bash(git log:*, git diff:*)` → `Read`, `Bash(git log:*, git diff:*)`. Blanks part names where no comma does. */
function splitNames(text: string): string[] {
  const inner = text.replace(/^\s*\[(.*)\]\s*$/s, '$1')
  if (/^all tools$/i.test(inner.trim())) return [inner]
  if (!/[,(]/.test(inner)) return inner.split(/\s+/)
  return inner.match(/(?:\([^)]*(?:\)|$)|[^,(])+/g) ?? []
}
