import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import type { z } from 'zod'
import type { Sandbox } from './domain/sandbox.js'
import type { RequestBudgets } from './domain/request-budget.js'
import type { SetupLimits } from './domain/setup.js'
import { type DiskLimits, type Limits, usualLimits } from './domain/limits.js'
import { noneAccepted, noneNeedsMore, ServerSettings, Settings } from './settings.js'
import { type PrivateKeyResult, readPrivateKey, readPrivateKeyFile } from './private-key.js'

/** What the App needs to know of its surroundings, checked. Made once, at the start. */
export interface Config {
  app: { id: number; privateKey: string; webhookSecret: string }
  github: {
    /** Address of the REST API, without a slash at its end. */
    baseUrl: string
    /** At least that long from one write to the next, for each installation. */
    writeSpacingMs: number
    /** What each installation's requests are held within; nine tenths of what github.com allows unless told. */
    budgets?: RequestBudgets
    /** When an unanswered request is given up; 30 seconds unless told. */
    timeoutMs?: number
  }
  model: { apiKey: string; baseUrl: string | undefined }
  /** Undefined: the App runs a Postgres of its own, in `home`. */
  databaseUrl: string | undefined
  crewLabel: string
  limits: Limits
  /** Absolute path of the directory for clones, worktrees and the App's own Postgres. */
  home: string
  /** What may stay in `home`; the usual when left out. */
  disk?: DiskLimits
  /** Days that what ended is kept; 90 when left out. */
  keepDays?: number
  /** Where commands of agents run; bubblewrap when left out. */
  sandbox?: Sandbox
  /** What repositories' setups may do; the usual when left out. */
  setup?: SetupLimits
  server: ServerConfig
  /** Where metrics are served; nowhere when left out. */
  metrics?: { host: string; port: number }
  /** Seconds that what is under way may go on when the App is told to stop; none when left out. */
  stopSeconds?: number
  /** Where traces are sent by OTLP over HTTP; nowhere when left out. */
  traces?: { url: string }
  /** Minutes from one look for what GitHub could not deliver to the next; 0 for none, and so when left out. */
  reconcileMinutes?: number
}

/** What is needed before there is an App, too. */
export interface ServerConfig {
  host: string
  port: number
  webhookProxyUrl: string | undefined
  log: { level: string; pretty: boolean }
}

export type Environment = Record<string, string | undefined>
export type Checked<T> = { ok: true; config: T } | { ok: false; problems: string[] }

/** Reads all settings. Every problem is found at once, each a sentence with the variable, what is allowed and what to do. */
export function readConfig(env: Environment): Checked<Config> {
  const given = withoutBlanks(env)
  const parsed = Settings.safeParse(given)
  const key = readKey(given)
  if (!parsed.success || !key.ok) {
    const problems = parsed.success ? [] : parsed.error.issues.map(issue => problemOf(issue, given))
    return { ok: false, problems: key.ok ? problems : [...problems, key.problem] }
  }

  const settings = parsed.data
  if (settings.SANDBOX === 'none' && settings.SANDBOX_NONE_ACCEPTED !== noneAccepted)
    return { ok: false, problems: [noneNeedsMore] }
  return {
    ok: true,
    config: {
      app: { id: settings.APP_ID, privateKey: key.pem, webhookSecret: settings.WEBHOOK_SECRET },
      github: {
        baseUrl: settings.GHE_HOST
          ? `${settings.GHE_PROTOCOL}://${settings.GHE_HOST}/api/v3`
          : 'https://api.github.com',
        writeSpacingMs: settings.GITHUB_WRITE_SPACING_MS,
      },
      model: { apiKey: settings.ANTHROPIC_API_KEY, baseUrl: settings.ANTHROPIC_BASE_URL },
      databaseUrl: settings.DATABASE_URL,
      crewLabel: settings.CREW_LABEL,
      limits: {
        ...usualLimits,
        usdPerDay: {
          repository: settings.BUDGET_USD_PER_DAY_REPOSITORY,
          installation: settings.BUDGET_USD_PER_DAY_INSTALLATION,
        },
        runsAtOnce: {
          repository: settings.RUNS_AT_ONCE_REPOSITORY,
          installation: settings.RUNS_AT_ONCE_INSTALLATION,
        },
        plansPerHour: settings.PLANS_PER_HOUR,
      },
      home: resolve(settings.CREW_HOME),
      disk: { bytes: settings.DISK_GB * 1024 ** 3, days: settings.KEEP_DAYS },
      keepDays: settings.KEEP_DAYS,
      sandbox: settings.SANDBOX,
      setup: { minutes: settings.SETUP_MINUTES, privateRegistries: settings.SETUP_PRIVATE_REGISTRIES ?? [] },
      server: toServerConfig(settings),
      ...(settings.METRICS_PORT !== undefined && {
        metrics: { host: settings.METRICS_HOST, port: settings.METRICS_PORT },
      }),
      stopSeconds: settings.STOP_SECONDS,
      ...tracesOf(settings),
      reconcileMinutes: settings.RECONCILE_MINUTES,
    },
  }
}

