import { type Logger, pino } from 'pino'
import { createSecretFilter } from './secrets/secret-filter.js'
import { whereabouts } from './whereabouts.js'

export type { Logger }

/** Where finished lines go: `process.stdout`, or a collector in tests. */
export interface LineSink {
  write(line: string): unknown
}

/**
 * The one log of the App: a JSON object a line, or, with `pretty`, a line for people. Whatever has the form of a secret is
 * blanked out in the finished line, wherever in it it stands, and so is every string of `secrets`, in all its forms.
 */
export function createLog(options: { level: string; pretty: boolean; secrets: string[]; sink?: LineSink }): Logger {
  const { level, pretty, secrets, sink = process.stdout } = options
  const { redact } = createSecretFilter(secrets.map(value => ({ kind: 'secret', value })))
  return pino(
    { level, base: null, mixin: () => ({ ...whereabouts() }) },
    {
      write(line: string) {
        const clean = looseForms.reduce((text, [form, instead]) => text.replace(form, instead), redact(line))
        sink.write(pretty ? forPeople(clean) : clean)
      },
    },
  )
}

/**
 * The beginnings of GitHub's and Anthropic's tokens, of JSON web tokens and private keys, and passwords within an address,
 * whatever follows: nobody works with what a log says, so that it may say less than a file that is being read.
 */
const looseForms: [RegExp, string][] = [
  [/\bgh[a-z]_[A-Za-z0-9_]{16,}/g, '[token]'],
  [/\bgithub_pat_[A-Za-z0-9_]{16,}/g, '[token]'],
  [/\bsk-ant-[\w-]{8,}/g, '[key]'],
  [/\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g, '[token]'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, '[private key]'],
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"\\]*):[^\s/@"\\]+@/gi, '$1:[password]@'],
]

const levelNames: Record<number, string> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
}

function forPeople(line: string): string {
  let entry: Record<string, unknown>
  try {
    entry = JSON.parse(line) as Record<string, unknown>
  } catch {
    return line
  }
  const { level, time, msg, name: _name, err, ...rest } = entry
  const clock = new Date(Number(time)).toTimeString().slice(0, 8)
  const fields = Object.entries(rest).map(([key, value]) => `${key}=${plain(value)}`)
  const words = [clock, (levelNames[Number(level)] ?? String(level)).padEnd(5), plain(msg ?? ''), ...fields]
  return `${words.join(' ')}\n${errorText(err)}`
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function errorText(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  const text = 'stack' in error ? error.stack : JSON.stringify(error)
  return `${String(text).replace(/^/gm, '    ')}\n`
}
