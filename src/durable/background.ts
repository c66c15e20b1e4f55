/** Work beside the workflows, and what has to come to an end before the engine stops. */
interface Background {
  /** What is under way now, here and in steps. Entries leave by themselves. */
  underWay: Set<Promise<void>>
  /** Runs `work`; a failure is logged as a problem while `what`. */
  run(what: string, work: () => Promise<unknown>): void
  /** Runs `work` again and again, never twice at the same time. */
  every(milliseconds: number, what: string, work: () => Promise<unknown>): void
  /** Starts nothing more, and waits for what is under way, but not for ever. */
  stop(graceMilliseconds: number): Promise<void>
}

export function startBackground(log: (line: string) => void): Background {
  const underWay = new Set<Promise<void>>()
  const timers: NodeJS.Timeout[] = []
  let stopped = false

  const run: Background['run'] = (what, work) => void running(what, work)
  const running = (what: string, work: () => Promise<unknown>): Promise<void> => {
    if (stopped) return Promise.resolve()
    const done = work()
      .then(() => {})
      .catch((error: unknown) => {
        if (!stopped) log(`Problem while ${what}: ${error instanceof Error ? error.message : String(error)}`)
      })
      .finally(() => underWay.delete(done))
    underWay.add(done)
    return done
  }

  return {
    underWay,
    run,
    every: (milliseconds, what, work) => {
      let busy = false
      const tick = async (): Promise<void> => {
        if (busy) return
        busy = true
        await running(what, work)
        busy = false
      }
      timers.push(setInterval(() => void tick(), milliseconds))
    },
    stop: async graceMilliseconds => {
      stopped = true
      timers.forEach(timer => clearInterval(timer))
      let timer: NodeJS.Timeout | undefined
      const grace = new Promise<void>(resolve => (timer = setTimeout(resolve, graceMilliseconds)))
      await Promise.race([Promise.all(underWay), grace])
      clearTimeout(timer)
    },
  }
}
