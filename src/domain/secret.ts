/** A secret that the App itself holds. `kind` is what people are told instead of it: `the webhook secret`. */
export interface KnownSecret {
  kind: string
  value: string
}

/** Where in a text a secret stands: the offsets of its first character and behind its last. */
export interface FoundSecret {
  kind: string
  start: number
  end: number
  /** One of the App's own, in whatever form; else something that has the look of a token. */
  known: boolean
}

/** What a change would add, by its place. `line` is null for a path itself, and in what isn't text. */
export interface SecretFinding {
  path: string
  line: number | null
  kind: string
}

/** Keeps secrets out of what is written down or sent. */
export interface SecretFilter {
  /** The text with {@link withheld} in the place of every secret. It keeps its number of lines. */
  redact(text: string): string
  /** Secrets of a text, by their place; none overlap. */
  find(text: string): FoundSecret[]
  /** From now on this is a secret, too. */
  learn(secret: KnownSecret): void
}

/** What stands in the place of a secret. In brackets that source code hardly has, so that it can be told when it comes back. */
export const withheld = (kind: string): string => `‹withheld: ${kind}›`

/** The first of such words in a text, or null. */
export const findWithheld = (text: string): string | null => /‹withheld: [^›\n]{1,100}›/.exec(text)?.[0] ?? null
