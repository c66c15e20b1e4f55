import type { RepositoryRef } from '../domain/repository.js'
import type { RequestBudgets, Window } from '../domain/request-budget.js'
import type { NotYet } from '../domain/wait.js'

/** One call of the model that an agent is about to make. */
export interface Call {
  /** Workflow ids. */
  agent: string
  run: string
  repository: RepositoryRef
  /** What the repository itself allows for a day, when that is less than the operator does. */
  repositoryUsdPerDay: number | null
  /** What all calls of the agent before this one came to, US dollars. */
  spentUsd: number
  /** What this one will probably cost. */
  usd: number
}

/**
 * Counts, over all processes on one database, what is spent in a day and who is at work, and holds it against the
 * operator's limits. Saying the same again changes nothing.
 */
export interface Wallet {
  /**
   * Sets the call's cost aside, in place of what was set aside for the agent's call before it, and takes the run's place
   * among those at work. Where the call may not be made now, nothing is set aside.
   */
  hold(call: Call): Promise<NotYet | null>
  /** Counts what an agent has cost in all, and sets nothing aside for it any more. */
  settle(agent: Pick<Call, 'agent' | 'repository' | 'spentUsd'>): Promise<void>
  /** Gives back a run's place until its next call. Returns a few runs that wait for one and may take it, the first in line first. */
  leave(run: string, repository: RepositoryRef): Promise<string[]>
  /** Counts a plan for an issue. Where there have been too many, it isn't counted: then the time when it could be. */
  countPlan(plan: { repository: number; issue: number; key: string }): Promise<string | null>
}

/** Counts, over all processes on one database, what each installation has asked of GitHub, and how long GitHub wants rest. */
export interface RequestLedger {
  /**
   * Takes the next moment at which a request is within the windows, if it comes within that time, and says how long it is
   * until then. Otherwise nothing is taken.
   */
  take(request: {
    installation: number
    what: keyof RequestBudgets
    windows: Window[]
    withinMs: number
  }): Promise<{ waitMs: number; taken: boolean }>
  /** Nothing (or nothing of that kind) is to be asked for so long. */
  pause(rest: { installation: number; what: string; ms: number }): Promise<void>
  /** What an installation is to be spared of still, and for how long. */
  pauses(installation: number): Promise<{ what: string; ms: number }[]>
}
