/** What `setup` of `.github/crew.yml` asks for, at the commit that was approved. Survives JSON. */
export interface SetupOrder {
  /** Commit whose files the commands work on. */
  commit: string
  commands: string[]
  /** Hosts that the commands may reach, with `:port` where it isn't 443. */
  registries: string[]
  /** Globs of the files on which the result depends; null for all lock files. */
  cachedBy: string[] | null
  /** For all commands together; null for as long as the App allows. */
  timeoutSeconds: number | null
}

/** What came of it. Survives JSON. */
export type SetupOutcome =
  /** What it left is there; `made` now, or by an earlier run. */
  | { kind: 'ready'; made: boolean }
  | SetupFailure
  /** It wasn't tried, and why, as a part of a sentence. */
  | { kind: 'off'; why: string }

export interface SetupFailure {
  kind: 'failed'
  command: string
  /** As the end of a sentence that begins with the command: `ended with exit code 1`. */
  how: string
  /** The last of what the command said. */
  output: string
  refused: RefusedHost[]
}

/** A host that a command asked for in vain. */
export interface RefusedHost {
  /** With its port. */
  host: string
  why: 'not-named' | 'private' | 'not-https' | 'unreachable'
}

/** What whoever runs the App allows. */
export interface SetupLimits {
  /** Minutes that all commands of one setup may take; 0: none is run. */
  minutes: number
  /** Hosts among the registries, without port, that may lie in a private network. */
  privateRegistries: string[]
}

/** Where whoever runs the App says nothing else. */
export const usualSetup: SetupLimits = { minutes: 10, privateRegistries: [] }
