import type { CostPart, RunRecord } from '../domain/run-record.js'

/** The recorder of one workflow. Every call is numbered by its place in the code: the order must not depend on chance. */
export interface Journal {
  /** Id of this workflow. */
  readonly id: string
  /** Runs `work` and records what it returns (JSON). On a replay the record is returned and `work` is not run. Errors are retried with backoff while {@link isTransient} says so, then thrown. */
  step<T>(name: string, work: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** A step that changes the world outside. Whenever an earlier try may have happened (a crash, a lost answer), `find` is asked first. */
  effect<T>(name: string, effect: { find: () => Promise<T | null>; create: () => Promise<T> }): Promise<T>
  /** The next message sent to this workflow, however long that takes. Messages arrive in the order in which they were sent. */
  receive<T>(): Promise<T>
  /** Starts another workflow, once, under that id. */
  start(workflow: string, id: string, input: unknown): Promise<void>
  /** Leaves a message for a workflow, whether or not it listens yet. */
  send(id: string, message: unknown): Promise<void>
  /** Waits; a restart goes on with the rest of the wait. */
  sleep(milliseconds: number): Promise<void>
  /** Ends another workflow; its running step's signal fires. */
  cancel(id: string): Promise<void>
}

/** The engine as the front door and the operator see it. */
export interface Engine {
  /** Persists and starts a workflow. The same id again does nothing. Resolves when it is safe on disk. */
  start(workflow: string, id: string, input: unknown): Promise<void>
  send(id: string, message: unknown, idempotencyKey: string): Promise<void>
  /** Workflows whose id begins with `prefix`, oldest first; only those under way where that is asked for. */
  list(
    prefix: string,
    only?: 'active',
  ): Promise<{ id: string; state: 'active' | 'done' | 'failed' | 'cancelled'; input: unknown; output: unknown }[]>
  stop(): Promise<void>
}

/** What the App itself knows of its runs; it outlives their workflows. */
export interface RunBook {
  /** Writes down how a run stands, in place of what was written of it before. */
  put(record: RunRecord): Promise<void>
  /** Whether a run of that issue waits for an answer in a comment. */
  asks(repository: number, issue: number): Promise<boolean>
  /** The highest number of a run of that issue; 0 where there was none. */
  lastNumber(repository: number, issue: number): Promise<number>
  /** Runs of a repository that are under way, oldest first. */
  underWay(repository: number): Promise<RunRecord[]>
  /** Pull requests that runs of an issue came to, newest first. */
  pullRequestsOf(repository: number, issue: number): Promise<number[]>
  /** What the parts of each of the repository's finished runs cost, of the newest hundred. */
  costsOf(repository: number): Promise<CostPart[][]>
}
