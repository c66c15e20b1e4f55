import { steps, type Needs, type Step } from './endpoints.js'

/** What a token is asked for. */
export interface TokenWish {
  installationId: number
  /** Null: all that the installation has. */
  repositoryId: number | null
  permissions: Needs
}

export interface Token {
  token: string
  /** Milliseconds since 1970. */
  expiresAt: number
}

/** Tokens of installations, each for one repository and one step, kept as long as they are good. */
export interface Tokens {
  of(repository: { id: number; installationId: number }, step: Step): Promise<Token>
  /** Lets go of a token that GitHub no longer takes. */
  forget(token: Token): void
  /** Lets go of all that an installation has, as its permissions are others now. */
  forgetAll(installationId: number): void
}

/** GitHub's tokens live for an hour; one that is handed out must outlast what it is for. */
const freshMs = 5 * 60_000

export function createTokens(create: (wish: TokenWish) => Promise<Token>): Tokens {
  const kept = new Map<string, { installationId: number; token: Promise<Token> }>()

  return {
    async of({ id, installationId }, step) {
      const key = `${installationId}/${id}/${step}`
      const known = kept.get(key)
      if (known) {
        const token = await known.token
        if (token.expiresAt - Date.now() > freshMs) return token
        if (kept.get(key) === known) kept.delete(key)
      }
      const other = kept.get(key)
      if (other) return other.token
      const made = { installationId, token: create({ installationId, repositoryId: id, permissions: steps[step] }) }
      kept.set(key, made)
      made.token.catch(() => kept.get(key) === made && kept.delete(key))
      return made.token
    },
    forget(token) {
      for (const [key, { token: one }] of kept)
        void one.then(
          it => it === token && kept.delete(key),
          () => undefined,
        )
    },
    forgetAll(installationId) {
      for (const [key, entry] of kept) if (entry.installationId === installationId) kept.delete(key)
    },
  }
}
