import { ProbotOctokit } from 'probot'
import type { Logger } from 'pino'
import type { RepositoryRef } from '../domain/repository.js'
import { TransientError } from '../ports.js'
import { makesContent, stepOf } from './endpoints.js'
import type { InstallationOctokit } from './github.js'
import type { PacedRequest, Pacer } from './pacing.js'
import type { Tokens } from './tokens.js'
import type { FetchAs } from './traced-fetch.js'

/** Octokit as Probot has it, but for its retries and pauses. The function form is the only one that Probot 14.3 heeds (probot/probot#2039). */
export const UnhurriedOctokit = ProbotOctokit.defaults((options: ConstructorParameters<typeof ProbotOctokit>[0]) => ({
  ...options,
  throttle: { ...options?.throttle, enabled: false },
  retry: { enabled: false },
})) as typeof ProbotOctokit

/**
 * A client for one repository. Each request goes with a token for that repository and the step that the request belongs
 * to; one that belongs to none is never sent. `mayWrite` is asked last before each that may change something.
 */
export function createInstallationClient(options: {
  repository: RepositoryRef
  mayWrite: () => Promise<void>
  tokens: Tokens
  pacer: Pacer
  baseUrl: string
  fetchAs: FetchAs
  log: Logger
}): InstallationOctokit {
  const { repository, pacer, baseUrl, fetchAs, log } = options
  const authStrategy = () => withTokens(options)
  const octokit = new UnhurriedOctokit({
    authStrategy,
    baseUrl,
    log,
    request: { fetch: fetchAs(repository.installationId) },
  })
  octokit.hook.wrap('request', (request, parameters) =>
    pacer.run(pacedAs(repository.installationId, parameters), async () => request(parameters)),
  )
  return octokit
}

function pacedAs(installation: number, { method, url }: { method: string; url: string }): PacedRequest {
  const resource = url.endsWith('/graphql') ? 'graphql' : 'core'
  return { installation, kind: method === 'GET' ? 'read' : 'write', content: makesContent(method, url), resource }
}

interface Parameters {
  method: string
  url: string
  headers: object
  /** Of GraphQL. */
  query?: unknown
}

/** What Octokit calls a strategy: its hook sees every request last. */
function withTokens({
  repository,
  tokens,
  mayWrite,
}: {
  repository: RepositoryRef
  tokens: Tokens
  mayWrite: () => Promise<void>
}) {
  const hook = async <Answer>(
    request: (parameters: Parameters) => Promise<Answer>,
    parameters: Parameters,
  ): Promise<Answer> => {
    const { method, url, query } = parameters
    const token = await tokens.of(repository, stepOf({ method, url, query }))
    if (method !== 'GET') await mayWrite()
    try {
      return await request({ ...parameters, headers: { ...parameters.headers, authorization: `token ${token.token}` } })
    } catch (error) {
      if (!(error instanceof Error && 'status' in error && error.status === 401)) throw error
      // A new token is not known everywhere at once, and an old one may have been revoked: the next try takes another.
      tokens.forget(token)
      throw new TransientError('GitHub does not take the token that it gave.', { cause: error, retryAfter: 1 })
    }
  }
  return Object.assign(() => Promise.resolve({ type: 'unauthenticated' }), { hook })
}
