import { z } from 'zod'
import { GitHubRefusal, type RefusalKind, TransientError } from '../ports.js'

/**
 * What an error of a request to GitHub means: {@link TransientError} for what waiting may mend (5xx, 429, a limit that
 * passes, no answer), {@link GitHubRefusal} for what it won't, and the error itself where it isn't GitHub's.
 */
export function explain(error: unknown): unknown {
  if (error instanceof TransientError || error instanceof GitHubRefusal) return error
  const graphql = GraphqlFailure.safeParse(error)
  if (graphql.success) return explainGraphql(graphql.data, error)
  const failure = HttpFailure.safeParse(error)
  if (failure.success) return explainHttp(failure.data, error)
  // Octokit passes an abort on as it came.
  if (Timeout.safeParse(error).success) {
    return new TransientError('GitHub did not answer in time.', { cause: error })
  }
  return error
}

/**
 * Seconds after which GitHub wants to be asked again, when the error is one of its limits; else null. GitHub's rule:
 * `retry-after` where it is sent, else the reset time when nothing remains, else a minute
 * (docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api).
 */
export function limitOf(error: unknown, now: number = Date.now()): number | null {
  const failure = HttpFailure.safeParse(error)
  if (!failure.success) return null
  const { status, message, response } = failure.data
  if (status !== 403 && status !== 429) return null
  const headers = response?.headers ?? {}
  const retryAfter = Number(headers['retry-after'])
  if (retryAfter > 0) return retryAfter
  if (headers['x-ratelimit-remaining'] === '0') {
    return Math.max(1, Math.ceil(Number(headers['x-ratelimit-reset']) - now / 1000) + 1 || 60)
  }
  return status === 429 || /secondary rate limit|abuse detection/i.test(message) ? 60 : null
}

const WithHeaders = z.union([
  z.object({ headers: z.record(z.string(), z.unknown()) }).transform(({ headers }) => headers),
  z.object({ response: z.object({ headers: z.record(z.string(), z.unknown()) }) }).transform(it => it.response.headers),
])

/** The headers that came with an answer, or with the error that one became; none where there was none. */
export const headersOf = (answer: unknown): Record<string, unknown> => WithHeaders.safeParse(answer).data ?? {}

const Timeout = z.object({ name: z.enum(['TimeoutError', 'AbortError']) })

const HttpFailure = z.object({
  name: z.literal('HttpError'),
  status: z.number(),
  message: z.string(),
  request: z.object({ method: z.string(), url: z.string() }),
  response: z
    .object({
      headers: z.record(z.string(), z.union([z.string(), z.number()]).transform(String).optional()),
      data: z.unknown(),
    })
    .optional(),
})

const ErrorBody = z.object({
  message: z.string(),
  errors: z
    .array(z.union([z.string(), z.looseObject({ message: z.string().optional(), code: z.string().optional() })]))
    .optional()
    .catch(undefined),
})

function explainHttp(failure: z.infer<typeof HttpFailure>, cause: unknown): Error {
  const what = `${failure.request.method} ${new URL(failure.request.url).pathname}`
  if (!failure.response) return new TransientError(`GitHub could not be reached (${failure.message}).`, { cause })
  const { status } = failure
  if (status >= 500) {
    const retryAfter = Number(failure.response.headers['retry-after']) || undefined
    return new TransientError(`GitHub has a problem of its own (${status} to ${what}).`, {
      cause,
      ...(retryAfter === undefined ? {} : { retryAfter }),
    })
  }
  const retryAfter = limitOf(cause)
  if (retryAfter !== null) {
    return new TransientError(`GitHub asks to slow down (${status} to ${what}).`, { cause, retryAfter })
  }

  const body = ErrorBody.safeParse(failure.response.data)
  const message = body.success ? body.data.message : failure.message
  const reasons = body.success
    ? (body.data.errors ?? []).map(one => (typeof one === 'string' ? one : wordsOf(one)))
    : []
  const kind = kindOf({ status, words: [message, ...reasons].join('\n'), path: what })
  return new GitHubRefusal(sentence({ kind, what, message, reasons }), { kind, status, reasons, cause })
}

function kindOf(answer: { status: number; words: string; path: string }): RefusalKind {
  const { status, words, path } = answer
  if (status === 401) return 'unauthenticated'
  if (path.endsWith('/access_tokens')) return status === 422 ? 'forbidden' : 'not-installed'
  if (status === 403 && /\barchived\b/i.test(words)) return 'archived'
  if (status === 403 && /suspended/i.test(words)) return 'not-installed'
  if (status === 403 && /\blocked\b/i.test(words)) return 'locked'
  if (status === 403 || status === 451) return 'forbidden'
  if (status === 404 || status === 410) return 'not-found'
  if (status === 409) return /repository is empty/i.test(words) ? 'empty' : 'conflict'
  if (status === 422) return /already exists/i.test(words) ? 'exists' : 'validation'
  return 'other'
}

function sentence(refusal: { kind: RefusalKind; what: string; message: string; reasons: string[] }): string {
  const { kind, what, message, reasons } = refusal
  const said = [message, ...reasons].join('; ')
  switch (kind) {
    case 'archived':
      return 'The repository is archived, so nothing can be written to it. Unarchive it in its settings and try again.'
    case 'forbidden':
      return `GitHub does not allow the App to do this (${what}: “${said}”). The App needs write access to contents, issues and pull requests: look at its installation in the repository's settings, and at the branch rules.`
    case 'not-installed':
      return 'The App is not installed there any more, or its installation is suspended. Install it again in the settings of the account that owns the repository.'
    case 'unauthenticated':
      return `GitHub does not accept the App's credentials (${what}: “${said}”). Check that APP_ID and the private key belong together and that this machine's clock is right.`
    case 'not-found':
      return `GitHub has no such thing, or the App may not see it (${what}).`
    case 'locked':
      return 'The conversation is locked. Unlock it to go on.'
    case 'empty':
      return 'The repository has no commit yet. Push a first one and try again.'
    case 'exists':
    case 'validation':
    case 'conflict':
    case 'other':
      return `GitHub refused ${what}: ${said}`
  }
}

const GraphqlFailure = z.object({
  name: z.literal('GraphqlResponseError'),
  errors: z.array(z.object({ type: z.string().optional(), message: z.string() })).min(1),
})

function explainGraphql(failure: z.infer<typeof GraphqlFailure>, cause: unknown): Error {
  const said = failure.errors.map(one => one.message).join('; ')
  const types = failure.errors.map(one => one.type)
  if (types.includes('RATE_LIMITED')) {
    return new TransientError('GitHub asks to slow down (POST /graphql).', { cause, retryAfter: 60 })
  }
  if (/something went wrong while executing your query/i.test(said)) {
    return new TransientError('GitHub has a problem of its own (POST /graphql).', { cause })
  }
  const kind = types.includes('NOT_FOUND') ? 'not-found' : types.includes('FORBIDDEN') ? 'forbidden' : 'validation'
  const message = sentence({ kind, what: 'POST /graphql', message: said, reasons: [] })
  return new GitHubRefusal(message, { kind, status: 200, reasons: failure.errors.map(one => one.message), cause })
}

function wordsOf(error: Record<string, unknown> & { message?: string | undefined; code?: string | undefined }): string {
  const { message, resource, field, code } = error
  return message ?? [resource, field, code].filter(part => typeof part === 'string').join(' ')
}
