import type { Cost } from './usage.js'

/** How an agent's loop ended. Every limit is a named ending; none is a hang or an exception. */
export type LoopOutcome<Result> =
  | { kind: 'finished'; result: Result; cost: Cost; turns: number }
  /** A limit was reached: `limit` says which, `detail` in words with numbers. */
  | { kind: 'limit'; limit: 'turns' | 'tokens' | 'time' | 'money'; detail: string; cost: Cost; turns: number }
  /** The final answer did not fit its form, after it was asked again twice. */
  | { kind: 'bad-answer'; detail: string; cost: Cost; turns: number }
  /** The model declined. */
  | { kind: 'refused'; detail: string; cost: Cost; turns: number }
