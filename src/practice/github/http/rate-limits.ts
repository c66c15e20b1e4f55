import { Refused } from './answer.js'
import type { Caller } from './caller.js'

/**
 * Limits to enforce, each installation and each person for themselves. What is left out isn't enforced; the headers are
 * always sent. GitHub's are said in brackets.
 */
export interface RateLimits {
  /** Requests an hour, REST and GraphQL each (5000). */
  perHour?: number
  /** Content-creating requests a minute (80). */
  contentPerMinute?: number
  /** Content-creating requests an hour (500). */
  contentPerHour?: number
  /** Points a minute: one for a request that reads, five for any other (900). */
  pointsPerMinute?: number
  /** How many times as fast time goes: at 60 an hour takes a minute. Default: 1. */
  timesAsFast?: number
  /** With which status secondary limits are refused. Default: 403. */
  secondaryStatus?: 403 | 429
}

/** What a request counts as. */
export interface Counted {
  method: string
  contentCreating: boolean
  resource: 'core' | 'graphql'
}

interface Bucket {
  since: number
  used: number
}

const HOUR = 3_600_000
const MINUTE = 60_000

/** Counts requests as GitHub does, and refuses those above the limits that were asked for. */
export class RateMeter {
  readonly #limits: RateLimits
  readonly #hour: number
  readonly #minute: number
  readonly #buckets = new Map<string, Bucket>()
  /** Times of what counts towards a secondary limit, oldest first. */
  readonly #recent = new Map<string, number[]>()

  constructor(limits: RateLimits) {
    this.#limits = limits
    this.#hour = HOUR / (limits.timesAsFast ?? 1)
    this.#minute = MINUTE / (limits.timesAsFast ?? 1)
  }

  /** Counts one request. Returns the headers that tell the caller how much is left; throws 403 above a limit. */
  count(caller: Caller, { method, contentCreating, resource }: Counted): Record<string, string> {
    const now = Date.now()
    const name = bucketName(caller)
    const bucket = this.#bucket(`${name} ${resource}`, now)
    const limit = this.#limits.perHour ?? (caller.kind === 'anonymous' ? 60 : 5000)
    bucket.used++
    const headers = {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(Math.max(0, limit - bucket.used)),
      'x-ratelimit-used': String(bucket.used),
      'x-ratelimit-reset': String(Math.ceil((bucket.since + this.#hour) / 1000)),
      'x-ratelimit-resource': resource,
    }
    if (this.#limits.perHour !== undefined && bucket.used > limit) {
      throw new Refused(403, 'API rate limit exceeded for installation.', { headers })
    }
    const { contentPerMinute, contentPerHour, pointsPerMinute } = this.#limits
    const points = method === 'GET' ? 1 : 5
    const within = (what: string, cost: number, allowed: number | undefined, ms: number): void =>
      this.#within({ key: `${name} ${what}`, cost, allowed, ms, now, headers })
    within('points', points, pointsPerMinute, this.#minute)
    if (!contentCreating) return headers
    within('content of a minute', 1, contentPerMinute, this.#minute)
    within('content of an hour', 1, contentPerHour, this.#hour)
    return headers
  }

  #within(asked: {
    key: string
    cost: number
    allowed: number | undefined
    ms: number
    now: number
    headers: Record<string, string>
  }): void {
    const { key, cost, allowed, ms, now, headers } = asked
    if (allowed === undefined) return
    const recent = (this.#recent.get(key) ?? []).filter(at => at > now - ms)
    this.#recent.set(key, recent)
    const oldest = recent[0]
    if (recent.length + cost > allowed && oldest !== undefined) {
      const retryAfter = String(Math.max(1, Math.ceil((oldest + ms - now) / 1000)))
      const status = this.#limits.secondaryStatus ?? 403
      throw new Refused(status, SECONDARY, { headers: { ...headers, 'retry-after': retryAfter } })
    }
    for (let point = 0; point < cost; point++) recent.push(now)
  }

  #bucket(name: string, now: number): Bucket {
    const known = this.#buckets.get(name)
    if (known !== undefined && known.since > now - this.#hour) return known
    const fresh = { since: now, used: 0 }
    this.#buckets.set(name, fresh)
    return fresh
  }
}

const SECONDARY =
  'You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later.'

function bucketName(caller: Caller): string {
  switch (caller.kind) {
    case 'installation':
      return `installation ${caller.token.installation.id}`
    case 'user':
      return `user ${caller.account.id}`
    case 'app':
    case 'anonymous':
      return caller.kind
  }
}
