import type { RunStanding } from './run-record.js'
import type { Phase } from './say/status-comment.js'

/**
 * Where a run is, for whoever runs the App: its phase, or how it ended. `broken`: its workflow threw. `halted`: the
 * engine was told to stop it, so that it stands still until it is resumed.
 */
export type RunState = Phase | 'broken' | 'halted'

/** One run, as whoever runs the App sees it. */
export interface RunView {
  id: string
  repository: { owner: string; name: string }
  issue: { number: number; title: string; url: string }
  state: RunState
  /** Whether it goes on by itself, or waits for people; else it has ended or stands still. */
  active: boolean
  /** ISO 8601. */
  begun: string
  ended: string | null
  seconds: number
  usd: number
  /** What it waits for, or how it ended, in its status comment's words. */
  notice: string | null
  failure: string | null
  tasks: RunStanding['tasks']
  pullRequest: string | null
}

/** One agent that was put to work for a run, each of its tries. */
export interface AgentView {
  id: string
  agent: string
  work: string
  state: 'at work' | 'ended' | 'broken' | 'halted'
  turns: number
  usd: number
  seconds: number
  failure: string | null
}

/** One step that a run's own workflow recorded. */
export interface StepView {
  number: number
  name: string
  /** ISO 8601; null where it isn't known. */
  at: string | null
  milliseconds: number
  failure: string | null
}

/** States that a list without further wishes leaves out: nobody has to do anything. */
export const isQuiet = (state: RunState): boolean =>
  ['done', 'rejected', 'cancelled', 'refused', 'stopped'].includes(state)

export const runStates: readonly RunState[] = [
  ...(['looking', 'planning', 'waiting-for-approval', 'asking', 'working', 'paused-failed'] as const),
  ...(['opening-pull-request', 'reviewing', 'done', 'rejected', 'cancelled', 'refused', 'stopped'] as const),
  ...(['broken', 'halted'] as const),
]
