import { findWithheld, type FoundSecret, type SecretFilter, type SecretFinding } from './secret.js'

/** One file of a change: its new text, and whether it is a text at all (else one byte a character). */
export interface ChangedText {
  path: string
  text: string
  binary: boolean
}

/**
 * The secrets that a change would add, by path, line and kind. What stood in one of the changed files before is none of
 * its doing, wherever in them it stands now. `before` has their old texts, and is only asked where something was found.
 */
export async function addedSecrets(
  changes: ChangedText[],
  filter: Pick<SecretFilter, 'find' | 'redact'>,
  before: () => Promise<string[]>,
): Promise<SecretFinding[]> {
  const found = changes.flatMap(({ path, text, binary }) => [
    ...filter.find(path).map(secret => ({ path, line: null, secret, text: path })),
    ...filter
      .find(text)
      .filter(secret => secret.known || !binary)
      .map(secret => ({ path, line: binary ? null : lineOf(text, secret), secret, text })),
    ...standIns({ path, text, binary }),
  ])
  if (found.length === 0) return []
  const old = await before()
  return found
    .filter(({ secret, text }) => {
      const value = text.slice(secret.start, secret.end)
      return !old.some(one => one.includes(value))
    })
    .map(({ path, line, secret }) => ({ path: filter.redact(path), line, kind: secret.kind }))
}

/** Where a file would hold the words that the specialist was shown in the place of a secret. */
function standIns({ path, text, binary }: ChangedText) {
  const words = binary ? null : findWithheld(text)
  if (words === null) return []
  const start = text.indexOf(words)
  const secret = { kind: `the words ${words} in the place of a secret`, start, end: start + words.length, known: false }
  return [{ path, line: lineOf(text, secret), secret, text }]
}

const lineOf = (text: string, { start }: Pick<FoundSecret, 'start'>): number => text.slice(0, start).split('\n').length
