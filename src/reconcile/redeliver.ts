import type { Looks, Overview } from '../ports.js'

/** A delivery that fails again and again has something in it that the App can't take: people find it in the log. */
const mostTimes = 5

/**
 * Has GitHub deliver once more what failed since then. What a later try brought is left alone, and so is what has been
 * asked for too often. The usual look, where nothing failed, is one request.
 */
export async function redeliverFailed(options: {
  overview: Overview
  looks: Looks
  since: string
  /** Whether an event can concern the crew. */
  isHandled: (event: string, action: string | null) => boolean
  log: (line: string) => void
}): Promise<void> {
  const { overview, looks, since, isHandled, log } = options
  const failed = (await overview.deliveries(since, 'failure')).filter(({ event, action }) => isHandled(event, action))
  // The newest try of each.
  const newest = [...new Map(failed.toReversed().map(delivery => [delivery.guid, delivery])).values()]
  const wanted = []
  for (const delivery of newest) if (await looks.mayAsk(delivery, mostTimes)) wanted.push(delivery)
  if (wanted.length === 0) return

  const oldest = wanted.map(({ at }) => at).toSorted()[0] ?? since
  const taken = new Set((await overview.deliveries(oldest, 'success')).map(({ guid }) => guid))
  for (const delivery of wanted) {
    if (taken.has(delivery.guid)) continue
    await overview.redeliver(delivery.id)
    await looks.asked(delivery)
    log(`Asked GitHub to deliver ${delivery.guid} once more (${delivery.event}, failed at ${delivery.at})`)
  }
}
