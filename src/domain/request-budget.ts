/** At most so many requests within any such time. */
export interface Window {
  requests: number
  ms: number
}

/** What each installation's requests to GitHub are held within. */
export interface RequestBudgets {
  /** Requests that make what people see and may be notified of. */
  content: Window[]
  /** Blocks of {@link pointsPerBlock} points: one point for a reading request, five for a writing one. */
  points: Window[]
}

export const pointsPerBlock = 20

/**
 * Nine tenths of what GitHub allows (80 content-creating requests a minute and 500 an hour; 900 points a minute), because it
 * counts when a request reaches it, and not when it was let go
 * (docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits).
 */
export const usualBudgets: RequestBudgets = {
  content: [
    { requests: 72, ms: 60_000 },
    { requests: 450, ms: 3_600_000 },
  ],
  points: [{ requests: 40, ms: 60_000 }],
}

/** The first moment, not before `now`, at which one more request after all of `sent` (in their order) is within the windows. */
export function nextSlot(sent: number[], windows: Window[], now: number): number {
  return windows.reduce((earliest, { requests, ms }) => {
    const before = sent.at(-requests)
    return before === undefined ? earliest : Math.max(earliest, before + ms)
  }, now)
}

/** What of `sent` still counts. */
export function stillCounting(sent: number[], windows: Window[], now: number): number[] {
  const longest = Math.max(0, ...windows.map(({ ms }) => ms))
  return sent.filter(at => at > now - longest)
}

/** Milliseconds between two requests that keep within the windows for ever. */
export const steadyPace = (windows: Window[]): number =>
  Math.max(0, ...windows.map(({ requests, ms }) => ms / requests))
