import type { ModelAnswer, ModelRequest } from '../domain/conversation.js'
import type { Usage } from '../domain/usage.js'

export interface Model {
  /**
   * One answer. Waits out overload and rate limits within itself for a short while; throws {@link TransientError} after
   * that, {@link PromptTooLongError} where only sending less helps, Error for what else no waiting mends.
   */
  answer(request: ModelRequest, signal: AbortSignal): Promise<ModelAnswer>
  /** US dollars for that much of that model. Unknown models cost as the dearest known one. */
  price(model: string, usage: Usage): number
}

/** A fault of the outside that waiting may mend: a 5xx, a 429, a cut connection. */
export class TransientError extends Error {
  override readonly name = 'TransientError'
  /** Seconds after which to try again, where the other side said so. */
  readonly retryAfter: number | undefined
  constructor(message: string, options: { cause?: unknown; retryAfter?: number } = {}) {
    super(message, { cause: options.cause })
    this.retryAfter = options.retryAfter
  }
}

/** The conversation is longer than the model can read. */
export class PromptTooLongError extends Error {
  override readonly name = 'PromptTooLongError'
}