/** OpenTelemetry's own rule: the general address gets the signal's path, the signal's own is taken as it is. */
function tracesOf(settings: z.infer<typeof Settings>): { traces?: { url: string } } {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: general, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own } = settings
  const url = own ?? (general && `${general.replace(/\/$/, '')}/v1/traces`)
  return url === undefined ? {} : { traces: { url } }
}

/** The part of the settings that the set-up at /probot needs. */
export function readServerConfig(env: Environment): Checked<ServerConfig> {
  const given = withoutBlanks(env)
  const parsed = ServerSettings.safeParse(given)
  if (!parsed.success) return { ok: false, problems: parsed.error.issues.map(issue => problemOf(issue, given)) }
  return { ok: true, config: toServerConfig(parsed.data) }
}

/** Where the App's runs are, for commands beside it. */
export interface DatabaseConfig {
  databaseUrl: string | undefined
  home: string
  /** Where people see GitHub's pages, without a slash at its end. */
  web: string
}

/** The part of the settings that says where the runs are; the others may be missing. */
export function readDatabaseConfig(env: Environment): Checked<DatabaseConfig> {
  const given = withoutBlanks(env)
  const parsed = Settings.pick({ DATABASE_URL: true, CREW_HOME: true, GHE_HOST: true, GHE_PROTOCOL: true }).safeParse(
    given,
  )
  if (!parsed.success) return { ok: false, problems: parsed.error.issues.map(issue => problemOf(issue, given)) }
  const { DATABASE_URL, CREW_HOME, GHE_HOST, GHE_PROTOCOL } = parsed.data
  const web = GHE_HOST ? `${GHE_PROTOCOL}://${GHE_HOST}` : 'https://github.com'
  return { ok: true, config: { databaseUrl: DATABASE_URL, home: resolve(CREW_HOME), web } }
}

/** Whether nobody has told us yet which App we are: the time for the set-up at /probot. */
export function needsSetUp(env: Environment): boolean {
  const given = withoutBlanks(env)
  return ['APP_ID', 'PRIVATE_KEY', 'PRIVATE_KEY_PATH'].every(name => given[name] === undefined)
}

/** Adds what a `.env` file says to `process.env`. What is set already stays; no file is no problem. Returns the problem. */
export function loadDotEnv(path: string): string | null {
  try {
    for (const [name, value] of Object.entries(parseEnv(readFileSync(path, 'utf8')))) process.env[name] ??= value
    return null
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? null : `${path} can't be read: ${message}`
  }
}

function readKey(given: Record<string, string>): PrivateKeyResult {
  const { PRIVATE_KEY: inline, PRIVATE_KEY_PATH: path } = given
  const advice = 'Generate one on the settings page of the App, at “Private keys”, and use the .pem file as it is.'
  if (inline !== undefined && path !== undefined) {
    return {
      ok: false,
      problem: 'PRIVATE_KEY and PRIVATE_KEY_PATH are both set; remove one, so that it is plain which counts.',
    }
  }
  if (path !== undefined) return named(`PRIVATE_KEY_PATH: `, readPrivateKeyFile(resolve(path)), advice)
  if (inline !== undefined) return named('PRIVATE_KEY: ', readPrivateKey(inline), advice)
  return { ok: false, problem: `PRIVATE_KEY_PATH (or PRIVATE_KEY) is missing. ${advice}` }
}

function named(name: string, key: PrivateKeyResult, advice: string): PrivateKeyResult {
  return key.ok ? key : { ok: false, problem: `${name}${key.problem}. ${advice}` }
}

function toServerConfig(settings: z.infer<typeof ServerSettings>): ServerConfig {
  return {
    host: settings.HOST,
    port: settings.PORT,
    webhookProxyUrl: settings.WEBHOOK_PROXY_URL,
    log: {
      level: settings.LOG_LEVEL,
      pretty: settings.LOG_FORMAT === undefined ? Boolean(process.stdout.isTTY) : settings.LOG_FORMAT === 'pretty',
    },
  }
}

/** In a `.env` file a name with nothing behind it means the same as no name. */
function withoutBlanks(env: Environment): Record<string, string> {
  const entries = Object.entries(env).map(([name, value]) => [name, value?.trim() ?? ''] as const)
  return Object.fromEntries(entries.filter(([, value]) => value !== ''))
}

/** Values that a problem never shows. */
const secretSettings = ['WEBHOOK_SECRET', 'ANTHROPIC_API_KEY', 'DATABASE_URL']

function problemOf(issue: z.core.$ZodIssue, given: Record<string, string>): string {
  const name = issue.path.join('.')
  const value = secretSettings.includes(name) ? undefined : given[name]
  const found = value === undefined ? name : `${name}, found “${value.slice(0, 80)}”,`
  return `${found} ${issue.message.replace(/\.$/, '')}.`
}
