/** One request that came in, without its contents. */
export interface RequestRecord {
  at: string
  interface: 'rest' | 'graphql' | 'git'
  method: string
  /** As it was sent, without the query. */
  path: string
  /** Template, e.g. `/repos/{owner}/{repo}/issues`; null when there is no such route. */
  route: string | null
  /** 0 while it is unanswered, and when the connection was cut. */
  status: number
  by: 'app' | 'installation' | 'user' | 'anonymous'
  /** Whether GitHub counts it among the 80 a minute and 500 an hour; {@link isContentCreating} says what that is. */
  contentCreating: boolean
  /** Of the request's body. */
  bytes: number
}

/**
 * Whether GitHub counts a request as content-creating. GitHub does not list them; the rule here is: a POST that makes
 * something that people see and may be notified of, i.e. an issue, a comment, a reaction, a pull request, a review or a
 * reply. Git data, refs, labels, check runs and edits don't count.
 */
export const isContentCreating = (method: string, route: string | null): boolean =>
  method === 'POST' && route !== null && CONTENT.test(route)

const CONTENT = /\/(issues|comments|reactions|pulls|reviews|replies|reviews\/\{review_id\}\/events)$/
