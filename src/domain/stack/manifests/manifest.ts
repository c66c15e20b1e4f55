/** Where names of dependencies come from. */
export type Ecosystem =
  'npm' | 'pypi' | 'gem' | 'composer' | 'go' | 'cargo' | 'maven' | 'nuget' | 'hex' | 'pub' | 'other'

/** A manifest, read. What it lacks is empty; what can't be read is in `problem`, and the rest then empty. */
export interface Manifest {
  path: string
  /** Folder of the package that it describes. */
  folder: string
  ecosystem: Ecosystem
  /** False for a file that only sets up tools or marks a module: it makes no package. */
  declares: boolean
  name: string | null
  dependencies: Dependency[]
  /** Version of the language that it asks for. */
  language: string | null
  /** Names to command lines. */
  scripts: Record<string, string>
  /** Tools that have a section in it. */
  tools: string[]
  /** Why it could not be read. */
  problem: string | null
}

/** Names are lower case; those of Maven are `group:artifact`, those of plugins begin with `plugin:`. */
export interface Dependency {
  name: string
  /** As written; null when it isn't. */
  range: string | null
  /** `managed`: only a version for packages below that depend on it; no dependency of this one. */
  scope: 'runtime' | 'dev' | 'peer' | 'managed'
}

/** What a reader of one kind of manifest gives. */
export type ManifestContent = Partial<Omit<Manifest, 'path' | 'folder' | 'ecosystem' | 'problem'>>

export const emptyManifest = (path: string, folder: string, ecosystem: Ecosystem): Manifest => ({
  path,
  folder,
  ecosystem,
  declares: true,
  name: null,
  dependencies: [],
  language: null,
  scripts: {},
  tools: [],
  problem: null,
})
