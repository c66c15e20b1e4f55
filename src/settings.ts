import { z } from 'zod'
import { usualDisk, usualLimits } from './domain/limits.js'
import { usualSetup } from './domain/setup.js'

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

/** Where the App listens and what it logs: what there is before there is an App. */
export const ServerSettings = z.object({
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

export const noneAccepted = 'agents may do here whatever my user may do'

export const noneNeedsMore =
  'SANDBOX=none lets anybody whose text an agent reads run commands on this machine, with its network and with every ' +
  `file that the App's user can read. Set SANDBOX_NONE_ACCEPTED="${noneAccepted}" if that is what you want; else use bwrap.`

/** All settings, each with what is allowed, what counts when it is left out, and what it is for. */
export const Settings = z.object({
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
