import { event } from './events.js'

/** A fault that the scripted model plays, so that it can be seen how it is borne. */
export interface FaultRule {
  conversation: string
  /** Which request of that conversation, counted from 1, the failed ones included. */
  nth: number
  /** How many requests in a row, from that one on; one when left out. */
  times?: number
  /**
   * A status with Anthropic's body; `overloaded`: an error event in the middle of the stream; `cut`: the connection
   * breaks in the middle; `hang`: it stays open and nothing more comes; `too-long`: the conversation is more than the
   * model can read.
   */
  fault: 400 | 429 | 500 | 529 | 'overloaded' | 'cut' | 'hang' | 'too-long'
  /** Seconds, for the `retry-after` header of a 429, 500 or 529. */
  retryAfter?: number
}

/** Counts the requests of each conversation and says which of them fail. */
export function createFaults(): { add(rule: FaultRule): void; next(conversation: string): FaultRule | null } {
  const rules: FaultRule[] = []
  const counts = new Map<string, number>()
  return {
    add: rule => void rules.push(rule),
    next(conversation) {
      const count = (counts.get(conversation) ?? 0) + 1
      counts.set(conversation, count)
      return (
        rules.find(
          rule => rule.conversation === conversation && count >= rule.nth && count < rule.nth + (rule.times ?? 1),
        ) ?? null
      )
    },
  }
}

export const statusFault = (status: 400 | 429 | 500 | 529) => ({
  status,
  type: { 400: 'invalid_request_error', 429: 'rate_limit_error', 500: 'api_error', 529: 'overloaded_error' }[status],
  message: {
    400: 'Could not process this request.',
    429: 'This request would exceed your rate limit.',
    500: 'Internal server error',
    529: 'Overloaded',
  }[status],
})

export const tooLongFault = {
  status: 400,
  type: 'invalid_request_error',
  message: 'prompt is too long: 1000001 tokens > 1000000 maximum',
}

export const overloadedEvent = event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } })
