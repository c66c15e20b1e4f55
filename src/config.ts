import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { z } from 'zod'
import type { Sandbox } from './domain/sandbox.js'
import type { RequestBudgets } from './domain/request-budget.js'
import { usualSetup, type SetupLimits } from './domain/setup.js'
import { type DiskLimits, type Limits, usualDisk, usualLimits } from './domain/limits.js'
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

/** The settings in the order in which people meet them, for `.env.example` and the README. */
export function describeSettings(): { name: string; required: boolean; default: string | null; description: string }[] {
  const described = Object.entries(Settings.shape).map(([name, schema]) => ({
    name,
    required: !schema.safeParse(undefined).success,
    default: schema instanceof z.ZodDefault ? String(schema.def.defaultValue) : null,
    description: schema.description ?? '',
  }))
  return described.flatMap(one => (one.name === 'APP_ID' ? [one, ...keySettings] : [one]))
}

const ServerSettings = z.object({
  HOST: z
    .string()
    .regex(/^[\w.:-]+$/, { error: 'is not a host name or an address; e.g. 127.0.0.1, or 0.0.0.0 for all of them' })
    .default('127.0.0.1')
    .describe('Address to listen on; 0.0.0.0 where GitHub or a proxy on another machine must reach it'),
  PORT: z.string().transform(toInteger(0, 65_535)).default(3000).describe('Port to listen on'),
  WEBHOOK_PROXY_URL: z
    .url({ protocol: /^https?$/, error: 'is not an http(s) address; e.g. https://smee.io/abc123' })
    .optional()
    .describe('A smee.io channel that relays webhooks to a machine GitHub cannot reach; for trying out only'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      error: 'is none of trace, debug, info, warn, error, fatal, silent',
    })
    .default('info')
    .describe('How much is logged'),
  LOG_FORMAT: z
    .enum(['pretty', 'json'], { error: 'is neither pretty nor json' })
    .optional()
    .describe('pretty for people, json for machines; without it, pretty on a terminal'),
})

const otlpAddress = (example: string) =>
  z.url({ protocol: /^https?$/, error: `is not an http(s) address; e.g. ${example}` }).optional()

const noneAccepted = 'agents may do here whatever my user may do'

const noneNeedsMore =
  'SANDBOX=none lets anybody whose text an agent reads run commands on this machine, with its network and with every ' +
  `file that the App's user can read. Set SANDBOX_NONE_ACCEPTED="${noneAccepted}" if that is what you want; else use bwrap.`

