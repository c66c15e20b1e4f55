import type { Plan, PlanTask } from '../domain/plan.js'
import type { Report } from '../domain/report.js'
import type { SetupOrder, SetupOutcome } from '../domain/setup.js'
import type { SensitiveChange } from '../domain/sensitive-changes.js'
import type { FileChange } from '../ports.js'
import type { AgentEnd } from '../team/agent-work.js'
import type { Proposal } from './propose-plan.js'

/** What was approved, by whom, and the branch that it goes to. */
export interface Approved {
  plan: Plan
  /** The plan as it was posted, and what it was made from. */
  proposal: Proposal
  /** The approved tasks of it. */
  tasks: PlanTask[]
  /** Logins of those who approved. */
  by: string[]
  branch: BranchState
  setup: Setup | null
}

/** What the specialists' trees are furnished with, and what came of it. */
export interface Setup {
  order: SetupOrder
  outcome: SetupOutcome
}

/** The branch as the run knows it: it only ever moves on from here. */
export interface BranchState {
  name: string
  /** Commit of the default branch where it begins. */
  base: string
  /** Its newest commit; `base` until the first one. */
  head: string
  /** Tree of `head`. */
  tree: string
}

/** A file of a commit, as git says it. */
export type CommittedFile = Pick<FileChange, 'path' | 'status' | 'added' | 'deleted'>

export interface Committed {
  sha: string
  files: CommittedFile[]
  /** Lock files, and what runs by itself. */
  sensitive: SensitiveChange[]
}

/** What one task came to. */
export interface Delivered {
  task: PlanTask
  report: Report
  /** null when it changed nothing. */
  commit: Committed | null
  commands: AgentEnd['commands']
  leftOut: AgentEnd['leftOut']
}
