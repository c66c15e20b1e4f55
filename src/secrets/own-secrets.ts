import type { KnownSecret } from '../domain/secret.js'

/** What the App holds that nobody else may see. */
export interface OwnCredentials {
  privateKey: string
  webhookSecret: string
  modelKey: string
  databaseUrl: string | undefined
}

/** The App's own credentials, and whatever else of its environment has a name that says so or a password in its address. */
export function ownSecrets(
  { privateKey, webhookSecret, modelKey, databaseUrl }: OwnCredentials,
  env: Record<string, string | undefined> = {},
): KnownSecret[] {
  return [
    { kind: "the App's private key", value: privateKey },
    { kind: 'the webhook secret', value: webhookSecret },
    { kind: "the model's key", value: modelKey },
    ...passwordOf(databaseUrl ?? '', "the database's password"),
    ...Object.entries(env).flatMap(([name, value = '']) => [
      ...(tellingName.test(name) ? [{ kind: `the setting ${name}`, value }] : []),
      ...passwordOf(value, `the password in ${name}`),
      ...(/^OTEL_.*_HEADERS$/.test(name) ? headersOf(value, `a header in ${name}`) : []),
    ]),
  ]
}

const tellingName = /(?:^|_)(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|APIKEY|KEY|CREDENTIALS?|PAT)$/i

/** The password of an address, as it stands there and as it is meant. */
export function passwordOf(address: string, kind: string): KnownSecret[] {
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^:/?#@]*:([^@/?#]+)@/i.exec(address)?.[1]
  if (password === undefined) return []
  return [...new Set([password, unescaped(password)])].map(value => ({ kind, value }))
}

/** Values of `name=value,other=value`, as they stand there and as they are meant. */
function headersOf(list: string, kind: string): KnownSecret[] {
  const values = list.split(',').map(header => header.slice(header.indexOf('=') + 1).trim())
  return [...new Set(values.flatMap(value => [value, unescaped(value)]))].map(value => ({ kind, value }))
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
