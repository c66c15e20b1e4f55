import { TransientError } from '../ports.js'
import { limitOf } from './refusal.js'

/** Spaces out the requests of each installation as GitHub asks. */
export interface Pacer {
  run<T>(installationId: number, kind: 'read' | 'write', work: () => Promise<T>): Promise<T>
}

/**
 * GitHub's rules for a good client (docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api): writes
 * at least a second apart, and after a limit was hit nothing at all until it has passed, or the App may be banned. So a write
 * waits for its turn, and during a pause every request ends at once as a {@link TransientError} that says how long the rest of
 * it is: the journal does the waiting, where a person can see it.
 */
export function createPacer(options: { writeSpacingMs: number }): Pacer {
  const lanes = new Map<number, { nextWrite: number; pausedUntil: number }>()

  return {
    async run(installationId, kind, work) {
      const lane = lanes.get(installationId) ?? { nextWrite: 0, pausedUntil: 0 }
      lanes.set(installationId, lane)
      if (kind === 'write') await turn(lane, options.writeSpacingMs)

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
    },
  }
}

async function turn(lane: { nextWrite: number }, spacingMs: number): Promise<void> {
  const now = Date.now()
  const mine = Math.max(now, lane.nextWrite)
  lane.nextWrite = mine + spacingMs
  if (mine > now) await new Promise(resolve => setTimeout(resolve, mine - now))
}
