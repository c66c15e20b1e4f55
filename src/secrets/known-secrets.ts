import type { FoundSecret, KnownSecret } from '../domain/secret.js'
import { formsOf, squeeze } from './encoded-forms.js'
import { squeezeWithPlaces, squeezeWithoutEscapes, type Squeezed } from './squeezed.js'

/** Finds the App's own secrets in a text. */
export interface KnownSecrets {
  learn(secret: KnownSecret): void
  find(text: string): FoundSecret[]
}

/**
 * Texts are compared by their letters and digits alone, so that line breaks, quotes and joints within a secret don't
 * hide it. What is found is any stretch of {@link part} characters of a key or token, and the whole of what is shorter or
 * was made up by a person.
 *
 * To find a stretch wherever it begins, all pieces of {@link piece} characters of all forms are kept, and every piece-th
 * place of a text is looked up among them: a stretch of two pieces less one can't lie between two such places.
 */
export function createKnownSecrets(): KnownSecrets {
  const pieces = new Map<string, { form: Form; at: number }[]>()
  const exact: { kind: string; text: string }[] = []
  const seen = new Set<string>()

  return {
    learn({ kind, value }) {
      if (seen.has(value) || !isTelling(value)) return
      seen.add(value)
      const { texts, inParts } = formsOf(value)
      for (const text of texts) {
        const squeezed = squeeze(text)
        if (squeezed.length < part) {
          if (text.length >= piece) exact.push({ kind, text })
          continue
        }
        const form = { kind, squeezed, least: inParts ? part : squeezed.length }
        for (let at = 0; at + piece <= squeezed.length; at++) {
          const key = squeezed.slice(at, at + piece)
          const places = pieces.get(key)
          if (places) places.push({ form, at })
          else pieces.set(key, [{ form, at }])
        }
      }
    },
    find(text) {
      const found = exactly(text, exact)
      if (pieces.size === 0 || text.length < part) return found
      found.push(...inPieces(squeezeWithPlaces(text), pieces))
      // What escapes stand for is letters and digits itself, and would part what belongs together.
      const plain = squeezeWithoutEscapes(text)
      return plain ? [...found, ...inPieces(plain, pieces)] : found
    },
  }
}

interface Form {
  kind: string
  squeezed: string
  /** Characters that must be there for it to count. */
  least: number
}

const piece = 8
const part = 2 * piece

/** A password such as `postgres` is a word of every second text: blanking it out would tell more than it hides. */
function isTelling(value: string): boolean {
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/].filter(one => one.test(value)).length
  return value.length >= 12 || (value.length >= 8 && classes >= 2)
}

function exactly(text: string, exact: { kind: string; text: string }[]): FoundSecret[] {
  const found: FoundSecret[] = []
  for (const { kind, text: secret } of exact)
    for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + secret.length))
      found.push({ kind, start: at, end: at + secret.length, known: true })
  return found
}

function inPieces(
  { squeezed, starts, ends }: Squeezed,
  pieces: Map<string, { form: Form; at: number }[]>,
): FoundSecret[] {
  const found: FoundSecret[] = []
  for (let at = 0; at + piece <= squeezed.length;) {
    const stretch = longest(squeezed, at, pieces.get(squeezed.slice(at, at + piece)) ?? [])
    if (!stretch) {
      at += piece
      continue
    }
    const { kind, from, to } = stretch
    found.push({ kind, start: starts[from] ?? 0, end: ends[to - 1] ?? 0, known: true })
    at = Math.max(to, at + piece)
  }
  return found
}

function longest(
  squeezed: string,
  at: number,
  candidates: { form: Form; at: number }[],
): { kind: string; from: number; to: number } | null {
  let best: { kind: string; from: number; to: number } | null = null
  for (const { form, at: within } of candidates) {
    let before = 0
    while (before < within && squeezed[at - before - 1] === form.squeezed[within - before - 1]) before++
    let after = piece
    while (within + after < form.squeezed.length && squeezed[at + after] === form.squeezed[within + after]) after++
    const length = before + after
    if (length >= form.least && length > (best ? best.to - best.from : 0))
      best = { kind: form.kind, from: at - before, to: at + after }
  }
  return best
}
