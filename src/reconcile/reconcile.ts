import { deliveryId, type CrewEvent } from '../domain/event.js'
import { fullName, type RepositoryRef } from '../domain/repository.js'
import type { Engine, Looks, Overview, RunBook } from '../ports.js'
import { workflows, type RunInput } from '../workflow/world.js'
import { missedIn, somebody, type ReadComment } from './missed.js'
import { redeliverFailed } from './redeliver.js'

export interface ReconcileOptions {
  overview: Overview
  looks: Looks
  engine: Pick<Engine, 'start' | 'list'>
  asks: RunBook['asks']
  label: string
  isHandled: (event: string, action: string | null) => boolean
  readComment: ReadComment
  log: { info: (line: string) => void; warn: (line: string) => void }
}

/** GitHub keeps deliveries for three days, and so far back the first look at a repository goes. */
const daysBack = 3
/** Repositories are looked at that often, and more often only after a start: it takes a request for each. */
const compareEveryMinutes = 60
const compareAfterStartMinutes = 5
/** So much earlier than the last look begins each: GitHub lists new things late, and clocks differ. */
const overlapMinutes = 10

/**
 * Finds out what the App was not told while it was away, and has it done as if it had been: failed deliveries are asked for
 * again, and what there is in the repositories is compared with what is known. Any number of processes may do this; of what
 * they do at the same time one does each.
 */
export function createReconciler(options: ReconcileOptions): {
  /** One look. `everyMinutes`: not where one was begun so short a time ago. Failures are logged, and mended by the next; the signal ends it between two repositories. */
  look(when: { everyMinutes: number; first: boolean; signal?: AbortSignal }): Promise<void>
} {
  const { overview, looks, engine, asks, label, isHandled, readComment, log } = options

  return {
    async look({ everyMinutes, first, signal }) {
      await inCase('asking for failed deliveries', () => redeliver(everyMinutes))
      const minutes = first
        ? Math.min(everyMinutes, compareAfterStartMinutes)
        : Math.max(everyMinutes, compareEveryMinutes)
      await inCase('comparing', () => compare(minutes, signal))
    },
  }

  async function redeliver(everyMinutes: number): Promise<void> {
    const claim = await looks.claim('deliveries', everyMinutes)
    if (!claim) return
    // Always all three days: a redelivery that failed again, or was never made, shows among them.
    await redeliverFailed({
      overview,
      looks,
      since: minutesBefore(claim.now, daysBack * 24 * 60),
      isHandled,
      log: log.info,
    })
  }

  async function compare(everyMinutes: number, signal: AbortSignal | undefined): Promise<void> {
    const claim = await looks.claim('repositories', everyMinutes)
    if (!claim) return
    // Before the repositories: one that was added meanwhile would seem to be out of reach.
    const runs = await engine.list('run:', 'active')
    const repositories = await overview.repositories()
    await tellOfOutOfReach(
      runs.map(({ input }) => (input as RunInput).repository),
      repositories,
      claim.now,
    )
    for (const repository of repositories) {
      if (signal?.aborted) return
      await inCase(`comparing ${fullName(repository)}`, async () => {
        const what = `repository:${repository.id}`
        const last = await looks.last(what)
        const since = last ? minutesBefore(last, overlapMinutes) : minutesBefore(claim.now, daysBack * 24 * 60)
        const list = engine.list
        const missed = await missedIn(repository, { overview, list, since, label, readComment })
        for (const event of missed) await take(event)
        await looks.done(what, claim.now)
      })
    }
  }

  /** Runs whose repository is in no installation any more, or archived, will never come to an end. */
  async function tellOfOutOfReach(worked: RepositoryRef[], reached: RepositoryRef[], now: string): Promise<void> {
    const lost = new Map(worked.map(one => [one.id, one.installationId]))
    for (const { id } of reached) lost.delete(id)
    for (const [id, installationId] of lost) {
      const delivery = `found-lost-${id}-${now}`
      await take({
        kind: 'access-lost',
        delivery,
        installationId,
        repositories: [id],
        why: 'out-of-reach',
        by: somebody,
      })
    }
  }

  /** As the front door does with what GitHub delivers. */
  async function take(event: CrewEvent): Promise<void> {
    if (event.kind === 'remarked' && !(await asks(event.repository.id, event.issueNumber))) return
    await engine.start(workflows.delivery, deliveryId(event), event)
  }

  async function inCase(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      log.warn(`Problem while ${what}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

const minutesBefore = (iso: string, minutes: number): string =>
  new Date(Date.parse(iso) - minutes * 60_000).toISOString().replace(/\.\d+Z$/, 'Z')
