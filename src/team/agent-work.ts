import type { AgentCard, ToolName } from '../domain/agent.js'
import type { Effort } from '../domain/conversation.js'
import type { LeftOut } from '../domain/left-out.js'
import type { LoopOutcome } from '../domain/outcome.js'
import type { PlanDraft } from '../domain/plan.js'
import type { Report } from '../domain/report.js'
import type { Review } from '../domain/review.js'
import type { SetupOrder } from '../domain/setup.js'
import type { CloneSource } from '../ports.js'

/** One agent put to work: everything it needs, as data, so that it can go on in another process. */
export interface AgentWork {
  /** For people and logs: `plan`, `task 2`, `review`. */
  title: string
  agent: string
  model: string
  effort: Effort
  /** The fixed part of every turn; byte-identical over the loop, so that the cache holds. */
  system: string
  /** The first message. */
  brief: string
  tools: ToolName[]
  /** Where it works. The same key again gives the same directory. */
  worktree: { source: CloneSource; key: string; tree: string }
  /** What a new directory is furnished with, where the repository has that. */
  setup?: SetupOrder
  /** Globs that it may write to, and those that no one may without the plan saying so. Empty for readers. */
  mayWrite: { paths: string[]; protectedPaths: string[] }
  ending: Ending
  limits: Limits
  commandTimeoutSeconds: number
  /** The image of its commands' containers, where they run in such. */
  image?: string | null
}

/**
 * How the agent ends: which form its `finish` call has, and what it is checked against. `mayAsk`: questions will do in
 * place of a plan. `handsTo` are the tasks that build on a report's task: without a hand-off for them it is asked for
 * once more.
 */
export type Ending =
  | { form: 'plan'; roster: AgentCard[]; mayAsk: boolean }
  | { form: 'report'; handsTo?: { number: number; title: string }[] }
  | { form: 'review' }

/** Each ends a loop as a named outcome. */
export interface Limits {
  turns: number
  /** Tokens in and out, cached ones too. */
  tokens: number
  minutes: number
  usd: number
}

export type PlanAnswer = { plan: PlanDraft } | { questions: string[] }

export type AgentResult =
  { form: 'plan'; answer: PlanAnswer } | { form: 'report'; report: Report } | { form: 'review'; review: Review }

export interface AgentEnd {
  outcome: LoopOutcome<AgentResult>
  /** The worktree as the agent left it. */
  tree: string
  /** Files it read, sorted. */
  read: string[]
  /** Commands it ran. */
  commands: { command: string; exitCode: number | null }[]
  /** What it made and no commit will hold, with the reasons. */
  leftOut: LeftOut[]
}
