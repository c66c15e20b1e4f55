import { TransientError } from '../ports.js'
import { limitOf } from './refusal.js'

/** Spaces out the requests of each installation as GitHub asks. */
export interface Pacer {
  run<T>(installationId: number, kind: 'read' | 'write', work: () => Promise<T>): Promise<T>
}

interface Lane {
  /** Settles when the last write is over and its pause has passed. */
  writes: Promise<void>
  pausedUntil: number
}

/**
 * GitHub's rules for a good client (docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api): writes
 * one after the other and a second apart, and after a limit was hit nothing at all until it has passed, or the App may be
 * banned. So a write waits for its turn, and during a pause every request ends at once as a {@link TransientError} that says
 * how long the rest of it is: the journal does the waiting, where a person can see it.
 *
 * `writeSpacingMs: 0` turns the first rule off, for a server of one's own.
 */
export function createPacer(options: { writeSpacingMs: number; sleep?: (ms: number) => Promise<void> }): Pacer {
  const { writeSpacingMs, sleep = wait } = options
  const lanes = new Map<number, Lane>()

  return {
    async run(installationId, kind, work) {
      const lane = lanes.get(installationId) ?? { writes: Promise.resolve(), pausedUntil: 0 }
      lanes.set(installationId, lane)
      if (kind === 'read' || writeSpacingMs === 0) return send(lane, work)

      const sent = lane.writes.then(() => send(lane, work))
      const over = () => sleep(writeSpacingMs)
      lane.writes = sent.then(over, over)
      return sent
    },
  }
}

async function send<T>(lane: Lane, work: () => Promise<T>): Promise<T> {
  const pause = lane.pausedUntil - Date.now()
  if (pause > 0) {
    const retryAfter = Math.ceil(pause / 1000)
    throw new TransientError(`GitHub asked to slow down; waiting ${retryAfter} s more.`, { retryAfter })
  }
  try {
    return await work()
  } catch (error) {
    const limit = limitOf(error)
    if (limit !== null) lane.pausedUntil = Date.now() + limit * 1000
    throw error
  }
}

function wait(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
