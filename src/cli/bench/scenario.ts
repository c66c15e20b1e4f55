/** One thing that is measured, in a process of its own. */
export interface Scenario<Figures extends object> {
  /** For people. */
  title: string
  measure(): Promise<Figures>
  /** The figures as people read them, with what was to be reached. */
  rows(figures: Figures): Row[]
}

export interface Row {
  what: string
  measured: string
  target?: string
}

/** Ties measuring and showing together, so that the report needn't know what was measured. */
export const scenario = <Figures extends object>(given: Scenario<Figures>): Scenario<object> => ({
  ...given,
  rows: figures => given.rows(figures as Figures),
})

export const ms = (value: number): string => `${value.toFixed(value < 20 ? 1 : 0)} ms`
export const kb = (bytes: number): string => `${(bytes / 1000).toFixed(1)} KB`
export const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
export const count = (value: number): string => Math.round(value).toLocaleString('en')
export const percent = (share: number): string => `${(100 * share).toFixed(0)} %`
