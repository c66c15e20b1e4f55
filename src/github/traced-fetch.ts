import { routeOf } from './endpoints.js'

/** One HTTP exchange with GitHub, for the log and for benchmarks. */
export interface GitHubRequest {
  method: string
  /** As in endpoints.ts: `GET /repos/{owner}/{repo}`. */
  route: string
  /** Null when no answer came. */
  status: number | null
  /** Milliseconds until the answer's head was there. */
  ms: number
}

/**
 * A `fetch` that gives up after `timeoutMs`, head and body together, and tells `onRequest` of every exchange, and `onToken`
 * of every token that an answer holds, before anybody else has it.
 */
export function createTracedFetch(options: {
  timeoutMs: number
  onRequest: (request: GitHubRequest) => void
  onToken?: (token: string) => void
}): typeof globalThis.fetch {
  return async (input, init = {}) => {
    const url = input instanceof Request ? input.url : String(input)
    const method = init.method ?? 'GET'
    const began = performance.now()
    const tell = (status: number | null) =>
      options.onRequest({ method, route: routeOf(method, url), status, ms: performance.now() - began })

    const timeout = AbortSignal.timeout(options.timeoutMs)
    const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout
    try {
      const response = await globalThis.fetch(input, { ...init, signal })
      tell(response.status)
      if (options.onToken && response.ok && new URL(url).pathname.endsWith('/access_tokens'))
        await tellToken(response.clone(), options.onToken)
      return response
    } catch (error) {
      tell(null)
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
