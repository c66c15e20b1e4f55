import { setTimeout as sleep } from 'node:timers/promises'
import Anthropic from '@anthropic-ai/sdk'
import type { ModelAnswer } from '../domain/conversation.js'
import { type Model, TransientError } from '../ports.js'
import { explainFault, isThinkingRefused, SilentStreamError } from './faults.js'
import { toModelAnswer } from './messages-answer.js'
import { toMessagesRequest } from './messages-request.js'
import { priceOf } from './prices.js'

export interface AnthropicOptions {
  apiKey: string
  /** Where the API is; without it, `ANTHROPIC_BASE_URL` or Anthropic's own. */
  baseUrl?: string
  /** Told of every fault that is waited out. */
  log?: (message: string) => void
  fetch?: typeof fetch
  patience?: Partial<Patience>
}

interface Patience {
  /** How often a request is made in all while the API can't answer. */
  attempts: number
  /** Pause after the first fault, in seconds; each further one is twice as long. */
  firstPause: number
  /** The longest `retry-after` that is waited for here, in seconds; whoever asked is told of a longer one at once. */
  longestPause: number
  /** Seconds without a single byte, pings included, after which a stream is taken for dead. */
  silence: number
}

const patient: Patience = { attempts: 3, firstPause: 0.5, longestPause: 10, silence: 120 }

/** The SDK's own time limit ends with the headers; ours covers the whole stream, so the SDK's only must not be shorter. */
const sdkTimeout = 3_600_000

/**
 * The {@link Model} over Anthropic's Messages API, streaming.
 *
 * Short faults (a 429, a 5xx, an overload or a cut in the middle of a stream) are waited out here, three attempts in
 * all; after that, and for a stream that went silent or a longer `retry-after`, it throws a TransientError. What no
 * waiting mends is an Error that says what to change. An abort rejects at once with the signal's reason. Only the
 * answer that was finished counts in `usage`.
 */
export function createAnthropicModel(options: AnthropicOptions): Model {
  const patience = { ...patient, ...options.patience }
  const log = options.log ?? (() => {})
  const client = new Anthropic({
    apiKey: options.apiKey,
    // The key is given by hand; a token that lies in the environment for other programs must not be sent beside it.
    authToken: null,
    maxRetries: 0,
    timeout: sdkTimeout,
    ...(options.baseUrl && { baseURL: options.baseUrl }),
    ...(options.fetch && { fetch: options.fetch }),
  })

  return {
    price: priceOf,
    async answer(request, signal) {
      let body = toMessagesRequest(request)
      let thinking = true
      for (let attempt = 1; ; attempt++) {
        try {
          return await ask(client, { body, signal, silence: patience.silence })
        } catch (error) {
          signal.throwIfAborted()
          if (thinking && isThinkingRefused(error)) {
            thinking = false
            body = toMessagesRequest(request, { withoutThinking: true })
            log(
              `${request.model} refuses its earlier thinking because the conversation before it has changed; asked again without it.`,
            )
            continue
          }
          const fault = explainFault(error, { model: request.model, baseUrl: client.baseURL })
          const pause = pauseAfter(fault, attempt, patience)
          if (pause === null) throw fault
          log(`${fault.message} Asked again in ${pause.toFixed(1)} s (attempt ${attempt + 1} of ${patience.attempts}).`)
          await sleep(pause * 1000, undefined, { signal }).catch(() => signal.throwIfAborted())
        }
      }
    },
  }
}

interface Question {
  body: Anthropic.MessageCreateParamsNonStreaming
  signal: AbortSignal
  /** Seconds. */
  silence: number
}

async function ask(client: Anthropic, { body, signal, silence }: Question): Promise<ModelAnswer> {
  signal.throwIfAborted()
  const silent = new AbortController()
  const timer = setTimeout(() => silent.abort(), silence * 1000)
  const inputs = new Map<number, string>()
  try {
    const stream = client.messages.stream(body, {
      signal: AbortSignal.any([signal, silent.signal]),
      middleware: [async (request, next) => watchBytes(await next(request), () => timer.refresh())],
    })
    stream.on('streamEvent', event => {
      if (event.type === 'content_block_delta' && event.delta.type === 'input_json_delta') {
        inputs.set(event.index, (inputs.get(event.index) ?? '') + event.delta.partial_json)
      }
    })
    return toModelAnswer(await stream.finalMessage(), inputs)
  } catch (error) {
    if (!silent.signal.aborted) throw error
    throw new SilentStreamError(`The model's API at ${client.baseURL} sent nothing for ${silence} s.`, { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

/** The SDK drops pings before anybody sees them, so that the bytes themselves are watched. */
function watchBytes(response: Response, onBytes: () => void): Response {
  onBytes()
  if (!response.body) return response
  const watched = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      onBytes()
      controller.enqueue(chunk)
    },
  })
  return new Response(response.body.pipeThrough(watched), response)
}

/** Seconds until the next attempt; null when there is none. A silence has lasted long enough to be reported first. */
function pauseAfter(fault: Error, attempt: number, patience: Patience): number | null {
  if (!(fault instanceof TransientError) || fault instanceof SilentStreamError) return null
  if (attempt >= patience.attempts) return null
  if (fault.retryAfter !== undefined) return fault.retryAfter <= patience.longestPause ? fault.retryAfter : null
  // Callers that failed together must not come back together.
  return patience.firstPause * 2 ** (attempt - 1) * (0.75 + Math.random() / 4)
}
