import { readToml } from './manifests/toml.js'
import { readYaml } from './manifests/yaml.js'
import { folderOf, foldersUp, isIn, nameOf, within } from './folders.js'
import { linesOf } from './manifests/code-text.js'
import type { Dependency, Ecosystem } from './manifests/manifest.js'
import { pythonName, readRequirement } from './manifests/python.js'
import { at as valueAt, listAt, tableAt, textAt } from './manifests/values.js'

/** A lock file, read. Of each only the versions of direct dependencies are of interest. */
export interface LockFile {
  path: string
  ecosystem: Ecosystem
  /** Exact version of a dependency that a package in `folder` asks for; null when the lock doesn't say one. */
  versionOf(dependency: Pick<Dependency, 'name' | 'range'>, folder: string): string | null
  problem: string | null
}

type Lookup = (dependency: Pick<Dependency, 'name' | 'range'>, folder: string) => string | null

const kinds: { file: RegExp; ecosystem: Ecosystem; read: (text: string) => Lookup }[] = [
  { file: /^(package-lock|npm-shrinkwrap)\.json$/, ecosystem: 'npm', read: readNpm },
  { file: /^pnpm-lock\.yaml$/, ecosystem: 'npm', read: readPnpm },
  { file: /^yarn\.lock$/, ecosystem: 'npm', read: readYarn },
  { file: /^bun\.lock$/, ecosystem: 'npm', read: readBun },
  { file: /^(poetry|uv|pdm)\.lock$/, ecosystem: 'pypi', read: readTomlPackages(pythonName) },
  { file: /^Pipfile\.lock$/, ecosystem: 'pypi', read: readPipfileLock },
  { file: /^Gemfile\.lock$/, ecosystem: 'gem', read: readGemfileLock },
  { file: /^composer\.lock$/, ecosystem: 'composer', read: readComposerLock },
  { file: /^Cargo\.lock$/, ecosystem: 'cargo', read: readTomlPackages(name => name.toLowerCase()) },
  { file: /^packages\.lock\.json$/, ecosystem: 'nuget', read: readNugetLock },
  { file: /^mix\.lock$/, ecosystem: 'hex', read: readMixLock },
  { file: /^gradle\.lockfile$/, ecosystem: 'maven', read: readGradleLock },
  { file: /^pubspec\.lock$/, ecosystem: 'pub', read: readPubspecLock },
]

export const isLock = (path: string): boolean => kinds.some(kind => kind.file.test(nameOf(path)))

/** A lock file; never throws. Null for a path that is none. */
export function readLock(path: string, text: string | null): LockFile | null {
  const kind = kinds.find(one => one.file.test(nameOf(path)))
  if (!kind) return null
  const { ecosystem } = kind
  const at = folderOf(path)
  const broken = (problem: string): LockFile => ({ path, ecosystem, versionOf: () => null, problem })
  if (text === null) return broken('is too large, or no text')
  try {
    const lookup = kind.read(text)
    return {
      path,
      ecosystem,
      versionOf: (dependency, folder) =>
        folder === at || isIn(folder, at) ? plain(lookup(dependency, folder === at ? '' : within(folder, at))) : null,
      problem: null,
    }
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unreadable'
    return broken(`could not be read: ${why}`)
  }
}

/** A version as people say it; null for links, paths and other things that are none. */
function plain(version: string | null): string | null {
  const found = /^[=v]*(\d[\w.+-]*)/.exec(version ?? '')?.[1]
  return found ? found.replace(/\+incompatible$/, '').slice(0, 40) : null
}

function readNpm(text: string): Lookup {
  const json: unknown = JSON.parse(text)
  return ({ name }, folder) => {
    for (const up of foldersUp(folder)) {
      const key = `${up === '' ? '' : `${up}/`}node_modules/${name}`
      const version = textAt(json, 'packages', key, 'version')
      if (version !== null) return version
    }
    return textAt(json, 'dependencies', name, 'version')
  }
}

/** Only the importers are parsed: they come first, and the rest can be megabytes. */
function readPnpm(text: string): Lookup {
  const end = /^(packages|snapshots):/m.exec(text)?.index ?? text.length
  const yaml: unknown = readYaml(text.slice(0, end))
  return ({ name }, folder) => {
    const importer = tableAt(yaml, 'importers', folder === '' ? '.' : folder)
    for (const from of [importer, ...(folder === '' ? [yaml] : [])])
      for (const key of ['dependencies', 'devDependencies', 'optionalDependencies']) {
        const found = textAt(from, key, name, 'version') ?? textAt(from, key, name)
        if (found !== null) return found
      }
    return null
  }
}

/** Both forms: that of Yarn 1 and the YAML of later ones. An entry's first line lists what was asked for. */
function readYarn(text: string): Lookup {
  const versions = new Map<string, string>()
  let asked: string[] = []
  for (const line of text.split('\n')) {
    if (/^[^\s#].*:\s*$/.test(line)) {
      asked = line
        .trimEnd()
        .slice(0, -1)
        .split(/,\s*/)
        .map(one => one.replaceAll('"', '').replace(/@npm:/, '@').toLowerCase())
      continue
    }
    const version = /^ {2}version:?\s+"?([^"\s]+)"?/.exec(line)?.[1]
    if (version === undefined) continue
    for (const one of asked) {
      versions.set(one, version)
      // Without the range, for who doesn't know it; the first entry stands.
      const name = one.slice(0, one.indexOf('@', 1))
      if (!versions.has(name)) versions.set(name, version)
    }
  }
  return ({ name, range }) => versions.get(`${name}@${(range ?? '').toLowerCase()}`) ?? versions.get(name) ?? null
}

