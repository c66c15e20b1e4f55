/** An agent as the plan knows it. */
export interface AgentCard {
  /** Lower case, words joined by `-`. */
  name: string
  /** When to choose it. */
  description: string
  /** `reviewer`: has no tool that writes, so that its task is a review of the finished work. */
  role: 'lead' | 'specialist' | 'reviewer'
  /** Stands in for a specialist that is missing. */
  universal: boolean
}

/** An agent with all that its file says. */
export interface Agent extends AgentCard {
  /** The body: its prompt. */
  prompt: string
  tools: ToolName[]
  /** A model of its own, when its file names one. */
  model: string | null
  maxTurns: number | null
  /** Where it comes from, for people: `agents/code-reviewer.md`. */
  source: string
}

/** The tools there are, by the names the model calls them. */
export const toolNames = ['read_files', 'search', 'list_files', 'edit_file', 'write_files', 'run'] as const
export type ToolName = (typeof toolNames)[number]
