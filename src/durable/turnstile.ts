/** Lets work through a few at a time, first come, first served. */
export type Turnstile = <T>(work: () => Promise<T>) => Promise<T>

/**
 * At most `atOnce` go on at the same time; the others wait for their turn. Work that takes longer than `patienceMs` (it
 * waits for the outside) goes on, but no longer counts: what comes after it must not wait for an outage to end.
 */
export function createTurnstile({ atOnce, patienceMs }: { atOnce: number; patienceMs: number }): Turnstile {
  const waiting: (() => void)[] = []
  let inside = 0

  return async work => {
    if (inside >= atOnce) await new Promise<void>(resolve => waiting.push(resolve))
    else inside++
    // Whoever leaves hands its place on, so that nobody slips in between.
    let left = false
    const leave = (): void => {
      if (left) return
      left = true
      const next = waiting.shift()
      if (next) next()
      else inside--
    }
    const timer = setTimeout(leave, patienceMs).unref()
    try {
      return await work()
    } finally {
      clearTimeout(timer)
      leave()
    }
  }
}
