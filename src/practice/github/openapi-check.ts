/**
 * Holds requests and answers against GitHub's OpenAPI description. src/practice/openapi/ has the real one; it is matched
 * structurally, so that the server also runs without.
 */
export interface OpenApiCheck {
  /** `path` is without `/api/v3`. `route` is the description's template, or null when the slice has no such operation. */
  checkRequest(request: { method: string; path: string; query: Record<string, string>; body: unknown }): {
    route: string | null
    problems: string[]
  }
  checkResponse(response: { method: string; path: string; status: number; body: unknown }): string[]
}

/** Something that GitHub's description doesn't allow. */
export interface Violation {
  kind: 'request' | 'response'
  method: string
  path: string
  problems: string[]
}
