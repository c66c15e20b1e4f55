import type { Phase, TaskState } from './say/status-comment.js'

/** How a run stands, for whoever runs the App: what its status comment shows people. */
export interface RunStanding {
  phase: Phase
  notice: string | null
  failure: string | null
  tasks: { number: number; title: string; agent: string; state: TaskState }[]
}

/** What is kept of a run for other runs of its repository, and for whoever runs the App, longer than the run's own records. Survives JSON. */
export interface RunRecord {
  /** The run's id. */
  id: string
  /** GitHub's number for the repository. */
  repository: number
  /** `title` as models may see it. */
  issue: { number: number; title: string }
  /** It has asked something, and takes a comment for the answer. */
  asking: boolean
  /** What its newest plan may touch, as globs; null before there is one. */
  plan: { paths: string[]; approved: boolean } | null
  /** Why it ended where GitHub could not be told; null else. */
  ended: string | null
  /** The pull request that it came to. */
  pullRequest: number | null
  /** What its parts cost, once it has come to its end with a pull request; null until then. */
  costs: CostPart[] | null
  standing: RunStanding
}

/** What one agent's part of a run has cost in all its tries. */
export interface CostPart {
  kind: 'plan' | 'task' | 'review'
  agent: string
  usd: number
}
