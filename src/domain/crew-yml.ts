import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { isDeepYaml } from './nesting.js'
import { oneLine } from './defuse.js'
import { currentModels } from './model-names.js'
import { globProblem } from './path-rules.js'

const efforts = ['low', 'medium', 'high', 'xhigh', 'max'] as const

/** Where a repository keeps it. */
export const crewYmlPath = '.github/crew.yml'

const modelName = (model: string) => z.string().min(1).max(100).default(model)

/** One role's model. An object with its own defaults, so that a file may name only what it changes. */
const roleModel = (model: string, effort: (typeof efforts)[number]) =>
  z
    .strictObject({
      model: modelName(model).describe('Name of the model, as the Messages API knows it'),
      effort: z.enum(efforts).default(effort).describe('How much it thinks before it answers'),
    })
    .prefault({})

const glob = z
  .string()
  .min(1)
  .refine(text => globProblem(text) === null, { error: issue => globProblem(String(issue.input)) ?? 'is no glob' })

/** Names only, whose last part begins with a letter: no address of a network is one. */
const hostName = z
  .string()
  .max(260)
  .regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?(?::[1-9]\d{0,4})?$/, {
    error:
      'the name of one host in lower case, as packages.example.org, with :port where that is not 443; no https://, path, wildcard or IP address',
  })

/** `.github/crew.yml`: every key has a default, and keys that are not here are refused. */
export const CrewConfig = z
  .strictObject({
    budget_usd: z.number().positive().max(1000).default(10).describe('What one run may spend, in US dollars'),
    budget_usd_per_day: z
      .number()
      .positive()
      .max(100_000)
      .optional()
      .describe(
        'What all runs of the repository may spend in a UTC day, in US dollars, where that is less than the App allows',
      ),
    approval: z
      .strictObject({
        people: z.int().min(1).max(10).default(1).describe('How many different people must approve'),
        team: z
          .string()
          .regex(/^[\w-]+\/[\w.-]+$/, 'a team as organisation/name')
          .optional()
          .describe(
            'A team of which one of them must be a member, as organisation/name; the App needs `members: read`',
          ),
        code_owners: z
          .boolean()
          .default(false)
          .describe('Whether an owner of each path that the plan names must be among them, as CODEOWNERS has it'),
        author_may_approve: z.boolean().default(true).describe('Whether the author of the issue may approve its plan'),
      })
      .prefault({})
      .describe('Who must approve a plan, all of them people who may write'),
    max_parallel: z.int().min(1).max(8).default(2).describe('How many specialists may work at once'),
    models: z
      .strictObject({
        lead: roleModel(currentModels.opus, 'high').describe('The tech lead, who plans'),
        specialist: roleModel(currentModels.sonnet, 'medium').describe('The specialists, who write'),
        reviewer: roleModel(currentModels.opus, 'high').describe('The reviewer, who reads the pull request'),
        short_names: z
          .strictObject({
            opus: modelName(currentModels.opus),
            sonnet: modelName(currentModels.sonnet),
            haiku: modelName(currentModels.haiku),
            fable: modelName(currentModels.fable),
          })
          .prefault({})
          .describe('What the short names in the files of agents stand for'),
      })
      .prefault({}),
    limits: z
      .strictObject({
        turns: z.int().min(1).max(500).default(80).describe('Model calls'),
        minutes: z.number().positive().max(600).default(45).describe('Time at work'),
        tokens: z.int().min(10_000).max(100_000_000).default(5_000_000).describe('Tokens in and out, cached ones too'),
        usd: z.number().positive().max(1000).default(4).describe('US dollars'),
      })
      .prefault({})
      .describe('Where one agent’s work on one task ends'),
    protected_paths: z
      .array(glob)
      .max(200)
      .default([])
      .describe(
        'Globs, besides .github/** and CODEOWNERS, of files that a task may touch only where the plan names the very file',
      ),
    commands: z
      .strictObject({
        timeout_seconds: z.int().min(1).max(3600).default(120).describe('How long one command of a specialist may run'),
        image: z
          .string()
          .regex(/^[a-z0-9][\w.\-/:@]{0,250}$/i, { error: 'can’t be the name of an image' })
          .optional()
          .describe('Container image for the commands, where the App runs them in docker; it must be on that machine'),
      })
      .prefault({}),
    setup: z
      .strictObject({
        commands: z
          .array(z.string().min(1).max(10_000))
          .min(1)
          .max(20)
          .describe('Shell commands, one after the other, each in a sandbox of its own'),
        registries: z
          .array(hostName)
          .max(50)
          .default([])
          .describe('Hosts that the commands may reach, over https; nothing else is reachable'),
        cached_by: z
          .array(glob)
          .min(1)
          .max(50)
          .optional()
          .describe('Globs of the files on which the result depends; all lock files where it isn’t said'),
        timeout_seconds: z
          .int()
          .min(1)
          .max(7200)
          .optional()
          .describe('How long all commands together may take, where that is less than the App allows'),
      })
      .optional()
      .describe('What installs the dependencies, once, before specialists run commands, which reach no network'),
  })
  .prefault({})
