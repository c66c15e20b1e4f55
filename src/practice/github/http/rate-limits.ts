import { Refused } from './answer.js'
import type { Caller } from './caller.js'

/** Limits to enforce. What is left out isn't enforced; the headers are always sent. */
export interface RateLimits {
  /** Requests an hour, each installation and each person for themselves. */
  perHour?: number
  /** Content-creating requests a minute (GitHub: 80). */
  contentPerMinute?: number
}

const HOUR = 3_600_000
const MINUTE = 60_000

/** Counts requests as GitHub does, and refuses those above the limits that were asked for. */
export class RateMeter {
  readonly #limits: RateLimits
  readonly #buckets = new Map<string, { since: number; used: number; content: number[] }>()

  constructor(limits: RateLimits) {
    this.#limits = limits
  }

  /** Counts one request. Returns the headers that tell the caller how much is left; throws 403 above a limit. */
  count(caller: Caller, contentCreating: boolean): Record<string, string> {
    const now = Date.now()
    const bucket = this.#bucket(bucketName(caller), now)
    const limit = this.#limits.perHour ?? (caller.kind === 'anonymous' ? 60 : 5000)
    bucket.used++
    const reset = Math.ceil((bucket.since + HOUR) / 1000)
    const headers = {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(Math.max(0, limit - bucket.used)),
      'x-ratelimit-used': String(bucket.used),
      'x-ratelimit-reset': String(reset),
      'x-ratelimit-resource': 'core',
    }
    if (this.#limits.perHour !== undefined && bucket.used > limit) {
      throw new Refused(403, 'API rate limit exceeded for installation.', { headers })
    }
    if (contentCreating) this.#countContent(bucket, now, headers)
    return headers
  }

  #countContent(bucket: { content: number[] }, now: number, headers: Record<string, string>): void {
    const allowed = this.#limits.contentPerMinute
    if (allowed === undefined) return
    bucket.content = bucket.content.filter(at => at > now - MINUTE)
    const oldest = bucket.content[0]
    if (bucket.content.length >= allowed && oldest !== undefined) {
      const retryAfter = String(Math.max(1, Math.ceil((oldest + MINUTE - now) / 1000)))
      throw new Refused(403, SECONDARY, { headers: { ...headers, 'retry-after': retryAfter } })
    }
    bucket.content.push(now)
  }

  #bucket(name: string, now: number): { since: number; used: number; content: number[] } {
    const known = this.#buckets.get(name)
    if (known !== undefined && known.since > now - HOUR) return known
    const fresh = { since: now, used: 0, content: known?.content ?? [] }
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
