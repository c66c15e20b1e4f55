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
  /** Brought by the repository; absent for those that come with the App. */
  origin?: 'repository'
}

/** An agent with all that its file says. */
export interface Agent extends AgentCard {
  /** The body: its prompt. */
  prompt: string
  tools: ToolName[]
  /** A model of its own, when its file names one. */
  model: string | null
  maxTurns: number | null
  /** Where it comes from, for people: `agents/core/code-reviewer.md`. */
  source: string
  /** The file of the App's own agent whose place it took. */
  replaces?: string
}

/** Who works for one repository, and what people should know of the files that they come from. */
export interface Team {
  /** The App's own in their order, each replaced where the repository has one of its name; then the repository's further ones. */
  agents: Agent[]
  problems: AgentFileProblem[]
}

/** What is wrong with an agent's file. */
export interface AgentFileProblem {
  file: string
  /** What, and what follows from it. */
  problem: string
  /** The file is used all the same, what is plain in it. */
  used: boolean
}

/** The tools there are, by the names the model calls them. */
export const toolNames = ['read_files', 'search', 'list_files', 'edit_file', 'write_files', 'run'] as const
export type ToolName = (typeof toolNames)[number]
