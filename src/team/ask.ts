import type { ModelAnswer, ModelRequest } from '../domain/conversation.js'
import type { Cost, Usage } from '../domain/usage.js'
import type { NotYet } from '../domain/wait.js'
import { PromptTooLongError, TransientError, type Model } from '../ports.js'
import { tokensOf } from './make-room.js'

/** Asked right before every call of the model: sets its cost aside, or says why it can't be made now. */
export type Permit = (call: { spentUsd: number; usd: number }) => Promise<NotYet | null>

/** What came of asking the model. One of the four is not null. */
export interface Asked {
  answer: ModelAnswer | null
  /** Why there is no answer yet, when waiting may mend it. */
  unavailable: { detail: string; retryAfter: number } | null
  /** Why the model wasn't asked. */
  notYet: NotYet | null
  /** Why there will be no answer. */
  tooLong: string | null
}

/** One call of the model, if it may be made. */
export async function ask(
  request: ModelRequest,
  { model, permit, before, signal }: { model: Model; permit: Permit | undefined; before: Before; signal: AbortSignal },
): Promise<Asked> {
  const none = { answer: null, unavailable: null, notYet: null, tooLong: null }
  const usd = permit ? model.price(request.model, expectedUsage(request, before)) : 0
  const notYet = (await permit?.({ spentUsd: before.cost.usd, usd })) ?? null
  if (notYet) return { ...none, notYet }
  try {
    return { ...none, answer: await model.answer(request, signal) }
  } catch (error) {
    if (error instanceof PromptTooLongError) return { ...none, tooLong: error.message }
    if (error instanceof TransientError)
      return { ...none, unavailable: { detail: error.message, retryAfter: error.retryAfter ?? 0 } }
    throw error
  }
}

/** What the calls before came to; `last` is the newest one's usage. */
export interface Before {
  cost: Cost
  last: Usage | null
}

/** An answer's length where there is nothing to go by. */
const usualAnswerTokens = 2_000

/**
 * What a call will probably use. What the last call read or wrote is read from the cache, what came since is written to
 * it, and the answer is as long as the longer of the agent's average and {@link usualAnswerTokens}.
 */
function expectedUsage({ system, tools, messages }: ModelRequest, { cost, last }: Before): Usage {
  const outputTokens = Math.max(usualAnswerTokens, cost.calls > 0 ? Math.ceil(cost.outputTokens / cost.calls) : 0)
  const known = last ? last.inputTokens + last.cacheReadTokens + last.cacheWriteTokens : 0
  const added = last
    ? last.outputTokens + tokensOf(messages.at(-1) ?? '')
    : tokensOf(system) + tokensOf(tools) + tokensOf(messages)
  return { inputTokens: 0, cacheReadTokens: known, cacheWriteTokens: added, outputTokens }
}
