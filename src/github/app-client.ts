import { Probot, ProbotOctokit } from 'probot'
import type { Logger } from 'pino'
import { GitHubRefusal } from '../ports.js'
import { AppAnswer, InstallationAnswer, TokenAnswer } from './answers.js'
import { neededPermissions, type Needs } from './endpoints.js'
import type { InstallationOctokit } from './github.js'
import { createPacer } from './pacing.js'
import { explain } from './refusal.js'
import { createTracedFetch, type GitHubRequest } from './traced-fetch.js'

/** The App as GitHub knows it: its credentials, and what can be had with them. */
export interface AppClient {
  /** A client that acts as one installation. The same one for every call, its writes spaced out. */
  octokit(installationId: number): Promise<InstallationOctokit>
  /** What an installation's owner has not granted of all that the App needs, as `contents: write`. Asked of GitHub now. */
  missingPermissions(installationId: number): Promise<string[]>
  /** A token for that much and no more, for git over HTTPS. Good for five minutes at least. */
  installationToken(installationId: number, scope: TokenScope): Promise<string>
  /** Whether GitHub signed this body (`X-Hub-Signature-256`), in constant time. */
  verify(body: string, signature: string): Promise<boolean>
  /** Asks GitHub once who we are. */
  checkAppCredentials(): Promise<CredentialsCheck>
}

export interface TokenScope {
  repositoryIds: number[]
  permissions: { [scope in keyof Needs]: NonNullable<Needs[scope]> }
}

export type CredentialsCheck =
  /** `lacks`: permissions the App's registration should have and doesn't, in words. */
  { ok: true; slug: string; lacks: string[] } | { ok: false; problem: string }

/**
 * Signs in with the App's key; nothing is asked of GitHub yet. `baseUrl` is the REST API's address. Probot does the
 * signing, the tokens and their renewal. Its retries are off, because the journal's would multiply with them; so are its fixed
 * 1–3 seconds between writes, because {@link createPacer} spaces them by `writeSpacingMs`.
 */
export async function connectApp(options: {
  appId: number
  privateKey: string
  webhookSecret: string
  baseUrl: string
  writeSpacingMs: number
  log: Logger
  onRequest?: (request: GitHubRequest) => void
  /** Told of every installation token as it is made. */
  onToken?: (token: string) => void
  timeoutMs?: number
}): Promise<AppClient> {
  const {
    appId,
    privateKey,
    webhookSecret,
    baseUrl,
    writeSpacingMs,
    log,
    onRequest,
    onToken,
    timeoutMs = 30_000,
  } = options
  const fetch = createTracedFetch({
    timeoutMs,
    ...(onToken && { onToken }),
    onRequest: request => {
      log.debug(request, 'GitHub request')
      onRequest?.(request)
    },
  })
  const createProbot = () =>
    new Probot({
      appId,
      privateKey,
      secret: webhookSecret,
      baseUrl,
      log,
      Octokit: UnhurriedOctokit,
      request: { fetch },
    }).ready()
  const probot = await createProbot()
  const pacer = createPacer({ writeSpacingMs })
  const installations = new Map<number, Promise<InstallationOctokit>>()
  /** Installations that lacked something when they were last asked for it. */
  const wanting = new Set<number>()
  const tokens = createTokenCache(async (installationId, scope) => {
    const app = await probot.auth()
    const request = app.rest.apps.createInstallationAccessToken({
      installation_id: installationId,
      repository_ids: scope.repositoryIds,
      permissions: scope.permissions,
    })
    const { data } = await request.catch((error: unknown) => {
      throw explain(error)
    })
    const answer = TokenAnswer.parse(data)
    return { token: answer.token, expiresAt: Date.parse(answer.expires_at) }
  })

  return {
    // A Probot for each, because it keeps its tokens for an hour, and only with it can one be let go.
    octokit: installationId =>
      remember(installations, installationId, async () =>
        signIn({ probot: await createProbot(), pacer, installationId }),
      ),
    async missingPermissions(installationId) {
      const app = await probot.auth()
      const { data } = await app.rest.apps
        .getInstallation({ installation_id: installationId })
        .catch((error: unknown) => {
          throw explain(error)
        })
      const missing = lacking(InstallationAnswer.parse(data).permissions)
      // A token keeps the permissions of the moment in which it was made: what was granted since takes a new one.
      if (missing.length > 0) wanting.add(installationId)
      else if (wanting.delete(installationId)) installations.delete(installationId)
      return missing
    },
    installationToken: tokens,
    // A missing body or signature is an error to Octokit and simply unsigned to us.
    verify: async (body, signature) => body !== '' && signature !== '' && probot.webhooks.verify(body, signature),
    checkAppCredentials: () => checkAppCredentials({ probot, appId, baseUrl }),
  }
}

