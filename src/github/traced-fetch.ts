import { purposeOf, routeOf, type Purpose } from './endpoints.js'

/** One HTTP exchange with GitHub, for the log and for benchmarks. */
export interface GitHubRequest {
  method: string
  /** As in endpoints.ts: `GET /repos/{owner}/{repo}`. */
  route: string
  /** What it was for: the step that its token was made for, or the App's own business. */
  purpose: Purpose
  /** For which installation; null where the App asked as itself. */
  installation: number | null
  /** Requests left of that installation's hour, where GitHub said it. */
  remaining: number | null
  /** Null when no answer came. */
  status: number | null
  /** Milliseconds until the answer's head was there. */
  ms: number
}

/** A `fetch` for an installation, or for the App itself. */
export type FetchAs = (installation: number | null) => typeof globalThis.fetch

/**
 * Makes a `fetch` that gives up after `timeoutMs`, head and body together, and tells `onRequest` of every exchange, and `onToken`
 * of every token that an answer holds, before anybody else has it.
 */
export function createTracedFetch(options: {
  timeoutMs: number
  onRequest: (request: GitHubRequest) => void
  onToken?: (token: string) => void
}): FetchAs {
  return installation =>
    async (input, init = {}) => {
      const url = input instanceof Request ? input.url : String(input)
      const method = init.method ?? 'GET'
      const began = performance.now()
      const route = routeOf(method, url)
      const purpose = purposeOf(route, init.body)
      const tell = (status: number | null, left: string | null) =>
        options.onRequest({
          method,
          route,
          purpose,
          installation,
          remaining: left === null ? null : Number(left),
          status,
          ms: performance.now() - began,
        })

      const timeout = AbortSignal.timeout(options.timeoutMs)
      const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout
      try {
        const response = await globalThis.fetch(input, { ...init, signal })
        tell(response.status, response.headers.get('x-ratelimit-remaining'))
        if (options.onToken && response.ok && new URL(url).pathname.endsWith('/access_tokens'))
          await tellToken(response.clone(), options.onToken)
        return response
      } catch (error) {
        tell(null, null)
        throw error
      }
    }
}

/** A body that can't be read is for those who asked for it to find. */
async function tellToken(response: Response, onToken: (token: string) => void): Promise<void> {
  const body: unknown = await response.json().catch(() => null)
  if (typeof body === 'object' && body !== null && 'token' in body && typeof body.token === 'string')
    onToken(body.token)
}
