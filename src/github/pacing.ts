import { pointsPerBlock, steadyPace, type RequestBudgets } from '../domain/request-budget.js'
import { TransientError, type RequestLedger } from '../ports.js'
import { headersOf, limitOf } from './refusal.js'

/** One request of an installation, as its limits see it. */
export interface PacedRequest {
  installation: number
  kind: 'read' | 'write'
  /** Whether it makes what people see and may be notified of. */
  content: boolean
  /** GitHub counts the two by themselves. */
  resource: 'core' | 'graphql'
}

/** Has each installation's requests keep within its limits; no installation waits for another. */
export interface Pacer {
  run<T>(request: PacedRequest, work: () => Promise<T>): Promise<T>
}

/** Longer waits are the journal's, which survives the process and tells people. */
const patienceMs = 5_000
/** GitHub's own limit is 100, over all processes. */
const atOnce = 30
/** What is left of an installation's hour for requests that are under way, and for other processes'. */
const reserveShare = 0.02
const everything = 'everything'

/**
 * GitHub's rules for a good client (docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api): writes
 * one after the other and a second apart, within what may be written and asked in a minute and an hour, and after a limit was
 * hit nothing at all until it has passed, or the App may be banned. So a write waits for its turn, and what would have to wait
 * for long ends at once as a {@link TransientError} that says how long: the journal does the waiting, where a person can see
 * it. Budgets and pauses are kept in the ledger, for all processes and for the next start.
 *
 * `writeSpacingMs: 0` turns the first rule off, for a server of one's own.
 */
export function createPacer(options: {
  writeSpacingMs: number
  budgets: RequestBudgets
  ledger: RequestLedger
  /** Told of every wait for a budget, in milliseconds. */
  onWait?: (ms: number) => void
  sleep?: (ms: number) => Promise<void>
}): Pacer {
  const { writeSpacingMs, sleep = wait } = options
  const lanes = new Map<number, Lane>()

  return {
    async run(request, work) {
      const { installation, kind } = request
      const lane = lanes.get(installation) ?? new Lane(installation, { ...options, sleep })
      lanes.set(installation, lane)
      if (kind === 'read') return lane.send(request, work)
      return lane.inTurn(writeSpacingMs, () => lane.send(request, work))
    },
  }
}

/** One installation's requests, in this process. */
class Lane {
  readonly #installation: number
  readonly #budgets: RequestBudgets
  readonly #ledger: RequestLedger
  readonly #sleep: (ms: number) => Promise<void>
  readonly #onWait: (ms: number) => void
  /** Settles when the last write is over and its pause has passed. */
  #writes: Promise<void> = Promise.resolve()
  /** Points of the block that was taken last. */
  #points = 0
  #counting: Promise<void> = Promise.resolve()
  /** Until when each resource, or everything, is to be spared: milliseconds since 1970. */
  readonly #paused = new Map<string, number>()
  #known: Promise<void> | null = null
  /** When those that were sent away may come again, one after the other. */
  #promised = 0
  #underWay = 0
  readonly #waiting: (() => void)[] = []

  constructor(
    installation: number,
    given: {
      budgets: RequestBudgets
      ledger: RequestLedger
      sleep: (ms: number) => Promise<void>
      onWait?: (ms: number) => void
    },
  ) {
    this.#installation = installation
    this.#budgets = given.budgets
    this.#ledger = given.ledger
    this.#sleep = given.sleep
    this.#onWait = given.onWait ?? (() => {})
  }

  /** One after the other, and so long apart. */
  inTurn<T>(spacingMs: number, work: () => Promise<T>): Promise<T> {
    if (spacingMs === 0) return work()
    const sent = this.#writes.then(work)
    const over = () => this.#sleep(spacingMs)
    this.#writes = sent.then(over, over)
    return sent
  }

  async send<T>(request: PacedRequest, work: () => Promise<T>): Promise<T> {
    await this.#knowPauses()
    this.#heedPauses(request)
    await this.#pay(request.kind === 'read' ? 1 : 5)
    if (request.content) await this.#take('content')
    await this.#enter()
    try {
      // What others have learnt meanwhile.
      this.#heedPauses(request)
      const answer = await work()
      this.#learn(request, headersOf(answer))
      return answer
    } catch (error) {
      this.#learn(request, headersOf(error))
      const limit = limitOf(error)
      if (limit !== null) this.#pause(everything, limit * 1000)
      throw error
    } finally {
      this.#underWay--
      this.#waiting.shift()?.()
    }
  }

  /** What was learnt before this process began, or by others. */
  #knowPauses(): Promise<void> {
    this.#known ??= this.#ledger.pauses(this.#installation).then(
      pauses => pauses.forEach(({ what, ms }) => this.#paused.set(what, Date.now() + ms)),
      (error: unknown) => {
        this.#known = null
        throw error
      },
    )
    return this.#known
  }

  #heedPauses({ resource }: PacedRequest): void {
    const until = Math.max(this.#paused.get(everything) ?? 0, this.#paused.get(resource) ?? 0)
    const ms = until - Date.now()
    if (ms > 0) throw slowDown(`GitHub asked to slow down; waiting until ${clock(until)} UTC.`, ms)
  }

  #pause(what: string, ms: number): void {
    const until = Date.now() + ms
    if (until <= (this.#paused.get(what) ?? 0)) return
    this.#paused.set(what, until)
    // The limit itself holds where this can't be kept.
    this.#ledger.pause({ installation: this.#installation, what, ms }).catch(() => {})
  }

  /** Stops before an hour's requests are used up. */
  #learn({ resource }: PacedRequest, headers: Record<string, unknown>): void {
    const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map(name =>
      Number(headers[`x-ratelimit-${name}`]),
    )
    if (limit === undefined || remaining === undefined || reset === undefined) return
    if (!(limit > 0) || !(remaining <= Math.ceil(limit * reserveShare))) return
    const ms = reset * 1000 + 1_000 - Date.now()
    if (ms > 0) this.#pause(resource, ms)
  }

  /** Takes what a request costs from the block at hand, or from a new one. */
  async #pay(points: number): Promise<void> {
    const paid = this.#counting.then(async () => {
      if (this.#points < points) {
        await this.#take('points')
        this.#points += pointsPerBlock
      }
      this.#points -= points
    })
    this.#counting = paid.catch(() => {})
    return paid
  }

  async #take(what: keyof RequestBudgets): Promise<void> {
    const windows = this.#budgets[what]
    if (windows.length === 0) return
    const asked = { installation: this.#installation, what, windows, withinMs: patienceMs }
    const { waitMs, taken } = await this.#ledger.take(asked)
    if (taken) {
      if (waitMs > 0) {
        this.#onWait(waitMs)
        await this.#sleep(waitMs)
      }
      return
    }
    // One after the other: they would all come at the same moment again.
    this.#promised = Math.max(this.#promised + steadyPace(windows), Date.now() + waitMs)
    const ms = this.#promised - Date.now()
    this.#onWait(ms)
    throw slowDown('What may be written to GitHub in an hour is used up for the moment; it goes on by itself.', ms)
  }

  async #enter(): Promise<void> {
    if (this.#underWay >= atOnce) await new Promise<void>(resolve => this.#waiting.push(resolve))
    this.#underWay++
  }
}

const slowDown = (message: string, ms: number): TransientError =>
  new TransientError(message, { retryAfter: Math.max(1, Math.ceil(ms / 1000)) })

const clock = (at: number): string => new Date(at).toISOString().slice(11, 16)

function wait(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