function readBun(text: string): Lookup {
  const versions = new Map<string, string>()
  for (const line of linesOf(text)) {
    const found = /^\s*"((?:@[^"/]+\/)?[^"/@]+)":\s*\["\1@([^"]+)"/.exec(line)
    if (found) versions.set((found[1] ?? '').toLowerCase(), found[2] ?? '')
  }
  return ({ name }) => versions.get(name) ?? null
}

/** `[[package]]` tables, as Poetry, uv, PDM and Cargo write them. Of several versions, the one that the range begins like. */
function readTomlPackages(normal: (name: string) => string): (text: string) => Lookup {
  return text => {
    const versions = new Map<string, string[]>()
    for (const entry of listAt(readToml(text), 'package')) {
      const name = normal(textAt(entry, 'name') ?? '')
      versions.set(name, [...(versions.get(name) ?? []), textAt(entry, 'version') ?? ''])
    }
    return ({ name, range }) => {
      const found = versions.get(name) ?? []
      if (found.length <= 1) return found[0] ?? null
      const start = /\d+(\.\d+)?/.exec(range ?? '')?.[0]
      return (start !== undefined && found.find(version => `${version}.`.startsWith(`${start}.`))) || null
    }
  }
}

function readPipfileLock(text: string): Lookup {
  const json: unknown = JSON.parse(text)
  const versions = new Map(
    ['develop', 'default'].flatMap(group =>
      Object.entries(tableAt(json, group)).map(([name, entry]): [string, string | null] => [
        pythonName(name),
        textAt(entry, 'version'),
      ]),
    ),
  )
  return ({ name }) => versions.get(name) ?? null
}

function readGemfileLock(text: string): Lookup {
  const versions = new Map<string, string>()
  for (const line of linesOf(text)) {
    const found = /^ {4}([\w.-]+) \(([^)\s]+)\)$/.exec(line)
    if (found) versions.set((found[1] ?? '').toLowerCase(), found[2] ?? '')
  }
  const ruby = /^ {3}ruby (\d[\d.]*)/m.exec(text)?.[1]
  if (ruby !== undefined) versions.set(rubyItself, ruby)
  return ({ name }) => versions.get(name) ?? null
}

/** Under this name a Gemfile.lock tells the version of Ruby. */
export const rubyItself = 'ruby '

function readComposerLock(text: string): Lookup {
  const json: unknown = JSON.parse(text)
  const versions = new Map(
    [...listAt(json, 'packages-dev'), ...listAt(json, 'packages')].map((entry): [string, string | null] => [
      (textAt(entry, 'name') ?? '').toLowerCase(),
      textAt(entry, 'version'),
    ]),
  )
  return ({ name }) => versions.get(name) ?? null
}

function readNugetLock(text: string): Lookup {
  const json: unknown = JSON.parse(text)
  const versions = new Map(
    Object.values(tableAt(json, 'dependencies')).flatMap(framework =>
      Object.entries(tableAt({ framework }, 'framework'))
        .filter(([, entry]) => valueAt(entry, 'type') === 'Direct')
        .map(([name, entry]): [string, string | null] => [name.toLowerCase(), textAt(entry, 'resolved')]),
    ),
  )
  return ({ name }) => versions.get(name) ?? null
}

function readMixLock(text: string): Lookup {
  const versions = new Map<string, string>()
  for (const line of linesOf(text)) {
    const found = /^\s*"(\w+)":\s*\{:hex,\s*:\w+,\s*"([^"]+)"/.exec(line)
    if (found) versions.set((found[1] ?? '').toLowerCase(), found[2] ?? '')
  }
  return ({ name }) => versions.get(name) ?? null
}

function readGradleLock(text: string): Lookup {
  const versions = new Map<string, string>()
  for (const line of linesOf(text)) {
    const found = /^([\w.-]+:[\w.-]+):([^=\s]+)=/.exec(line)
    if (found) versions.set((found[1] ?? '').toLowerCase(), found[2] ?? '')
  }
  return ({ name }) => versions.get(name) ?? null
}

function readPubspecLock(text: string): Lookup {
  const yaml: unknown = readYaml(text)
  return ({ name }) => textAt(yaml, 'packages', name, 'version')
}

/** What `pip-compile` made of a `.in` file: a lock in the form of requirements. */
export function compiledRequirements(path: string, text: string): LockFile {
  const versions = new Map(
    linesOf(text)
      .map(line => readRequirement(line, 'runtime'))
      .filter(one => one !== null)
      .map((one): [string, string | null] => [one.name, one.range?.startsWith('==') ? one.range.slice(2) : null]),
  )
  return {
    path,
    ecosystem: 'pypi',
    versionOf: ({ name }) => plain(versions.get(name) ?? null),
    problem: null,
  }
}
