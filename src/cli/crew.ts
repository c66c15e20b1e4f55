import { join } from 'node:path'
import { startFrontDoor } from '../app.js'
import type { Config } from '../config.js'
import type { CrewEvent } from '../domain/event.js'
import type { RepositoryRef } from '../domain/repository.js'
import { startEngine, type Standing, type WorkflowDefinition } from '../durable/engine.js'
import { openGauges } from '../durable/gauges.js'
import { startOwnPostgres } from '../durable/own-postgres.js'
import { openTreeKeeper } from '../durable/kept-trees.js'
import { openLooks } from '../durable/looks.js'
import { openRequestLedger } from '../durable/request-ledger.js'
import { openRunBook } from '../durable/run-book.js'
import { openWallet } from '../durable/wallet.js'
import { connectApp } from '../github/app-client.js'
import { createGitHub } from '../github/github.js'
import { createOverview } from '../github/overview.js'
import type { GitHubRequest } from '../github/traced-fetch.js'
import { isHandled, readComment } from '../github/webhook-events.js'
import type { Logger } from '../log.js'
import { createAnthropicModel } from '../model/anthropic.js'
import type { Engine, Journal } from '../ports.js'
import { lookRegularly } from '../reconcile/look-regularly.js'
import { createReconciler } from '../reconcile/reconcile.js'
import { filteredGitHub } from '../secrets/filtered-github.js'
import { filteredJournal } from '../secrets/filtered-journal.js'
import { filteredModel } from '../secrets/filtered-model.js'
import { ownSecrets, passwordOf, type OwnCredentials } from '../secrets/own-secrets.js'
import { createSecretFilter, redactDeep } from '../secrets/secret-filter.js'
import type { LoopEvent } from '../team/agent-loop.js'
import { loadOwnAgents } from '../team/load-agents.js'
import { agentAtWork } from '../workflow/agent-at-work.js'
import { deliver } from '../workflow/deliver.js'
import { issueToPullRequest } from '../workflow/issue-to-pull-request.js'
import { setupAtWork } from '../workflow/set-up.js'
import { tellOfLostAccess } from '../workflow/lost-access.js'
import { ringAlarm } from '../workflow/turnstile.js'
import {
  workflows,
  type AgentInput,
  type AgentSight,
  type AlarmInput,
  type RunInput,
  type SetupInput,
  type Sight,
  type World,
} from '../workflow/world.js'
import { createMetrics } from '../telemetry/metrics.js'
import { openMetricsDoor } from '../telemetry/metrics-door.js'
import { openTraces } from '../telemetry/open-traces.js'
import { noTraces, type Traces } from '../telemetry/traces.js'
import { at, whereabouts } from '../whereabouts.js'
import { confirmedModel } from './confirmed-model.js'
import { placeOf } from './place-of.js'
import { tidyRegularly } from './tidy-regularly.js'
import { placeAttributes, requestSpan, tracedWorkflow, tracedWorkspaces } from './traced-work.js'
import { watchedModel } from './watched-model.js'
import { createWorkspaces } from '../workspace/workspaces.js'

/** The App, running. */
export interface Crew {
  /** Where it takes webhooks. */
  webhookUrl: string
  url: string
  /** Where metrics are, if they were asked for. */
  metricsUrl: string | null
  engine: Engine
  /** The database that holds everything, its own where none was configured. */
  databaseUrl: string
  /** Why commands are off on this machine, or null. */
  commandsOff: string | null
  /** Looks now for what GitHub could not deliver, whether or not it is time. */
  lookForMissed(): Promise<void>
  /** Stops taking work and lets go of everything; what is under way goes on in other workers, or at the next start. */
  stop(): Promise<void>
}

/** What is happening, for terminals and benchmarks. Nothing depends on it. */
export type CrewSight = LoopEvent | Sight | AgentSight | ({ kind: 'github' } & GitHubRequest)

/**
 * Starts the whole App: its database, its engine, the way to GitHub and to the model, the workspaces and the front door.
 *
 * @throws Error for the person who starts it, when something that it needs is not as it must be.
 */
