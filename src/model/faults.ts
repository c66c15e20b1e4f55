import { isNativeError } from 'node:util/types'
import { APIConnectionError, APIError } from '@anthropic-ai/sdk'
import { PromptTooLongError, TransientError } from '../ports.js'

/** A stream that no byte came from for too long. */
export class SilentStreamError extends TransientError {}

/** Error types that a stream can end with although nothing but a changed request would mend them. */
const lasting = new Set([
  'invalid_request_error',
  'authentication_error',
  'permission_error',
  'not_found_error',
  'billing_error',
  'request_too_large',
])

/**
 * What went wrong, for the person who must act: a {@link TransientError} where waiting may mend it, else an error that
 * says what to change. Statuses and types: https://platform.claude.com/docs/en/api/errors
 */
export function explainFault(error: unknown, { model, baseUrl }: { model: string; baseUrl: string }): Error {
  if (error instanceof TransientError) return error
  if (error instanceof APIConnectionError) {
    return new TransientError(`The model's API at ${baseUrl} can't be reached: ${rootMessage(error)}.`, {
      cause: error,
    })
  }
  if (!(error instanceof APIError)) {
    return new TransientError(`The answer of the model's API at ${baseUrl} broke off: ${rootMessage(error)}.`, {
      cause: error,
    })
  }
  const { status, type } = error
  const said = `${status ?? 'in the stream'}${type ? ` ${type}` : ''}: ${error.apiMessage ?? error.message}${
    error.requestID ? ` (request ${error.requestID})` : ''
  }`
  if (isPassing(status, type)) {
    return new TransientError(`The model's API at ${baseUrl} can't answer now: ${said}`, {
      cause: error,
      ...retryAfterOf(error),
    })
  }
  const options = { cause: error }
  if (status === 401 || status === 403) {
    return new Error(
      `ANTHROPIC_API_KEY is refused by ${baseUrl} (${said}). Put a key into .env that is valid there and may use ${model}.`,
      options,
    )
  }
  if (status === 402 || type === 'billing_error') {
    return new Error(`${baseUrl} refuses to go on until its bill is paid (${said}).`, options)
  }
  if (status === 404) {
    return new Error(
      `The model "${model}" isn't known at ${baseUrl} (${said}). Name another one for this role in .github/crew.yml, or correct ANTHROPIC_BASE_URL.`,
      options,
    )
  }
  if (status === 413 || /prompt is too long|context (window|length)/i.test(error.message)) {
    return new PromptTooLongError(
      `The conversation is longer than ${model} can read (${said}). It needs a smaller task, or a model with a larger context.`,
      options,
    )
  }
  return new Error(`${baseUrl} refused the request to ${model} (${said}).`, options)
}

/**
 * Whether the API refused thinking because something before it has changed since
 * (https://platform.claude.com/docs/en/build-with-claude/preserved-thinking). The wording is the documented one.
 */
export const isThinkingRefused = (error: unknown): boolean =>
  error instanceof APIError &&
  error.status === 400 &&
  /bound to a different conversation|invalid `signature` in `(redacted_)?thinking` block/i.test(error.message)

function isPassing(status: number | undefined, type: string | null): boolean {
  if (status === undefined) return type === null || !lasting.has(type)
  return status === 408 || status === 409 || status === 429 || status >= 500
}

function retryAfterOf(error: APIError): { retryAfter?: number } {
  const header = error.headers?.get('retry-after')
  if (!header) return {}
  const seconds = Number.isNaN(Number(header)) ? (Date.parse(header) - Date.now()) / 1000 : Number(header)
  return Number.isFinite(seconds) ? { retryAfter: Math.max(0, seconds) } : {}
}

/** The innermost cause says what happened ("connect ECONNREFUSED 127.0.0.1:1"); the outer ones only that something did. */
function rootMessage(error: unknown): string {
  let root = error
  while (isNativeError(root) && isNativeError(root.cause)) root = root.cause
  if (!isNativeError(root)) return String(root)
  const code = 'code' in root ? String(root.code) : root.name
  return root.message.replace(/\.$/, '') || code
}
