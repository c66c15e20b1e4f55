/** Numbers as the report needs them. Lists may be empty; what can't be said of an empty list is 0. */

export const median = (values: readonly number[]): number => quantile(values, 0.5)

/** The smallest value that at least that share of all values doesn't exceed. `share` is between 0 and 1. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** Least-squares slope of a line through points. */
export function slope(points: readonly { x: number; y: number }[]): number {
  const meanX = sum(points.map(({ x }) => x)) / points.length
  const meanY = sum(points.map(({ y }) => y)) / points.length
  const spread = sum(points.map(({ x }) => (x - meanX) ** 2))
  return sum(points.map(({ x, y }) => (x - meanX) * (y - meanY))) / spread
}

/** Milliseconds in which at least one of the spans was open. */
export function covered(spans: readonly { from: number; to: number }[]): number {
  let total = 0
  let end = -Infinity
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    total += Math.max(0, to - Math.max(from, end))
    end = Math.max(end, to)
  }
  return total
}

/** To a tenth: more is noise. */
export const rounded = (value: number): number => Math.round(value * 10) / 10

/** Milliseconds of the machine's own clock, which is the same one in every process. */
export const machineClock = (): number => Number(process.hrtime.bigint()) / 1e6
