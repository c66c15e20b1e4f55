/** After a start GitHub may still deliver what it tried in the moment before, and runs have taken up their work. */
const afterStartMs = 60_000
/** A request that hangs keeps nobody from leaving: what it would have found, the next look does. */
const stopWithinMs = 5_000

/** Looks a minute after the start, and then again and again; never where `minutes` is 0. */
export function lookRegularly(
  look: (when: { everyMinutes: number; first: boolean; signal: AbortSignal }) => Promise<void>,
  minutes: number,
): { stop(): Promise<void> } {
  let underWay: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  const stopping = new AbortController()
  const { signal } = stopping

  const lookIn = (milliseconds: number, first: boolean): void => {
    timer = setTimeout(() => {
      underWay = look({ everyMinutes: minutes, first, signal }).then(() => {
        // A little later than due, so that this process's last claim is never in its own way.
        if (!signal.aborted) lookIn(minutes * 60_000 + 1_000, false)
      })
    }, milliseconds)
  }
  if (minutes > 0) lookIn(afterStartMs, true)

  return {
    async stop() {
      stopping.abort()
      clearTimeout(timer)
      let late: NodeJS.Timeout | undefined
      await Promise.race([underWay, new Promise<void>(over => (late = setTimeout(over, stopWithinMs)))])
      clearTimeout(late)
    },
  }
}
