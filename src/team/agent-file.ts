import { parse } from 'yaml'
import { z } from 'zod'
import type { Agent, ToolName } from '../domain/agent.js'

/** The front matter that Claude Code subagents use. */
const FrontMatter = z.object({
  name: z.string().min(1),
  description: z.string().min(1),
  tools: z.union([z.string(), z.array(z.string())]).optional(),
  disallowedTools: z.union([z.string(), z.array(z.string())]).optional(),
  model: z.string().min(1).optional(),
  maxTurns: z.int().min(1).optional(),
})

/** Claude Code's tool names, and what they are here. */
const toolsByName: Record<string, ToolName[]> = {
  read: ['read_files'],
  grep: ['search'],
  glob: ['list_files'],
  ls: ['list_files'],
  edit: ['edit_file'],
  multiedit: ['edit_file'],
  write: ['write_files'],
  bash: ['run'],
}
const everyTool: ToolName[] = ['read_files', 'search', 'list_files', 'edit_file', 'write_files', 'run']
const writingTools: ToolName[] = ['edit_file', 'write_files', 'run']

/** The one who plans, and the one who stands in. */
const leadName = 'tech-lead-orchestrator'
const universalName = 'backend-developer'

/**
 * Reads an agent's Markdown file: YAML front matter, then its prompt.
 *
 * An agent with no tool that writes is a reviewer; whatever its file says, the reviewer and the tech lead get none.
 * `source` is how people are told where it came from.
 */
export function readAgentFile(
  text: string,
  source: string,
): { ok: true; agent: Agent } | { ok: false; problem: string } {
  const parts = /^---\r?\n([\s\S]*?)\r?\n---[ \t]*\r?\n([\s\S]*)$/.exec(text)
  if (!parts?.[1] || parts[2] === undefined)
    return { ok: false, problem: `${source}: no YAML front matter between two lines of ---` }
  let matter: unknown
  try {
    matter = parse(parts[1])
  } catch (error) {
    return { ok: false, problem: `${source}: the front matter is not YAML: ${(error as Error).message}` }
  }
  const read = FrontMatter.safeParse(matter)
  if (!read.success) {
    const issue = read.error.issues[0]
    return { ok: false, problem: `${source}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}` }
  }
  const { name, description, model, maxTurns } = read.data
  const allowed = read.data.tools === undefined ? everyTool : named(read.data.tools)
  const forbidden = named(read.data.disallowedTools ?? [])
  const tools = everyTool.filter(tool => allowed.includes(tool) && !forbidden.includes(tool))
  const writes = tools.some(tool => writingTools.includes(tool))
  const role = name === leadName ? 'lead' : writes ? 'specialist' : 'reviewer'
  return {
    ok: true,
    agent: {
      name,
      description,
      role,
      universal: name === universalName,
      prompt: parts[2].trim(),
      tools: role === 'specialist' ? tools : tools.filter(tool => !writingTools.includes(tool)),
      model: model && model !== 'inherit' ? model : null,
      maxTurns: maxTurns ?? null,
      source,
    },
  }
}

const named = (tools: string | string[]): ToolName[] =>
  (typeof tools === 'string' ? tools.split(',') : tools).flatMap(name => toolsByName[name.trim().toLowerCase()] ?? [])
