import { generateKeyPairSync } from 'node:crypto'
import type { EventEmitter } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'

import { Faults, type FaultRule } from './http/faults.js'
import { createListener } from './http/listener.js'
import { RateMeter, type RateLimits } from './http/rate-limits.js'
import type { RequestRecord } from './http/record.js'
import type { OpenApiCheck, Violation } from './openapi-check.js'
import { routes } from './rest/routes.js'
import { installed, installOn, removeFrom, suspend, uninstall } from './state/installing.js'
import { createRepository, type NewRepository } from './state/new-repository.js'
import type { Permissions, Repository, Role } from './state/types.js'
import { newToken, now, World, type PracticeEvents, type RegisteredApp } from './state/world.js'
import { announceToApp } from './webhooks/announce.js'
import { Deliveries, type Delivery, type WebhookTarget } from './webhooks/deliveries.js'

export interface PracticeOptions {
  /** Where the bare repositories go. */
  dataDir: string
  /** Default: one that is free. */
  port?: number
  /** Told of faults of the server itself. */
  log?: (line: string) => void
  /** Holds requests and answers against GitHub's description. */
  check?: OpenApiCheck
  /** The App's name in addresses, and what it asks for. */
  app?: { slug?: string; permissions?: Permissions; events?: string[] }
  rateLimits?: RateLimits
}

export interface CreatedRepository {
  id: number
  fullName: string
  gitDir: string
}

/** A GitHub of one's own: everything that the App uses of the real one, on this machine, over real bare git repositories. */
export interface PracticeGitHub {
  /** `http://127.0.0.1:PORT`: REST below `/api/v3`, GraphQL at `/api/graphql`, git at `/OWNER/NAME.git`. */
  url: string
  /** What the App must be told of itself. The key was made at this start. */
  app: { id: number; slug: string; privateKey: string; botLogin: string }
  /** A person, with a token for REST, GraphQL and git. A login that exists already gets one more token. */
  createUser(login: string): { login: string; token: string }
  createOrganization(login: string): void
  /** Makes a repository, and its owner where there is none, and installs the App on it unless told not to. */
  createRepository(repository: NewRepository & { install: null }): Promise<CreatedRepository & { installationId: null }>
  createRepository(
    repository: NewRepository & { install?: Permissions },
  ): Promise<CreatedRepository & { installationId: number }>
  setPermission(fullName: string, login: string, role: Role): void
  /** Makes a team, or says anew who is in it. */
  setTeam(org: string, slug: string, logins: string[]): void
  setArchived(fullName: string, archived: boolean): void
  /**
   * Installs the App on a repository. One installation serves all repositories of an owner, as on GitHub, with one set of
   * permissions: the last one given. Returns its id.
   */
  install(fullName: string, permissions?: Permissions): number
  /** Takes the App off an owner's repositories. Its tokens are void from then on. */
  uninstall(installationId: number): void
  suspend(installationId: number, suspended: boolean): void
  /** Takes a repository from an installation. */
  removeFrom(installationId: number, fullName: string): void
  /** Where webhooks go from now on; a `ping` goes first. Null: nowhere, and nobody will ever know of them. */
  sendWebhooksTo(target: WebhookTarget | null): void
  /** Every delivery, oldest first, with the answer it got. */
  readonly deliveries: readonly Delivery[]
  /** Sends a delivery again, under its old `X-GitHub-Delivery`. */
  redeliver(id: number): void
  /** Resolves when no webhook is under way. */
  settled(): Promise<void>
  /** Every token that the App was given, oldest first: for which repositories (null: all), and what it may do there. */
  readonly tokens: readonly { repositories: string[] | null; permissions: Permissions }[]
  /** Every request that came in, oldest first, without contents. */
  readonly requests: readonly RequestRecord[]
  /** What GitHub's description does not allow, where a check was given. */
  readonly violations: readonly Violation[]
  /** Makes requests fail, for tests. Returns what ends it. */
  fail(rule: FaultRule): () => void
  /** `request`: answered or given up. `event`: something happened, in the words of webhooks, sent or not. */
  readonly events: EventEmitter<PracticeEvents>
  stop(): Promise<void>
}

const PERMISSIONS: Permissions = {
  checks: 'write',
  contents: 'write',
  issues: 'write',
  metadata: 'read',
  pull_requests: 'write',
}
const EVENTS = ['issues', 'issue_comment', 'pull_request', 'pull_request_review', 'pull_request_review_comment', 'push']

