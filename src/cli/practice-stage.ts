import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { Octokit } from '@octokit/rest'
import type { Config } from '../config.js'
import { usualLimits, type Limits } from '../domain/limits.js'
import type { RequestBudgets } from '../domain/request-budget.js'
import type { SetupLimits } from '../domain/setup.js'
import type { Logger } from '../log.js'
import type { RateLimits } from '../practice/github/http/rate-limits.js'
import { startPracticeGitHub, type CreatedRepository, type PracticeGitHub } from '../practice/github/start.js'
import { createOpenApiCheck } from '../practice/openapi/openapi-check.js'
import { startCrew, type Crew, type CrewSight } from './crew.js'

export interface Person {
  login: string
  permission: 'admin' | 'write' | 'read'
}

export interface StageOptions {
  /** Everything is kept below it: repositories, clones, the database. */
  home: string
  repository: { owner: string; name: string; from: { directory: string } | { gitRepository: string } | null }
  people: Person[]
  model: { apiKey: string; baseUrl: string | undefined }
  /** Made up where it isn't told. */
  webhookSecret?: string
  /** Milliseconds between two writes to GitHub; none where it isn't told, as nobody's limits are in the way here. */
  writeSpacingMs?: number
  /** What the practice GitHub holds the App to; nothing where it isn't told. */
  rateLimits?: RateLimits
  /** What the App holds itself to. Where it isn't told: nine tenths of GitHub's own with `rateLimits`, and nothing without. */
  budgets?: RequestBudgets
  /** What differs from the usual limits. */
  limits?: Partial<Limits>
  setup?: SetupLimits
  log: Logger
  observe?: (sight: CrewSight) => void
}

/** A practice GitHub with one repository, and the App at work on it as if it were the real one. */
export interface PracticeStage {
  github: PracticeGitHub
  repository: CreatedRepository & { installationId: number; owner: string; name: string }
  crew: Crew
  /** What the App is told of its surroundings. */
  config: Config
  /** What GitHub signs its webhooks with. */
  webhookSecret: string
  /** GitHub as that person uses it. */
  as(login: string): Octokit
  /** Ends the App as a crash would not: in order. The practice GitHub stays. */
  stopCrew(): Promise<void>
  /** Starts the App again on what it left behind. */
  restartCrew(): Promise<void>
  stop(): Promise<void>
}

/** Sets the stage. Every request of the App is held against GitHub's own description (`github.violations`). */
export async function setPracticeStage(options: StageOptions): Promise<PracticeStage> {
  const {
    home,
    repository,
    people,
    model,
    writeSpacingMs = 0,
    rateLimits,
    budgets = rateLimits ? undefined : { content: [], points: [] },
    limits,
    setup,
    log,
    observe,
  } = options
  await mkdir(home, { recursive: true })
  const github = await startPracticeGitHub({
    dataDir: join(home, 'github'),
    check: createOpenApiCheck(),
    ...(rateLimits && { rateLimits }),
    log: line => log.warn(line),
  })
  const clients = new Map<string, Octokit>()
  for (const { login } of people) {
    const { token } = github.createUser(login)
    clients.set(login, new Octokit({ auth: token, baseUrl: `${github.url}/api/v3` }))
  }
  const created = await github.createRepository(repository)
  for (const { login, permission } of people) github.setPermission(created.fullName, login, permission)

  const secret = options.webhookSecret ?? randomBytes(32).toString('hex')
  const config: Config = {
    app: { id: github.app.id, privateKey: github.app.privateKey, webhookSecret: secret },
    github: { baseUrl: `${github.url}/api/v3`, writeSpacingMs, ...(budgets && { budgets }) },
    model,
    databaseUrl: undefined,
    crewLabel: 'crew',
    limits: { ...usualLimits, statusSpacingMs: 0, ...limits },
    home: join(home, 'crew'),
    ...(setup && { setup }),
    server: { host: '127.0.0.1', port: 0, webhookProxyUrl: undefined, log: { level: 'info', pretty: false } },
  }
  const start = async (): Promise<Crew> => {
    const crew = await startCrew({ config, log, ...(observe && { observe }) })
    github.sendWebhooksTo({ url: crew.webhookUrl, secret })
    return crew
  }

  const stage: PracticeStage = {
    github,
    repository: { ...created, owner: repository.owner, name: repository.name },
    crew: await start(),
    config,
    webhookSecret: secret,
    as(login) {
      const client = clients.get(login)
      if (!client) throw new Error(`nobody on the stage is called ${login}`)
      return client
    },
    stopCrew: () => stage.crew.stop(),
    async restartCrew() {
      stage.crew = await start()
    },
    async stop() {
      await stage.crew.stop()
      await github.stop()
    },
  }
  return stage
}
