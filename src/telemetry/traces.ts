import type { Journal } from '../ports.js'

/** What is told of a span: numbers, names and ids, never what people or models wrote. */
export type Attributes = Record<string, string | number | boolean | string[]>

export interface SpanFacts {
  /** Of a few words, the same for all of its kind. */
  name: string
  /** `client`: something else was asked, and did the work. */
  kind?: 'internal' | 'client'
  attributes: Attributes
}

/** One execution of a workflow. */
export interface TracedWorkflow {
  /** The workflow's id. */
  id: string
  /** The run that it is, or works for; null where there is none. All of a run's spans are in one trace, whose id is made of the run's. */
  run: string | null
  facts: SpanFacts
  /** Milliseconds since 1970 at which it was asked for. Only for a run. */
  since?: number
}

/** What the App does, as spans. */
export interface Traces {
  /**
   * Carries out a workflow, whose spans then hang together. A replay shows nothing of what was done before: the workflow's
   * own span begins with the first step that is really taken.
   */
  workflow<T>(traced: TracedWorkflow, journal: Journal, work: (journal: Journal) => Promise<T>): Promise<T>
  /** From here on, what that run does belongs to another phase. */
  phase(run: string, phase: string): void
  /** Does the work as a part of what is under way; `note` adds what is known only afterwards. */
  span<T>(facts: SpanFacts, work: (note: (attributes: Attributes) => void) => Promise<T>): Promise<T>
  /** Tells of a part of what is under way that is over, and took so many milliseconds. */
  tell(facts: SpanFacts, ms: number): void
  /** Ends what is open, marked as interrupted, and sends all of it, for a few seconds at most. */
  stop(): Promise<void>
}

/** Nobody watches. */
export const noTraces: Traces = {
  workflow: (_traced, journal, work) => work(journal),
  phase: () => {},
  span: (_facts, work) => work(() => {}),
  tell: () => {},
  stop: async () => {},
}
