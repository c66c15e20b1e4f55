import { folderOf, nameOf } from '../folders.js'
import { readDotnetProject } from './dotnet.js'
import { readCargoToml, readGoMod, readPubspec } from './go-rust-dart.js'
import { readGradle, readPom, type VersionCatalog } from './jvm.js'
import { emptyManifest, type Ecosystem, type Manifest, type ManifestContent } from './manifest.js'
import { readPackageJson } from './package-json.js'
import {
  readEnvironmentYml,
  readPipfile,
  readPyproject,
  readRequirements,
  readSetupCfg,
  readSetupPy,
} from './python.js'
import { readComposerJson, readGemfile, readGemspec, readMixExs } from './ruby-php-elixir.js'

/** What the repository sets for several packages at once. */
export interface Shared {
  catalog: VersionCatalog
  centralPackages: ReadonlyMap<string, string>
}

interface Kind {
  file: RegExp
  ecosystem: Ecosystem
  read: (text: string, path: string, shared: Shared) => ManifestContent
}

const kinds: Kind[] = [
  { file: /^package\.json$/, ecosystem: 'npm', read: readPackageJson },
  // Nx keeps its projects' dependencies in the package.json above them.
  { file: /^project\.json$/, ecosystem: 'npm', read: readNxProject },
  { file: /^pyproject\.toml$/, ecosystem: 'pypi', read: readPyproject },
  { file: /requirements[^/]*\.(txt|in)$/, ecosystem: 'pypi', read: readRequirements },
  { file: /^Pipfile$/, ecosystem: 'pypi', read: readPipfile },
  { file: /^setup\.py$/, ecosystem: 'pypi', read: readSetupPy },
  { file: /^setup\.cfg$/, ecosystem: 'pypi', read: readSetupCfg },
  { file: /^environment\.ya?ml$/, ecosystem: 'pypi', read: readEnvironmentYml },
  { file: /^(Gemfile|gems\.rb)$/, ecosystem: 'gem', read: readGemfile },
  { file: /\.gemspec$/, ecosystem: 'gem', read: readGemspec },
  { file: /^composer\.json$/, ecosystem: 'composer', read: readComposerJson },
  { file: /^go\.mod$/, ecosystem: 'go', read: readGoMod },
  { file: /^Cargo\.toml$/, ecosystem: 'cargo', read: readCargoToml },
  { file: /^pom\.xml$/, ecosystem: 'maven', read: readPom },
  { file: /^build\.gradle(\.kts)?$/, ecosystem: 'maven', read: (text, _, { catalog }) => readGradle(text, catalog) },
  {
    file: /\.(cs|fs|vb)proj$/,
    ecosystem: 'nuget',
    read: (text, _, { centralPackages }) => readDotnetProject(text, centralPackages),
  },
  { file: /^mix\.exs$/, ecosystem: 'hex', read: readMixExs },
  { file: /^pubspec\.yaml$/, ecosystem: 'pub', read: readPubspec },
  { file: /^(Package\.swift|CMakeLists\.txt|build\.sbt|deno\.jsonc?)$/, ecosystem: 'other', read: () => ({}) },
]

const kindOf = (path: string): Kind | undefined =>
  kinds.find(kind => kind.file.test(nameOf(path))) ??
  (/(^|\/)requirements\/[^/]+\.(txt|in)$/.test(path) ? kinds.find(kind => kind.read === readRequirements) : undefined)

export const isManifest = (path: string): boolean => kindOf(path) !== undefined

/** A manifest's content; never throws. `text` null: it could not be had (too large, no text). */
export function readManifest(path: string, text: string | null, shared: Shared): Manifest | null {
  const kind = kindOf(path)
  if (!kind) return null
  const empty = emptyManifest(path, packageFolder(path), kind.ecosystem)
  if (text === null) return { ...empty, problem: 'is too large, or no text' }
  try {
    return { ...empty, ...kind.read(text, path, shared) }
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unreadable'
    return { ...empty, problem: `could not be read: ${why}` }
  }
}

/** `requirements/base.txt` is of the folder around. */
function packageFolder(path: string): string {
  const folder = folderOf(path)
  return nameOf(folder) === 'requirements' ? folderOf(folder) : folder
}

function readNxProject(text: string): ManifestContent {
  const json: unknown = JSON.parse(text)
  const isNx =
    typeof json === 'object' && json !== null && ('targets' in json || 'projectType' in json || 'root' in json)
  const name = isNx && 'name' in json && typeof json.name === 'string' ? json.name : null
  return { declares: isNx, name, tools: ['nx-project'] }
}