export async function startCrew(options: {
  config: Config
  log: Logger
  observe?: (sight: CrewSight) => void
}): Promise<Crew> {
  const { config, log, observe } = options
  const metrics = config.metrics ? createMetrics(() => gauges.read()) : null
  const say = (line: string): void => log.info(line)
  const secrets = createSecretFilter(ownSecrets(credentialsOf(config), process.env))
  const traces = config.traces
    ? await openTraces({ ...config.traces, where: () => placeAttributes(whereabouts()), warn: line => log.warn(line) })
    : noTraces
  const app = await connectApp({
    appId: config.app.id,
    privateKey: config.app.privateKey,
    webhookSecret: config.app.webhookSecret,
    baseUrl: config.github.baseUrl,
    writeSpacingMs: config.github.writeSpacingMs,
    ...(config.github.timeoutMs !== undefined && { timeoutMs: config.github.timeoutMs }),
    ...(config.github.budgets && { budgets: config.github.budgets }),
    // Opened below, when the database is there.
    ledger: {
      take: request => ledger.take(request),
      pause: rest => ledger.pause(rest),
      pauses: installation => ledger.pauses(installation),
    },
    onWait: ms => metrics?.waitedForBudget(ms / 1000),
    log,
    onRequest: request => {
      metrics?.gitHubAsked({ ...request, seconds: request.ms / 1000 })
      traces.tell(requestSpan(request), request.ms)
      observe?.({ kind: 'github', ...request })
    },
    onToken: token => secrets.learn({ kind: 'an installation token', value: token }),
  })
  const credentials = await app.checkAppCredentials()
  if (!credentials.ok) throw new Error(credentials.problem)
  for (const lack of credentials.lacks)
    log.warn(`The App lacks the permission ${lack}: grant it in the App's settings.`)

  const agents = await loadOwnAgents()
  const model = filteredModel(
    createAnthropicModel({
      apiKey: config.model.apiKey,
      ...(config.model.baseUrl && { baseUrl: config.model.baseUrl }),
    }),
    secrets,
  )
  const postgres = config.databaseUrl
    ? null
    : await startOwnPostgres({ dataDir: join(config.home, 'postgres'), log: say })
  const databaseUrl = config.databaseUrl ?? postgres?.databaseUrl ?? ''
  for (const secret of passwordOf(databaseUrl, "the database's password")) secrets.learn(secret)

  const trees = openTreeKeeper({ databaseUrl, log: say })
  const bare = await createWorkspaces({
    cacheDir: join(config.home, 'clones'),
    tokenFor: repository => app.installationToken(repository, 'fetch'),
    allowHttp: new URL(config.github.baseUrl).protocol === 'http:',
    ...(config.sandbox && { sandbox: config.sandbox }),
    ...(config.setup && { setup: config.setup }),
    ...(config.disk && { disk: config.disk }),
    keeper: trees,
    log: say,
  })
  const workspaces = config.traces ? tracedWorkspaces(bare, traces) : bare
  if (config.sandbox === 'none')
    log.warn('SANDBOX=none: commands of agents run on this machine without a sandbox, as every pull request says')
  if (workspaces.commandsOff) log.warn(`Commands are off: ${workspaces.commandsOff}`)
  const runs = openRunBook({ databaseUrl, log: say })
  const gauges = openGauges({ databaseUrl, log: say })
  const looks = openLooks({ databaseUrl, log: say })
  const ledger = openRequestLedger({ databaseUrl, log: say })
  const wallet = openWallet({ databaseUrl, limits: config.limits, log: say })
  const world = (repository: RepositoryRef, journal: Journal, { confirm }: Standing): World => ({
    journal: filteredJournal(journal, secrets),
    github: filteredGitHub(createGitHub({ ...app, repository, mayWrite: confirm }), secrets),
    workspaces,
    runs: { ...runs, put: record => runs.put(redactDeep(record, secrets)) },
    secrets,
    wallet,
    limits: config.limits,
    agents,
    appLogin: `${credentials.slug}[bot]`,
    label: config.crewLabel,
    turned: phase => traces.phase(journal.id, phase),
    ...(observe && { observe }),
  })
  // What was under way goes on before the start is over, and may ask for the others then.
  const starting: Promise<Engine> = startEngine({
    databaseUrl,
    log: say,
    finishWithinMs: 1000 * (config.stopSeconds ?? 0),
    ...(config.keepDays !== undefined && { keepEndedForDays: config.keepDays }),
    onWorkflowError: ({ workflow, id, input, error }) =>
      log.error({ ...placeOf({ workflow, id, input }), err: error, workflow, id }, 'A workflow failed'),
    onRetry: ({ id, step, error, seconds }) => {
      metrics?.stepRetried(id.split(':')[0] ?? 'other')
      log.warn({ id, step, seconds, why: error.message }, 'Waiting before another try')
    },
    // Inputs were written by this code, or by the one before it under the same versioned name: they have these shapes.
    workflows: placed(traces, [
      {
        name: workflows.delivery,
        atOnce: 2,
        run: (input, journal, standing) => {
          const event = input as CrewEvent
          const list: Engine['list'] = async (...asked) => (await starting).list(...asked)
          if (event.kind === 'access-lost') return tellOfLostAccess(event, { journal, list })
          return deliver(event, { ...world(event.repository, journal, standing), list })
        },
      },
      {
        name: workflows.run,
        run: async (input, journal, standing) => {
          const run = input as RunInput
          const end = await issueToPullRequest(run, world(run.repository, journal, standing))
          // Where GitHub takes no comments, nobody else says so.
          if ('why' in end) log.warn({ id: journal.id, end: end.kind, why: end.why }, 'A run ended early')
          else log.info({ id: journal.id, end: end.kind }, 'A run ended')
          return end
        },
      },
      {
        name: workflows.agent,
        run: (input, journal, standing) =>
          agentAtWork(input as AgentInput, {
            journal: filteredJournal(journal, secrets),
            model: confirmedModel(
              watchedModel(model, (input as AgentInput).work, { metrics, traces }),
              standing.confirmInDoubt,
            ),
            workspaces,
            secrets,
            wallet,
            ...(observe && { observe }),
          }),
      },
      {
        name: workflows.setup,
        run: (input, journal) =>
          setupAtWork(input as SetupInput, { journal: filteredJournal(journal, secrets), workspaces }),
      },
      { name: workflows.alarm, run: (input, journal) => ringAlarm(input as AlarmInput, journal) },
    ]),
  })
  const engine = await starting
  const take: Engine['start'] = (workflow, id, input) =>
    at(placeOf({ workflow, id, input }), () => engine.start(workflow, id, redactDeep(input, secrets)))
  const door = await startFrontDoor({
    host: config.server.host,
    port: config.server.port,
    crew: { label: config.crewLabel, appSlug: credentials.slug },
    verify: app.verify,
    asks: runs.asks,
    engine: { start: take },
    // The credentials worked, and the engine was launched, or there would be no door.
    whyNotReady: async () => ((await gauges.answers()) ? null : 'The database does not answer.'),
    log,
  })

  const metricsDoor = config.metrics && metrics ? await openMetricsDoor({ ...config.metrics, metrics }) : null
  if (metricsDoor) say(`Metrics are at ${metricsDoor.url}`)

  const reconciler = createReconciler({
    overview: createOverview(app),
    looks,
    engine: { start: take, list: engine.list },
    asks: runs.asks,
    label: config.crewLabel,
    isHandled,
    readComment,
    log: { info: say, warn: line => log.warn(line) },
  })
  const looking = lookRegularly(reconciler.look, config.reconcileMinutes ?? 0)
  const tidying = tidyRegularly({ list: engine.list, tidy: bare.tidy, log })

  return {
    url: door.url,
    metricsUrl: metricsDoor?.url ?? null,
    webhookUrl: `${door.url}/api/github/webhooks`,
    engine,
    databaseUrl,
    commandsOff: workspaces.commandsOff,
    lookForMissed: () => reconciler.look({ everyMinutes: 0, first: true }),
    async stop() {
      door.leave()
      await looking.stop()
      await tidying.stop()
      await engine.stop()
      await door.close()
      await metricsDoor?.close()
      await gauges.close()
      await runs.close()
      await looks.close()
      await wallet.close()
      await ledger.close()
      await trees.close()
      await traces.stop()
      await postgres?.stop()
    },
  }
}

/** Workflows whose lines in the log, and whose spans, say what they belong to. */
const placed = (traces: Traces, definitions: WorkflowDefinition[]): WorkflowDefinition[] =>
  definitions.map(({ name, run, ...rest }) => ({
    ...rest,
    name,
    run: (input, journal, standing) => {
      const { id } = journal
      const carryOut = (traced: Journal): Promise<unknown> => run(input, traced, standing)
      return at(placeOf({ workflow: name, id, input }), () =>
        traces.workflow(tracedWorkflow({ name, id, input }), journal, carryOut),
      )
    },
  }))

/** What of the configuration is secret. */
export const credentialsOf = ({ app, model, databaseUrl }: Config): OwnCredentials => ({
  privateKey: app.privateKey,
  webhookSecret: app.webhookSecret,
  modelKey: model.apiKey,
  databaseUrl,
})
