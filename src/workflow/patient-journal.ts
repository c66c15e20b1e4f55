import { TransientError, type Journal } from '../ports.js'

/**
 * The journal of a run, whose waits people learn of. What fails for a reason that waiting may mend is tried again as
 * any journal does; when that has not helped for a few seconds, `tell` is told what is waited for, and null once it is
 * over. Each round is a record of its own, so that a replay takes the same way.
 */
export function patientJournal(journal: Journal, tell: (detail: string | null) => Promise<void>): Journal {
  return {
    ...journal,
    step: (name, work) => inRounds((round, guard) => journal.step(inRound(name, round), guard(work))),
    effect: <T>(name: string, { find, create }: { find: () => Promise<T | null>; create: () => Promise<T> }) =>
      inRounds<T>((round, guard) => {
        // A round before this one may have done it without learning so.
        if (round > 1)
          return journal.step(
            inRound(name, round),
            guard(async () => (await find()) ?? (await create())),
          )
        const found = guard(find)
        return journal.effect<Outcome<T>>(name, {
          find: async () => {
            const outcome = await found()
            return 'value' in outcome ? present(outcome.value) : outcome
          },
          create: guard(create),
        })
      }),
  }

  async function inRounds<T>(attempt: (round: number, guard: Guard) => Promise<Outcome<T>>): Promise<T> {
    let waited = 0
    for (let round = 1; ; round++) {
      const outcome = await attempt(round, guardOf(round))
      if (!('waiting' in outcome)) {
        if (waited > 0) await tell(null)
        return outcome.value
      }
      const { detail, seconds } = outcome.waiting
      if (waited > longestWait) throw new Error(detail)
      await tell(detail)
      await journal.sleep(seconds * 1000)
      waited += seconds
    }
  }
}

/** Turns failures that are worth waiting for into values. */
type Guard = <Given extends unknown[], T>(
  work: (...given: Given) => Promise<T>,
) => (...given: Given) => Promise<Outcome<T>>

type Outcome<T> = { value: T } | { waiting: { detail: string; seconds: number } }

/** Seconds after which there is no more hope: as long as any step is tried. */
const longestWait = 24 * 60 * 60

/** Failures that are not worth a word: with the journal's own pauses between them they take about three seconds. */
const quietFailures = 2

/** One count of failures for all that is done in a round. */
function guardOf(round: number): Guard {
  let failures = 0
  return work =>
    async (...given) => {
      try {
        return { value: await work(...given) }
      } catch (error) {
        if (!(error instanceof TransientError)) throw error
        const { message: detail, retryAfter = 0 } = error
        if (round === 1 && ++failures <= quietFailures && retryAfter < 10) throw error
        return { waiting: { detail, seconds: Math.max(retryAfter, Math.min(60, 2.5 * 2 ** round)) } }
      }
    }
}

/** What was found, told apart from nothing found. */
const present = <T>(value: T | null): { value: T } | null => (value === null ? null : { value })

const inRound = (name: string, round: number): string => (round === 1 ? name : `${name}, round ${round}`)
