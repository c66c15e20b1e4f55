import { AsyncLocalStorage } from 'node:async_hooks'

/** What is being worked on: what every line of the log then carries. */
export interface Whereabouts {
  /** A run's id. */
  run?: string
  /** `owner/repository#7` */
  issue?: string
  /** A task's number, or `plan` or `review`. */
  task?: number | string
}

const storage = new AsyncLocalStorage<Whereabouts>()

/** Does the work so that all it logs, however deep, says what it belongs to. */
export const at = <T>(whereabouts: Whereabouts, work: () => T): T => storage.run(whereabouts, work)

export const whereabouts = (): Whereabouts => storage.getStore() ?? {}
