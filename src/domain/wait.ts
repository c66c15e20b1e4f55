/** What an agent waits for before its next call of the model. Survives JSON. */
export type Wait = { for: 'model'; detail: string } | NotYet

/** Why a call of the model isn't made for now. */
export type NotYet =
  /** As many runs as may be are at work; `others` come before this one. */
  | { for: 'place'; where: 'repository' | 'installation'; others: number; atOnce: number }
  /** The call would pass what may be spent in a day. `setBy`: whose limit it is. */
  | { for: 'day'; setBy: DayBudget; usedUsd: number; limitUsd: number; renewsInMs: number; renewsAt: string }

export type DayBudget = 'crew.yml' | 'repository' | 'installation'
