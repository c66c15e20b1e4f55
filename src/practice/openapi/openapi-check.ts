import { readDescription } from './description.js'
import { createRequestCheck } from './request-check.js'
import { createResponseCheck } from './response-check.js'
import { createRouter } from './routes.js'

export interface OpenApiCheck {
  /**
   * Holds a request against GitHub's description, strictly: path and query parameters, and the body, in which nothing may
   * stand that the description doesn't name. `route` is the operation (`GET /repos/{owner}/{repo}`), or null, with a problem
   * that names the call, when the slice doesn't have it.
   */
  checkRequest(request: CheckedRequest): { route: string | null; problems: string[] }
  /**
   * Holds an answer against GitHub's description, leniently: what is there has the right type, and what is required is
   * there, save for the list in allowances.ts.
   */
  checkResponse(response: CheckedResponse): string[]
}

export interface CheckedRequest {
  method: string
  /** Percent-encoded as it came, from `/repos` or `/app` on: no `/api/v3`, no query. */
  path: string
  query: Record<string, string>
  /** The parsed JSON; undefined, null or '' for none. */
  body: unknown
}

export interface CheckedResponse {
  /** Of the request that is answered. */
  method: string
  path: string
  status: number
  /** The value that is sent as JSON; a string for an answer that is text; undefined, null or '' for none. */
  body: unknown
}

/** A check over the vendored slice. Schemas are compiled when first met and kept for the life of the check. */
export function createOpenApiCheck(): OpenApiCheck {
  const description = readDescription()
  const find = createRouter(description)
  const request = createRequestCheck(description)
  const response = createResponseCheck(description)

  return {
    checkRequest({ method, path, query, body }) {
      const match = find(method, path)
      if (!match) return { route: null, problems: [outside(method, path)] }
      const { name } = match.route
      return { route: name, problems: request(match, query, body).map(problem => `${name}: ${problem}`) }
    },
    checkResponse({ method, path, status, body }) {
      const match = find(method, path)
      if (!match) return [outside(method, path)]
      const { name } = match.route
      return response(match.route, status, body).map(problem => `${name} ${status}: ${problem}`)
    },
  }
}

function outside(method: string, path: string): string {
  return `${method.toUpperCase()} ${path} is not in the slice of GitHub's description. If the App is meant to call it, add it to scripts/slice-openapi.mjs and run that`
}