export type CrewConfig = z.infer<typeof CrewConfig>
export type RoleModel = CrewConfig['models']['lead']

/** One thing wrong with the file. */
export interface CrewYmlProblem {
  /** Path of the key, `models.lead.effort`; or `line 3, column 5` where the text is no YAML. */
  key: string
  /** What stands there, as JSON cut short. */
  found: string
  /** What may stand there, in words. */
  allowed: string
}

const maxCharacters = 64 * 1024

/** Reads the file's text; null when there is none. All problems are reported at once. */
export function parseCrewYml(
  text: string | null,
): { ok: true; config: CrewConfig } | { ok: false; problems: CrewYmlProblem[] } {
  if ((text?.length ?? 0) > maxCharacters)
    return fails({
      key: 'the file',
      found: `${text?.length} characters`,
      allowed: `at most ${maxCharacters} characters`,
    })
  if (isDeepYaml(text ?? ''))
    return fails({ key: 'the file', found: 'more than a hundred levels of nesting', allowed: 'two or three' })
  const lines = new LineCounter()
  const document = parseDocument(text ?? '', { lineCounter: lines, uniqueKeys: true, version: '1.2' })
  if (document.errors.length > 0)
    return fails(
      ...document.errors.slice(0, 5).map(error => {
        const { line, col } = lines.linePos(error.pos[0])
        return {
          key: `line ${line}, column ${col}`,
          found: oneLine(error.message.replace(/ at line \d+, column \d+:[\s\S]*$/, ''), 160),
          allowed: 'YAML 1.2',
        }
      }),
    )
  const value = readValue(document)
  if ('problem' in value) return fails(value.problem)
  const parsed = CrewConfig.safeParse(withoutNulls(value.value) ?? {})
  if (parsed.success) return { ok: true, config: parsed.data }
  return fails(...parsed.error.issues.flatMap(issue => describe(issue, value.value)))
}

/** The JSON Schema of the file, for editors. Made from the same zod schema. */
export const crewYmlJsonSchema = (): Record<string, unknown> => {
  const { $schema, ...schema } = z.toJSONSchema(CrewConfig, { io: 'input' })
  return { $schema, title: 'Issue Crew: .github/crew.yml', ...schema }
}

const fails = (...problems: CrewYmlProblem[]): { ok: false; problems: CrewYmlProblem[] } => ({ ok: false, problems })

/** Aliases are counted by the library, which throws when they would expand without end. */
function readValue(document: ReturnType<typeof parseDocument>): { value: unknown } | { problem: CrewYmlProblem } {
  try {
    return { value: document.toJS({ maxAliasCount: 50 }) }
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error)
    return { problem: { key: 'the file', found: oneLine(found, 160), allowed: 'YAML with few aliases' } }
  }
}

function describe(issue: z.core.$ZodIssue, root: unknown): CrewYmlProblem[] {
  const at = (path: readonly PropertyKey[]): unknown =>
    path.reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
      root,
    )
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map(key => ({
      key: showKey([...issue.path, key]),
      found: show(at([...issue.path, key])),
      allowed: `no such key; the keys here are ${keysAt(issue.path).join(', ')}`,
    }))
  return [{ key: showKey(issue.path), found: show(at(issue.path)), allowed: allowedBy(issue) }]
}

function allowedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeNames[issue.expected] ?? issue.expected
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`
    case 'too_small':
      if (issue.origin === 'string') return 'a text that is not empty'
      if (issue.origin === 'array') return 'a list that is not empty'
      return issue.inclusive ? `at least ${issue.minimum}` : `more than ${issue.minimum}`
    case 'too_big':
      return `at most ${issue.maximum}${issue.origin === 'array' ? ' entries' : issue.origin === 'string' ? ' characters' : ''}`
    case 'custom':
      return `a path or glob; this one ${issue.message}`
    default:
      return issue.message
  }
}

const typeNames: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys with values',
}

const showKey = (path: readonly PropertyKey[]): string =>
  path.length === 0
    ? 'the file'
    : path
        .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${String(key)}`))
        .join('')

/** A key with nothing behind it, its children commented out, counts as left out. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(entries.map(([key, member]) => [key, withoutNulls(member)]))
}

const show = (value: unknown): string =>
  value === undefined ? 'nothing' : oneLine(typeof value === 'number' ? String(value) : JSON.stringify(value), 80)

/** The keys that the schema has at a path, from the JSON Schema, which is plain data. */
function keysAt(path: readonly PropertyKey[]): string[] {
  const schema = path.reduce<unknown>(
    (part, key) => (part as { properties?: Record<PropertyKey, unknown> } | undefined)?.properties?.[key],
    crewYmlJsonSchema(),
  )
  return Object.keys((schema as { properties?: object } | undefined)?.properties ?? {})
}
