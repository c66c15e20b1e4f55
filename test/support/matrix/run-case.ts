import type { Example } from '../../../src/cli/example.js'
import type { Case, Event } from './cases.js'
import type { Lane } from './lane.js'
import { faultsOf, readResult, sentAgain } from './outcome.js'
import { play, prepare } from './play.js'
import type { Watch } from './watched-crew.js'

export interface Verdict {
  name: string
  group: string
  /** In sentences; none where it passed. */
  faults: string[]
  /** Answers of the model that were asked for more than once: where several went wrong together, at most so many of them. */
  sentAgain: number
  /** What people had to do beyond approving the plan. */
  needed: string[]
  seconds: number
}

/** What the undisturbed run came to, which every other is held against. */
export interface Undisturbed {
  recorded: Event[]
  tree: string
  findings: number
}

/** Carries the example out undisturbed, and says what it passed and came to. */
export async function runUndisturbed(lane: Lane, example: Example, number: number): Promise<Undisturbed> {
  const recorded: Event[] = []
  const place = await prepare(lane, example, number)
  await lane.begin(nowhere, point => recorded.push({ point }))
  lane.gates.github.watch(request => recorded.push({ of: 'github', request }))
  lane.gates.model.watch(request => recorded.push({ of: 'model', request }))
  const since = { calls: lane.model.stats().requests.length }
  const played = await play(lane, place, { came: () => 0, isUnderWay: () => false })
  const result = await readResult(lane, place, played, since)
  const tree = result.branches[0]?.tree ?? ''
  const findings = result.pullRequests[0]?.findings ?? 0
  const faults = faultsOf(result, played, { tree, findings, mayCallAgain: 0, mayLack: [] })
  if (faults.length > 0) throw new Error(`Already the undisturbed run is wrong: ${faults.join('; ')}`)
  return { recorded, tree, findings }
}

/** Carries the example out while all of these go wrong, one after the other. */
export async function runJourney(
  lane: Lane,
  example: Example,
  { journey, number, undisturbed }: { journey: Case[]; number: number; undisturbed: Undisturbed },
): Promise<Verdict[]> {
  const began = performance.now()
  const faults: string[] = []
  const needed: string[] = []
  let again = 0
  let came = 0
  let trouble: Trouble | null = null
  try {
    const place = await prepare(lane, example, number)
    const before = { calls: lane.model.stats().requests.length, deliveries: lane.github.deliveries.length }
    const violations = lane.github.violations.length
    trouble = await makeTrouble(lane, journey, before.deliveries)
    const played = await play(lane, place, trouble)
    came = trouble.came()
    const missed = journey.slice(came)
    if (missed.length > 0) faults.push(`never came about: ${missed.map(({ name }) => name).join(', ')}`)
    const result = await readResult(lane, place, played, before)
    const mayCallAgain = journey.reduce((sum, one) => sum + one.mayCallAgain, 0)
    faults.push(...faultsOf(result, played, { ...undisturbed, mayCallAgain, mayLack: journey.flatMap(refused) }))
    needed.push(...played.needed.map(({ how, said }) => `${how}: ${said}`))
    if (played.runs.length === 1) again = sentAgain(result.calls)
    if (lane.github.violations.length > violations)
      faults.push(`GitHub takes no such request: ${JSON.stringify(lane.github.violations.slice(violations))}`)
  } catch (error) {
    const after = trouble ? ` (after ${trouble.came()} of ${journey.length})` : ''
    faults.push(`${error instanceof Error ? error.message : String(error)}${after}`)
  }
  trouble?.end()
  if (faults.length > 0) {
    faults.push(...lane.logged.slice(-20).map(line => `log: ${line.slice(0, 600)}`))
    // Nothing of it may go on into the next one.
    await lane.clear()
  }
  const seconds = (performance.now() - began) / 1000 / journey.length
  return journey.map(({ name, group, mayCallAgain }) => {
    const own = journey.length === 1 ? again : Math.min(again, mayCallAgain)
    return { name, group, faults, sentAgain: own, needed, seconds }
  })
}

/** What GitHub refuses that the App does without. */
function refused({ wrong }: Case): ('reaction' | 'lines')[] {
  if (wrong.kind !== 'disturbed' || typeof wrong.how === 'string' || !('answer' in wrong.how)) return []
  const { operation } = wrong.request
  const { status } = wrong.how.answer
  if (operation.endsWith('/reactions') && status < 429) return ['reaction']
  return operation.endsWith('/reviews') && status === 422 ? ['lines'] : []
}

const nowhere = { at: null, how: 'hold' } as const

interface Trouble {
  /** How many of them have come about. */
  came(): number
  /** @throws what kept it from coming about. */
  isUnderWay(): boolean
  /** Nothing more goes wrong. */
  end(): void
}

/** Sees to it that everything goes wrong that is to, in its order. */
async function makeTrouble(lane: Lane, journey: Case[], deliveriesBefore: number): Promise<Trouble> {
  let came = 0
  let underWay = false
  let ended = false
  let failure: Error | null = null
  const watchOf = (one: Case | undefined): Watch => {
    if (one?.wrong.kind === 'kill at step') return { at: one.wrong.at, how: 'kill' }
    return one?.wrong.kind === 'database away' ? { at: one.wrong.at, how: 'hold' } : nowhere
  }
  /** Resolves when the App is where it goes wrong. */
  const momentOf = ({ wrong }: Case): Promise<void> => {
    if (!('request' in wrong)) return lane.reached()
    const { of, request } = wrong
    const how = wrong.kind === 'disturbed' ? wrong.how : 'no answer'
    return new Promise(resolve => lane.gates[of].disturb({ ...request, how, reached: resolve }))
  }
  const goWrong = async (one: Case, next: Case | undefined): Promise<void> => {
    switch (one.wrong.kind) {
      case 'kill at step':
      case 'kill before answer':
        await lane.startAgain(watchOf(next))
        await lane.github.settled()
        // All that came before comes once more, and what could not be delivered meanwhile, too.
        for (const { id } of lane.github.deliveries.slice(deliveriesBefore)) lane.github.redeliver(id)
        return lane.github.settled()
      case 'database away':
        return lane.restartDatabase(() => lane.goOn(watchOf(next)))
      case 'disturbed':
    }
  }

  lane.gates.github.watch()
  lane.gates.model.watch()
  await lane.begin(watchOf(journey[0]))
  let moment = journey[0] && momentOf(journey[0])
  const all = async (): Promise<void> => {
    for (const [index, one] of journey.entries()) {
      await moment
      if (ended) return
      came++
      underWay = true
      const next = journey[index + 1]
      if (next && 'request' in next.wrong) moment = momentOf(next)
      await goWrong(one, next)
      if (next && !('request' in next.wrong)) moment = momentOf(next)
      underWay = false
    }
  }
  all().catch((error: Error) => (failure = error))
  return {
    came: () => came,
    isUnderWay() {
      if (failure) throw failure
      return underWay
    },
    end: () => void (ended = true),
  }
}
