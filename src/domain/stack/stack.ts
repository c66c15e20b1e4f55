/** What a repository is made of, as its own files show it. Plain data: it is recorded with the run. */
export interface Stack {
  /** Folders with a manifest of their own, root (`''`) first. Folders of examples, tests and docs come last. */
  packages: PackageFolder[]
  /** By package, then by weight: frameworks and languages first. Empty when nothing was recognised. */
  parts: StackPart[]
  /** How it is built, tested and linted; within a package and kind, the most authoritative first. */
  commands: ProjectCommand[]
  /** What could not be read and so was left out, a sentence each. */
  notes: string[]
}

export interface PackageFolder {
  /** Path from the repository's top, without a slash at its end; `''` for the top. */
  path: string
  /** Its name in its manifest, where it has one. */
  name: string | null
}

/** A language, framework, library, tool or service of one package. */
export interface StackPart {
  name: string
  kind: PartKind
  /** {@link PackageFolder.path}. */
  package: string
  /** From a lock file where there is one, else as the manifest writes it (`>=3.2,<4`); null when nothing says it. */
  version: string | null
  confidence: Confidence
  /** At least one, at most four. */
  evidence: Evidence[]
}

export type PartKind = 'framework' | 'language' | 'library' | 'service' | 'tool'

/**
 * - `high`: a direct dependency and a configuration. What nothing can depend on (a language, Docker) has its manifest or
 *   own configuration file stand for the dependency.
 * - `medium`: a direct dependency, or structure with some other sign
 * - `low`: structure alone, or one sign alone
 */
export type Confidence = 'high' | 'medium' | 'low'

export interface Evidence {
  file: string
  /** What in it: as it stands there, shortened, printable ASCII. */
  what: string
}

export interface ProjectCommand {
  kind: CommandKind
  /** To be run in the folder of {@link package}. */
  command: string
  source: Evidence
  /** Folder, as {@link PackageFolder.path}. */
  package: string
}

export type CommandKind = 'build' | 'test' | 'lint' | 'format' | 'run'

/** Text from a repository as it may stand in evidence: one line, printable ASCII, at most `limit` characters. */
export function shortened(text: string, limit = 80): string {
  const line = text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[^\x20-\x7e]/g, '?')
  return line.length > limit ? `${line.slice(0, limit - 3)}...` : line
}
