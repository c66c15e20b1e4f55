import { withheld, type FoundSecret, type KnownSecret, type SecretFilter } from '../domain/secret.js'
import { createKnownSecrets } from './known-secrets.js'
import { findTokenShapes } from './token-shapes.js'

/** A filter for these secrets in all their forms, and for what has the look of a token. */
export function createSecretFilter(secrets: Iterable<KnownSecret> = []): SecretFilter {
  const known = createKnownSecrets()
  for (const secret of secrets) known.learn(secret)

  const find = (text: string): FoundSecret[] => apart([...known.find(text), ...findTokenShapes(text)])
  return {
    find,
    redact(text) {
      let out = ''
      let at = 0
      for (const { kind, start, end } of find(text)) {
        out += text.slice(at, start) + withheld(kind) + text.slice(start, end).replace(/[^\n]+/g, '')
        at = end
      }
      return at === 0 ? text : out + text.slice(at)
    },
    learn: known.learn,
  }
}

/** Where two overlap they become one, and the App's own secret names it. */
function apart(found: FoundSecret[]): FoundSecret[] {
  const sorted = found.sort((a, b) => a.start - b.start || b.end - a.end)
  const merged: FoundSecret[] = []
  for (const one of sorted) {
    const last = merged.at(-1)
    if (!last || one.start >= last.end) {
      merged.push({ ...one })
      continue
    }
    last.end = Math.max(last.end, one.end)
    if (one.known && !last.known) Object.assign(last, { known: true, kind: one.kind })
  }
  return merged
}

/** A value that survives JSON, with every string in it redacted. The very same value where there was nothing to withhold. */
export function redactDeep<T>(value: T, filter: Pick<SecretFilter, 'redact'>): T {
  if (typeof value === 'string') return filter.redact(value) as T
  if (Array.isArray(value)) {
    const clean = value.map(one => redactDeep<unknown>(one, filter))
    return clean.every((one, index) => one === value[index]) ? value : (clean as T)
  }
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  const entries = Object.entries(value).map(([key, one]) => [key, redactDeep<unknown>(one, filter)] as const)
  return entries.every(([key, one]) => one === (value as Record<string, unknown>)[key])
    ? value
    : (Object.fromEntries(entries) as T)
}