/** The function form is the only one that Probot 14.3 heeds (probot/probot#2039). */
const UnhurriedOctokit = ProbotOctokit.defaults((options: ConstructorParameters<typeof ProbotOctokit>[0]) => ({
  ...options,
  throttle: { ...options?.throttle, enabled: false },
  retry: { enabled: false },
})) as typeof ProbotOctokit

async function signIn(options: {
  probot: Probot
  pacer: ReturnType<typeof createPacer>
  installationId: number
}): Promise<InstallationOctokit> {
  const { probot, pacer, installationId } = options
  const octokit = await probot.auth(installationId)
  octokit.hook.wrap('request', (request, parameters) => {
    const kind = parameters.method === 'GET' ? 'read' : 'write'
    return pacer.run(installationId, kind, async () => request(parameters))
  })
  return octokit
}

/** GitHub's tokens live for an hour; one that is handed out must outlast the fetch it is for. */
const freshMs = 5 * 60_000

function createTokenCache(
  create: (installationId: number, scope: TokenScope) => Promise<{ token: string; expiresAt: number }>,
): AppClient['installationToken'] {
  const cache = new Map<string, Promise<{ token: string; expiresAt: number }>>()
  return async (installationId, scope) => {
    const key = JSON.stringify([installationId, scope])
    const known = await remember(cache, key, () => create(installationId, scope))
    if (known.expiresAt - Date.now() > freshMs) return known.token
    cache.delete(key)
    return (await remember(cache, key, () => create(installationId, scope))).token
  }
}

async function checkAppCredentials(options: {
  probot: Probot
  appId: number
  baseUrl: string
}): Promise<CredentialsCheck> {
  const { probot, appId, baseUrl } = options
  try {
    const app = await probot.auth()
    const { data } = await app.rest.apps.getAuthenticated().catch((error: unknown) => {
      throw explain(error)
    })
    const answer = AppAnswer.parse(data)
    return { ok: true, slug: answer.slug, lacks: lacking(answer.permissions ?? {}) }
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    if (error instanceof GitHubRefusal && ['unauthenticated', 'not-found'].includes(error.kind)) {
      return {
        ok: false,
        problem: `APP_ID ${appId} and the private key don't belong together, or this machine's clock is wrong (GitHub at ${baseUrl} refused them: ${error.reasons[0] ?? said}). Copy the App ID from the App's settings page, and generate a new private key there if in doubt.`,
      }
    }
    return {
      ok: false,
      problem: `GitHub could not be asked about the App at ${baseUrl}: ${said} Check the network, and GHE_HOST if you use a GitHub Enterprise server.`,
    }
  }
}

/** What an App's registration, or an installation, lacks of all that endpoints.ts needs, as `contents: write`. */
function lacking(granted: Record<string, string>): string[] {
  return Object.entries(neededPermissions())
    .filter(([scope, level]) => granted[scope] !== 'write' && granted[scope] !== level)
    .map(([scope, level]) => `${scope}: ${level}`)
    .sort()
}

/** One promise a key, also while it is under way; a failed one is forgotten. */
function remember<K, V>(memory: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const known = memory.get(key)
  if (known) return known
  const made = make()
  memory.set(key, made)
  made.catch(() => memory.delete(key))
  return made
}