const Settings = z.object({
  APP_ID: z
    .string({ error: 'is missing; copy the App ID from the settings page of the App' })
    .transform(toInteger(1, Number.MAX_SAFE_INTEGER))
    .describe("The App's number, from its settings page"),
  WEBHOOK_SECRET: z
    .string({ error: `is missing; without it anybody could send events. ${makeSecret()}` })
    .refine(secret => secret !== 'development', { error: `is the well-known word “development”. ${makeSecret()}` })
    .refine(secret => secret === 'development' || secret.length >= 16, {
      error: `is shorter than 16 characters. ${makeSecret()}`,
    })
    .describe("The webhook secret, the same as in the App's settings; at least 16 characters (openssl rand -hex 32)"),
  ANTHROPIC_API_KEY: z
    .string({ error: 'is missing; make a key at https://platform.claude.com/settings/keys' })
    .describe('Key for the model'),
  ANTHROPIC_BASE_URL: z
    .url({ protocol: /^https?$/, error: 'is not an http(s) address; e.g. https://api.anthropic.com' })
    .optional()
    .describe('Another address of the Messages API, such as a gateway of your own'),
  DATABASE_URL: z
    .url({
      protocol: /^postgres(ql)?$/,
      error: 'is not the address of a Postgres database; e.g. postgresql://user:password@host:5432/crew',
    })
    .optional()
    .describe('Postgres for everything that must survive; without it the App runs one of its own in CREW_HOME'),
  CREW_LABEL: z
    .string()
    .max(50, { error: 'is longer than the 50 characters of a GitHub label' })
    .default('crew')
    .describe('The label that puts the crew to work'),
  BUDGET_USD_PER_DAY_REPOSITORY: z
    .string()
    .transform(toDollars)
    .default(usualLimits.usdPerDay.repository)
    .describe('US dollars that all runs of one repository may spend in a UTC day'),
  BUDGET_USD_PER_DAY_INSTALLATION: z
    .string()
    .transform(toDollars)
    .default(usualLimits.usdPerDay.installation)
    .describe('The same for all repositories of one installation together'),
  RUNS_AT_ONCE_REPOSITORY: z
    .string()
    .transform(toInteger(1, 1000))
    .default(usualLimits.runsAtOnce.repository)
    .describe('Runs of one repository whose agents may be at work at the same time; further ones wait their turn'),
  RUNS_AT_ONCE_INSTALLATION: z
    .string()
    .transform(toInteger(1, 1000))
    .default(usualLimits.runsAtOnce.installation)
    .describe('The same for all repositories of one installation together'),
  PLANS_PER_HOUR: z
    .string()
    .transform(toInteger(1, 1000))
    .default(usualLimits.plansPerHour)
    .describe('Plans for one issue within an hour, new versions too'),
  RECONCILE_MINUTES: z
    .string()
    .transform(toInteger(0, 24 * 60))
    .default(10)
    .describe('Minutes from one look for what GitHub could not deliver to the next; 0 looks never'),
  STOP_SECONDS: z
    .string()
    .transform(toInteger(0, 3600))
    .default(15)
    .describe('Seconds that model calls and commands may still take when the App is told to stop (SIGTERM)'),
  CREW_HOME: z
    .string()
    .default('.crew')
    .describe('Directory for clones, worktrees and the own database; relative to the working directory'),
  DISK_GB: z
    .string()
    .transform(toInteger(1, 100_000))
    .default(usualDisk.bytes / 1024 ** 3)
    .describe('Gigabytes that clones and what setups left may take; above, clones go that were not used for longest'),
  KEEP_DAYS: z
    .string()
    // GitHub delivers again what is three days old, and it must be known then.
    .transform(toInteger(7, 3650))
    .default(usualDisk.days)
    .describe('Days after which runs that have ended, all they recorded, and unused clones are removed'),
  SANDBOX: z
    .enum(['bwrap', 'docker', 'none'], { error: 'is none of bwrap, docker, none' })
    .default('bwrap')
    .describe(
      'Where commands of agents run: bwrap, docker (an image per repository), or none, on this machine as it is',
    ),
  SANDBOX_NONE_ACCEPTED: z.string().optional().describe(`Must say “${noneAccepted}” before SANDBOX=none is taken`),
  SETUP_MINUTES: z
    .string()
    .transform(toInteger(0, 120))
    .default(usualSetup.minutes)
    .describe('Minutes that a repository’s setup may take, which reaches its registries; 0 runs none'),
  SETUP_PRIVATE_REGISTRIES: z
    .string()
    .regex(/^[a-z0-9.-]+(\s*,\s*[a-z0-9.-]+)*$/, {
      error: 'is not a list of host names, as nexus.example.com,pypi.lan',
    })
    .transform(text => text.split(/\s*,\s*/))
    .optional()
    .describe('Registries in a network of your own that setups may name, by host; others are refused there'),
  ...ServerSettings.shape,
  METRICS_PORT: z
    .string()
    .transform(toInteger(0, 65_535))
    .optional()
    .describe('Port on which Prometheus finds /metrics; without it there are none'),
  METRICS_HOST: z
    .string()
    .regex(/^[\w.:-]+$/, { error: 'is not a host name or an address; e.g. 127.0.0.1, or that of a private network' })
    .default('127.0.0.1')
    .describe('Address for METRICS_PORT: whoever reaches it may read them, so never a public one'),
  OTEL_EXPORTER_OTLP_ENDPOINT: otlpAddress('http://127.0.0.1:4318').describe(
    'Address of an OpenTelemetry collector (OTLP over HTTP, JSON) that gets traces; without it there are none',
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: otlpAddress('http://127.0.0.1:4318/v1/traces').describe(
    'The same for traces alone, with its path',
  ),
  OTEL_EXPORTER_OTLP_PROTOCOL: z
    .literal('http/json', { error: 'is not http/json, the only one that is spoken here' })
    .optional()
    .describe('May say http/json, which it is'),
  GHE_HOST: z
    .string()
    .regex(/^[\w.-]+(:\d{1,5})?$/, { error: 'is not a host name; e.g. github.example.com, without https:// and path' })
    .optional()
    .describe('Host of a GitHub Enterprise server; without it, github.com'),
  GHE_PROTOCOL: z
    .enum(['https', 'http'], { error: 'is neither https nor http' })
    .default('https')
    .describe('How to reach GHE_HOST'),
  GITHUB_WRITE_SPACING_MS: z
    .string()
    .transform(toInteger(0, 60_000))
    .default(1000)
    .describe('Milliseconds between two writes to GitHub, for each installation; github.com asks for 1000'),
})

const keySettings = [
  {
    name: 'PRIVATE_KEY_PATH',
    required: false,
    default: null,
    description: "File with the App's private key (.pem); this or PRIVATE_KEY is required",
  },
  {
    name: 'PRIVATE_KEY',
    required: false,
    default: null,
    description: 'The key itself, in quotes: PEM with line breaks or \\n, or in base64',
  },
]

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

function toInteger(least: number, most: number) {
  return (text: string, context: z.RefinementCtx): number => {
    const number = Number(text)
    if (/^\d+$/.test(text) && number >= least && number <= most) return number
    context.addIssue(`is not a whole number from ${least} to ${most}`)
    return z.NEVER
  }
}

function toDollars(text: string, context: z.RefinementCtx): number {
  const usd = Number(text)
  if (/^\d+(\.\d+)?$/.test(text) && usd > 0 && usd <= 100_000) return usd
  context.addIssue('is not an amount of US dollars above 0 and up to 100000')
  return z.NEVER
}

function makeSecret(): string {
  return "Make one with `openssl rand -hex 32`, and put the same into the App's settings at “Webhook secret”."
}
