import { toolNames, type Agent, type AgentFileProblem, type Team, type ToolName } from '../../domain/agent.js'
import { agentKey } from '../../domain/agent-name.js'
import type { CrewConfig } from '../../domain/crew-yml.js'
import { modelNamed } from '../../domain/model-names.js'
import { customOf } from './agent-paths.js'
import { readAgentFile, type WrittenAgent } from './read-agent-file.js'
import type { AgentForm } from './tool-lists.js'

/** A file that may hold an agent. `text` is null where it isn't UTF-8 text. */
export interface AgentFile {
  path: string
  /** Whose custom it follows; told from its path where that isn't said. */
  form?: AgentForm
  text: string | null
}

/** Most agents of a repository: the tech lead reads the description of each, for every plan. */
const mostAgents = 60

const writingTools: readonly ToolName[] = ['edit_file', 'write_files', 'run']

/** Without a tool that writes, an agent can only look at what others did. */
export const roleFor = (tools: readonly ToolName[]): 'specialist' | 'reviewer' =>
  tools.some(tool => writingTools.includes(tool)) ? 'specialist' : 'reviewer'

/** What a reader keeps of its tools, whatever its file says. */
export const readingTools = (tools: readonly ToolName[]): ToolName[] =>
  tools.filter(tool => !writingTools.includes(tool))

/**
 * The team for a repository: the App's own agents and the repository's, of which one with the name of ours takes its
 * place. `files` in the order in which they count: of two with the same name the first that can be used is.
 *
 * The tech lead's place is taken by a prompt only, and a reviewer that takes a reviewer's place gets no tool that writes.
 * Every file that is not used, or not as it stands, is among the problems.
 */
export function assembleTeam(own: readonly Agent[], files: readonly AgentFile[], models: CrewConfig['models']): Team {
  const problems: AgentFileProblem[] = []
  const brought = new Map<string, Agent>()
  for (const file of files) {
    const { agent, notes } = readOne(file)
    if (agent) brought.set(agentKey(agent.name), agent)
    if (notes.length > 0) problems.push({ file: file.path, problem: notes.join('; '), used: agent !== null })
  }
  const ownKeys = new Set(own.map(agent => agentKey(agent.name)))
  return {
    agents: [
      ...own.map(agent => brought.get(agentKey(agent.name)) ?? agent),
      ...[...brought].filter(([key]) => !ownKeys.has(key)).map(([, agent]) => agent),
    ],
    problems,
  }

  function readOne({ path, form = customOf(path), text }: AgentFile): { agent: Agent | null; notes: string[] } {
    const unused = (problem: string): { agent: null; notes: string[] } => ({ agent: null, notes: [problem] })
    if (text === null) return unused('is no text in UTF-8, or too large')
    const read = readAgentFile({ path, form, text })
    if (!read.ok) return read.meantForPeople ? { agent: null, notes: [] } : unused(read.problem)
    const { agent: written, notes } = read
    const key = agentKey(written.name)
    const first = brought.get(key)
    if (first) return unused(`has the name of \`${first.source}\`, which is used`)
    if (brought.size >= mostAgents)
      return unused(
        `comes after ${mostAgents} other agents of the repository, and no more take part: the tech lead reads each one’s description for every plan`,
      )
    const replaced = own.find(agent => agentKey(agent.name) === key)
    const agent = placed(written, path, { replaced, models, notes })
    return typeof agent === 'string' ? unused(agent) : { agent, notes }
  }
}

/** The agent in its place; a sentence where it can't take it. */
function placed(
  { name, description, prompt, tools, models: wanted, maxTurns }: WrittenAgent,
  source: string,
  given: { replaced: Agent | undefined; models: CrewConfig['models']; notes: string[] },
): Agent | string {
  const { replaced, models, notes } = given
  const taken = { origin: 'repository' as const, source, ...(replaced && { replaces: replaced.source }) }
  if (replaced?.role === 'lead') {
    notes.push('takes the place of the tech lead’s prompt; its tools, model and turns stay the App’s')
    return { ...replaced, ...taken, prompt }
  }
  const mayUse = replaced?.role === 'reviewer' ? readingTools(tools ?? toolNames) : (tools ?? [...toolNames])
  if (mayUse.length === 0) return 'takes the place of a reviewer, who writes nothing, and has no tool that reads'
  if (tools && mayUse.length < tools.length)
    notes.push('takes the place of a reviewer, so its tools that write are left out')
  const role = roleFor(mayUse)
  return {
    name: replaced?.name ?? name,
    description,
    role,
    universal: role === 'specialist' && (replaced?.universal ?? false),
    prompt,
    tools: mayUse,
    model: chosenModel(wanted, models, notes),
    maxTurns,
    ...taken,
  }
}

/** The first of the wanted models that is known; null for the role's own. */
function chosenModel(wanted: string[], models: CrewConfig['models'], notes: string[]): string | null {
  const { short_names: shortNames, ...roles } = models
  const configured = [...Object.values(roles).map(role => role.model), ...Object.values(shortNames)]
  for (const name of wanted) {
    const found = modelNamed(name, { shortNames, configured })
    if (found !== 'unknown') return found.model
  }
  if (wanted.length > 0)
    notes.push(`the model ${wanted.map(name => `\`${name}\``).join(', ')} is not known: its role’s model is used`)
  return null
}
