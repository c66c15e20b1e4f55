import { Probot } from 'probot'
import type { Logger } from 'pino'
import type { RepositoryRef } from '../domain/repository.js'
import { usualBudgets, type RequestBudgets } from '../domain/request-budget.js'
import { GitHubRefusal, type RequestLedger } from '../ports.js'
import { AppAnswer, InstallationAnswer, TokenAnswer } from './answers.js'
import { neededPermissions, steps, type Needs, type Step } from './endpoints.js'
import type { InstallationOctokit } from './github.js'
import { createInstallationClient, UnhurriedOctokit } from './installation-client.js'
import { createPacer } from './pacing.js'
import { explain } from './refusal.js'
import { createTokens, type TokenWish, type Token } from './tokens.js'
import { createTracedFetch, type GitHubRequest } from './traced-fetch.js'

/** The App as GitHub knows it: its credentials, and what can be had with them. */
export interface AppClient {
  /**
   * A client for one repository. Each of its requests goes with a token for that repository and for the step that the
   * request belongs to; the writes of an installation are spaced out, and `mayWrite` is asked when it is their turn.
   */
  octokit(repository: RepositoryRef, mayWrite?: () => Promise<void>): InstallationOctokit
  /** What an installation's owner has not granted of all that the App needs, as `contents: write`. Asked of GitHub now. */
  missingPermissions(installationId: number): Promise<string[]>
  /** A token for one repository and one step, for git over HTTPS. Good for five minutes at least. */
  installationToken(repository: RepositoryRef, step: Step): Promise<string>
  /** Whether GitHub signed this body (`X-Hub-Signature-256`), in constant time. */
  verify(body: string, signature: string): Promise<boolean>
  /** A client that acts as the App itself. */
  asApp(): Promise<AppOctokit>
  /** A client that can see which repositories an installation has, and nothing else. */
  asList(installationId: number): Promise<AppOctokit>
  /** Asks GitHub once who we are. */
  checkAppCredentials(): Promise<CredentialsCheck>
}

export type AppOctokit = Pick<InstanceType<typeof UnhurriedOctokit>, 'rest'>

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
  /** Nine tenths of what GitHub allows, unless told. */
  budgets?: RequestBudgets
  ledger: RequestLedger
  /** Told of every wait for a budget, in milliseconds. */
  onWait?: (ms: number) => void
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
    budgets = usualBudgets,
    ledger,
    onWait,
    log,
    onRequest,
    onToken,
    timeoutMs = 30_000,
  } = options
  const fetchAs = createTracedFetch({
    timeoutMs,
    ...(onToken && { onToken }),
    onRequest: request => {
      log.debug(request, 'GitHub request')
      onRequest?.(request)
    },
  })
  const probot = await new Probot({
    appId,
    privateKey,
    secret: webhookSecret,
    baseUrl,
    log,
    Octokit: UnhurriedOctokit,
    request: { fetch: fetchAs(null) },
  }).ready()
  const pacer = createPacer({ writeSpacingMs, budgets, ledger, ...(onWait && { onWait }) })
  /** Installations that lacked something when they were last asked for it. */
  const wanting = new Set<number>()
  const tokens = createTokens(wish => createToken(wish))

  async function createToken({ installationId, repositoryId, permissions }: TokenWish): Promise<Token> {
    const { rest } = await probot.auth()
    const ask = async (wanted: Needs): Promise<Token> => {
      const { data } = await refused(
        rest.apps.createInstallationAccessToken({
          installation_id: installationId,
          ...(repositoryId !== null && { repository_ids: [repositoryId] }),
          permissions: asAsked(wanted),
        }),
      )
      const answer = TokenAnswer.parse(data)
      return { token: answer.token, expiresAt: Date.parse(answer.expires_at) }
    }
    try {
      return await ask(permissions)
    } catch (error) {
      // What was not granted can't be asked for; with the rest, people can be told what is missing.
      if (!(error instanceof GitHubRefusal && error.kind === 'forbidden')) throw error
      wanting.add(installationId)
      const some = within(permissions, await granted(installationId))
      // To ask for nothing would be to ask for all.
      if (Object.keys(some).length === 0) throw error
      return ask(some)
    }
  }

  async function granted(installationId: number): Promise<Record<string, string>> {
    const { rest } = await probot.auth()
    const { data } = await refused(rest.apps.getInstallation({ installation_id: installationId }))
    return InstallationAnswer.parse(data).permissions
  }

  return {
    octokit: (repository, mayWrite = async () => {}) =>
      createInstallationClient({ repository, mayWrite, tokens, pacer, baseUrl, fetchAs, log }),
    async missingPermissions(installationId) {
      const missing = lacking(await granted(installationId))
      // A token keeps the permissions of the moment in which it was made: what was granted since takes a new one.
      if (missing.length > 0) wanting.add(installationId)
      else if (wanting.delete(installationId)) tokens.forgetAll(installationId)
      return missing
    },
    installationToken: async (repository, step) => (await tokens.of(repository, step)).token,
    asApp: () => probot.auth(),
    async asList(installationId) {
      const { token } = await createToken({ installationId, repositoryId: null, permissions: steps.list })
      return new UnhurriedOctokit({ auth: { token }, baseUrl, log, request: { fetch: fetchAs(installationId) } })
    },
    // A missing body or signature is an error to Octokit and simply unsigned to us.
    verify: async (body, signature) => body !== '' && signature !== '' && probot.webhooks.verify(body, signature),
    checkAppCredentials: () => checkAppCredentials({ probot, appId, baseUrl }),
  }
}

async function refused<T>(request: Promise<T>): Promise<T> {
  return request.catch((error: unknown) => {
    throw explain(error)
  })
}

/** As much of what is wanted as was granted. */
function within(wanted: Needs, granted: Record<string, string>): Needs {
  const levels = Object.entries(wanted).flatMap(([scope, level]) => {
    const has = granted[scope]
    if (has === undefined) return []
    return [[scope, level === 'write' && has === 'read' ? 'read' : level]]
  })
  return Object.fromEntries(levels) as Needs
}

/** Without what is undefined, which Octokit's types don't take. */
const asAsked = (needs: Needs) => needs as { [scope in keyof Needs]: NonNullable<Needs[scope]> }

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
