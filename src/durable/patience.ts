import { TransientError } from '../ports.js'

/** A step waits before it is tried again. */
export interface Waiting {
  error: Error
  /** Seconds until the next try. */
  seconds: number
}

/**
 * Does `work`, again and again while it fails for a reason that waiting may mend: after as long as the error says, else
 * after 1 s, doubling to 60 s, with some chance in it so that many waiters don't come back at once. Gives up after 24 h.
 *
 * @param options.signal is handed to `work`; `waits` is heeded between two tries.
 * @throws the last error; a signal's reason when it fires.
 */
export async function patiently<T>(
  work: (signal: AbortSignal) => Promise<T>,
  options: { signal: AbortSignal; waits: AbortSignal; onWait: (wait: Waiting) => void },
): Promise<T> {
  const giveUp = Date.now() + 24 * 60 * 60 * 1000
  for (let attempt = 0; ; attempt++) {
    try {
      return await work(options.signal)
    } catch (error) {
      options.signal.throwIfAborted()
      if (!(error instanceof TransientError)) throw error
      const seconds = error.retryAfter ?? Math.min(2 ** attempt, 60) * (0.75 + Math.random() / 2)
      if (Date.now() + seconds * 1000 > giveUp) throw error
      options.onWait({ error, seconds })
      await sleepUntil(Date.now() + seconds * 1000, options.waits)
    }
  }
}

/** Waits until a moment (milliseconds since 1970). Throws the signal's reason when that fires. */
export async function sleepUntil(moment: number, signal: AbortSignal): Promise<void> {
  while (Date.now() < moment) {
    signal.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => {
          signal.removeEventListener('abort', abort)
          resolve()
        },
        Math.min(moment - Date.now(), LONGEST_TIMER_MS),
      )
      const abort = () => {
        clearTimeout(timer)
        reject(signal.reason as Error)
      }
      signal.addEventListener('abort', abort, { once: true })
    })
  }
}

/** Node fires timers that are longer than this at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1