/** Starts a practice GitHub on the loopback interface. Its state lives as long as it; the git repositories stay in `dataDir`. */
export async function startPracticeGitHub(options: PracticeOptions): Promise<PracticeGitHub> {
  const dataDir = resolve(options.dataDir)
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  const world = new World({
    app: made => registerApp(made, keys.publicKey, options.app ?? {}),
    deliveries: made => new Deliveries(made),
  })
  const faults = new Faults()
  const requests: RequestRecord[] = []
  const violations: Violation[] = []
  const server = createServer(
    createListener({
      world,
      routes,
      faults,
      meter: new RateMeter(options.rateLimits ?? {}),
      check: options.check,
      requests,
      violations,
      log: options.log ?? (() => undefined),
    }),
  )
  await new Promise<void>((done, failed) => {
    server.once('error', failed)
    server.listen(options.port ?? 0, '127.0.0.1', done)
  })
  world.web = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const known = (fullName: string): Repository => {
    const repository = world.repositories.get(fullName.toLowerCase())
    if (repository === undefined) throw new Error(`The practice GitHub has no repository ${fullName}. Create it first.`)
    return repository
  }

  return {
    url: world.web,
    app: { id: world.app.id, slug: world.app.slug, privateKey: keys.privateKey, botLogin: world.app.bot.login },
    createUser(login) {
      const account = world.account(login) ?? world.addAccount(login, 'User')
      if (account.type !== 'User') throw new Error(`${login} is an ${account.type} already, and no person.`)
      const token = newToken('ghp')
      world.userTokens.set(token, account)
      return { login: account.login, token }
    },
    createOrganization(login) {
      if (world.account(login) !== undefined) throw new Error(`There is an account ${login} already.`)
      world.addAccount(login, 'Organization')
    },
    createRepository: (async (wanted: NewRepository & { install?: Permissions | null }) => {
      const repository = await createRepository(world, dataDir, wanted)
      const installationId =
        wanted.install === null ? null : installOn(world, repository, wanted.install ?? world.app.permissions)
      return { id: repository.id, fullName: repository.fullName, gitDir: repository.git.dir, installationId }
    }) as PracticeGitHub['createRepository'],
    setPermission(fullName, login, role) {
      const account = world.account(login)
      if (account === undefined) throw new Error(`There is no account ${login}. Create it first.`)
      known(fullName).roles.set(account.login.toLowerCase(), role)
    },
    setTeam(org, slug, logins) {
      const members = new Set(logins.map(login => login.toLowerCase()))
      world.teams.set(`${org}/${slug}`.toLowerCase(), members)
    },
    setArchived(fullName, archived) {
      known(fullName).archived = archived
    },
    install: (fullName, permissions) => installOn(world, known(fullName), permissions ?? world.app.permissions),
    uninstall: installationId => uninstall(world, installed(world, installationId)),
    suspend: (installationId, suspended) => suspend(world, installed(world, installationId), suspended),
    removeFrom: (installationId, fullName) => removeFrom(world, installed(world, installationId), known(fullName)),
    sendWebhooksTo(target) {
      world.deliveries.target = target
      if (target === null) return
      const { app } = world
      const hook = {
        type: 'App',
        id: app.id,
        name: 'web',
        active: true,
        events: app.events,
        config: { content_type: 'json', url: target.url, insecure_ssl: '0', secret: '********' },
        app_id: app.id,
      }
      const payload = { zen: 'Practicality beats purity.', hook_id: app.id, hook }
      announceToApp(world, { event: 'ping', by: app.owner, payload, installationId: null })
    },
    deliveries: world.deliveries.list,
    redeliver(id) {
      if (!world.deliveries.redeliver(id)) throw new Error(`There is no delivery ${id}.`)
    },
    settled: () => world.deliveries.settled(),
    get tokens() {
      return [...world.installationTokens.values()].map(({ repositories, permissions }) => ({
        repositories: repositories && [...repositories].map(each => each.fullName),
        permissions,
      }))
    },
    requests,
    violations,
    fail: rule => faults.add(rule),
    events: world.events,
    async stop() {
      world.deliveries.stop()
      const closed = new Promise<void>(done => server.close(() => done()))
      server.closeAllConnections()
      await closed
      for (const repository of world.repositories.values()) repository.git.close()
    },
  }
}

function registerApp(world: World, publicKey: string, wanted: NonNullable<PracticeOptions['app']>): RegisteredApp {
  const slug = wanted.slug ?? 'issue-crew'
  return {
    id: world.nextId(),
    slug,
    name: slug,
    publicKey,
    owner: world.addAccount('practice', 'Organization'),
    bot: world.addAccount(`${slug}[bot]`, 'Bot'),
    permissions: wanted.permissions ?? PERMISSIONS,
    events: wanted.events ?? EVENTS,
    createdAt: now(),
  }
}
