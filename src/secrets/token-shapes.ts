import { rules } from '@secretlint/secretlint-rule-preset-recommend'
import type { FoundSecret } from '../domain/secret.js'

/**
 * Finds what has the look of a token, key or password in an address: secretlint's recommended rules, and a few more of
 * ours. What documentation uses for such things is let pass.
 *
 * The rules are asked one by one, and not through secretlint's own core: that takes a millisecond for each text, gives its
 * answer later (the log can't wait), and heeds `secretlint-disable` comments, which anybody can write.
 */
export function findTokenShapes(text: string): FoundSecret[] {
  if (text.length < shortest) return []
  reported = []
  for (const handler of handlers) handler.file?.({ content: text, filePath: undefined, ext: '', contentType: 'text' })
  const found = reported.flatMap(report => placeOf(text, report))
  for (const { kind, pattern } of ownShapes)
    for (const match of text.matchAll(pattern)) found.push(placed(kind, match[0], match.index))
  return found.flatMap(one => narrowed(text, one))
}

/** No rule knows a token that is shorter. */
const shortest = 16

interface Report {
  kind: string
  range: readonly [number, number]
  values: string[]
}

/** What the rules report while a text is looked at. */
let reported: Report[] = []

/** As much as is used here of secretlint's interface for rules. */
interface Rule {
  meta: { id: string }
  create(context: object, options: object): { file?(source: object): void }
}

const handlers = (rules as unknown as Rule[])
  .filter(({ meta }) => !meta.id.endsWith('-filter-comments') && !meta.id.endsWith('-gcp'))
  .map(({ meta, create }) => {
    const context = {
      sharedOptions: {},
      createTranslator: () => (messageId: string, data?: Record<string, unknown>) => ({ messageId, data }),
      ignore: () => undefined,
      report({
        message,
        range,
      }: {
        message: { messageId: string; data?: Record<string, unknown> }
        range: [number, number]
      }) {
        // Twelve digits that are no secret.
        if (message.messageId === 'AWSAccountID') return
        const values = Object.values(message.data ?? {}).filter(value => typeof value === 'string')
        reported.push({
          kind: kinds[message.messageId] ?? `${meta.id.split('-rule-').at(-1)} credential`,
          range,
          values,
        })
      },
    }
    return create(context, { enableIDScanRule: true })
  })

const kinds: Record<string, string> = {
  AWSAccessKeyID: 'AWS access key',
  AWSSecretAccessKey: 'AWS secret key',
  PrivateKey: 'private key',
  PackageJSON_xOauthToken: 'GitHub token',
  Npmrc_authToken: 'npm token',
  NPM_ACCESS_TOKEN: 'npm token',
  BasicAuth: 'password in an address',
  SLACK_TOKEN: 'Slack token',
  IncomingWebhook: 'Slack webhook',
  SENDGRID_KEY: 'SendGrid key',
  SHOPIFY_KEY: 'Shopify key',
  GITHUB_TOKEN: 'GitHub token',
  OPENAI_TOKEN: 'OpenAI key',
  ANTHROPIC_API_KEY: 'Anthropic key',
  LINEAR_API_TOKEN: 'Linear token',
  OPS_TOKEN: '1Password token',
  MongoDBConnection: 'password of a database',
  MySQLConnection: 'password of a database',
  PostgreSQLConnection: 'password of a database',
}

/** What the recommended rules don't know, or know in one length only. */
const ownShapes: { kind: string; pattern: RegExp }[] = [
  { kind: 'GitHub token', pattern: /\b(?:gh[opsur]|github_pat)_[A-Za-z0-9_]{30,}/g },
  { kind: 'Anthropic key', pattern: /\bsk-ant-[\w-]{24,}/g },
  { kind: 'npm token', pattern: /(?<=_authToken=)[\w-]{20,}/g },
  { kind: 'JSON web token', pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}/g },
  // Also one that was cut off before its end.
  {
    kind: 'private key',
    pattern:
      /-----BEGIN [A-Z ]{0,20}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\n|\\r){1,8}(?:[A-Za-z0-9+/=]{40,}(?:\s|\\n|\\r)*){2,}(?:[A-Za-z0-9+/=]+\s*)?(?:-----END [A-Z ]{0,20}PRIVATE KEY(?: BLOCK)?-----)?/g,
  },
  {
    kind: 'password in an address',
    pattern:
      /\b(?:rediss?|amqps?|mssql|sqlserver|smtps?|ldaps?):\/\/[^\s/:@"'`]{0,100}:[^\s/@"'`]{4,200}@[^\s/?"'`]{1,200}/g,
  },
]

/** A rule's range may begin before the secret and end within it; the secret itself is among what it tells. */
function placeOf(text: string, { kind, range, values }: Report): FoundSecret[] {
  return values.flatMap(value => {
    const start = text.indexOf(value, range[0])
    return start < 0 || value.length < shortest ? [] : [placed(kind, value, start)]
  })
}

const placed = (kind: string, value: string, start: number): FoundSecret => ({
  kind,
  start,
  end: start + value.length,
  known: false,
})

/** Of an address only its password, and nothing of what is no secret. */
function narrowed(text: string, found: FoundSecret): FoundSecret[] {
  const value = text.slice(found.start, found.end)
  const address = /:\/\/(?<user>[^:/\s]*):(?<password>[^@\s]+)@(?<host>[^/?#\s"'`,)]*)/d.exec(value)
  if (!address?.indices?.groups) return isExample(value) ? [] : [found]
  const { user = '', password = '', host = '' } = address.groups ?? {}
  const [from, to] = address.indices.groups['password'] ?? [0, 0]
  return isStandIn({ user, password, host }) ? [] : [{ ...found, start: found.start + from, end: found.start + to }]
}

/** Tokens of documentation: Amazon's end in EXAMPLE, jwt.io's is about John Doe, others are one character over and over. */
function isExample(value: string): boolean {
  if (value.startsWith('-----')) return false
  if (/EXAMPLE(?:KEY)?$/.test(value)) return true
  if (value.startsWith('eyJ')) return /"sub":\s*"1234567890"/.test(decoded(value.split('.')[1] ?? ''))
  const own = value.replace(/^(?:gh[a-z]|github_pat|npm|sk-ant-api\d\d|sk-ant)[_-]/, '')
  return new Set(own).size < 6 || /^[_-]*(?:your|my|example|placeholder|replace|insert)[_-]/i.test(own)
}

const decoded = (part: string): string => Buffer.from(part, 'base64url').toString('utf8')

/** What stands in examples, compose files and tests: a password that is a word everybody knows, or a machine of nobody's. */
function isStandIn({ user, password, host }: { user: string; password: string; host: string }): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  return (
    password === user ||
    /^(?:pass(?:word|wd)?|secret|postgres|mysql|mariadb|mongo|redis|root|admin|user|guest|test(?:ing)?|dev|example|change-?me|[x*.]+)\d{0,3}$/i.test(
      password,
    ) ||
    /^\W*[$%<{]/.test(password) ||
    /^(?:localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[?::1\]?|(?:.+\.)?example(?:\.\w+)?|.+\.(?:test|invalid|localhost))$/.test(
      name,
    )
  )
}
