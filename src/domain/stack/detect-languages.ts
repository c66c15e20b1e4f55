import { asVersion, lowered } from './detect-technologies.js'
import type { Facts } from './facts.js'
import { foldersUp, join, nameOf } from './folders.js'
import { rubyItself } from './locks.js'
import type { Ecosystem, Manifest } from './manifests/manifest.js'
import { shortened, type Confidence, type Evidence, type StackPart } from './stack.js'

interface Language {
  name: string
  extensions: string[]
  ecosystem?: Ecosystem
  /** Manifests of `other` kinds, or those of an ecosystem that several languages share. */
  manifest?: RegExp
  /** Files that only say the version, and the line of `.tool-versions`. */
  versionFiles?: string[]
  tool?: string
  /** Beginning of the dependencies whose version is the language's; the manifest's own is another's. */
  plugin?: string
}

const languages: Language[] = [
  {
    name: 'Python',
    extensions: ['py'],
    ecosystem: 'pypi',
    versionFiles: ['.python-version', 'runtime.txt'],
    tool: 'python',
  },
  { name: 'Ruby', extensions: ['rb', 'rake'], ecosystem: 'gem', versionFiles: ['.ruby-version'], tool: 'ruby' },
  { name: 'PHP', extensions: ['php'], ecosystem: 'composer', versionFiles: ['.php-version'], tool: 'php' },
  { name: 'Go', extensions: ['go'], ecosystem: 'go', tool: 'golang' },
  {
    name: 'Rust',
    extensions: ['rs'],
    ecosystem: 'cargo',
    versionFiles: ['rust-toolchain', 'rust-toolchain.toml'],
    tool: 'rust',
  },
  { name: 'Java', extensions: ['java'], ecosystem: 'maven', versionFiles: ['.java-version'], tool: 'java' },
  { name: 'Kotlin', extensions: ['kt'], ecosystem: 'maven', plugin: 'plugin:org.jetbrains.kotlin.' },
  { name: 'C#', extensions: ['cs'], ecosystem: 'nuget', manifest: /\.csproj$/ },
  { name: 'F#', extensions: ['fs'], ecosystem: 'nuget', manifest: /\.fsproj$/ },
  { name: 'Visual Basic', extensions: ['vb'], ecosystem: 'nuget', manifest: /\.vbproj$/ },
  { name: 'Elixir', extensions: ['ex', 'exs'], ecosystem: 'hex', tool: 'elixir' },
  { name: 'Dart', extensions: ['dart'], ecosystem: 'pub' },
  {
    name: 'Swift',
    extensions: ['swift'],
    ecosystem: 'other',
    manifest: /Package\.swift$/,
    versionFiles: ['.swift-version'],
  },
  { name: 'Scala', extensions: ['scala'], ecosystem: 'other', manifest: /build\.sbt$/ },
  { name: 'C++', extensions: ['cpp', 'cc', 'cxx', 'hpp'], ecosystem: 'other', manifest: /CMakeLists\.txt$/ },
  { name: 'C', extensions: ['c'], ecosystem: 'other', manifest: /CMakeLists\.txt$/ },
]
const typescript = { name: 'TypeScript', extensions: ['ts', 'tsx', 'mts', 'cts'] }
const javascript = { name: 'JavaScript', extensions: ['js', 'jsx', 'mjs', 'cjs'] }

/** A language without a manifest is told of when it has at least this part of a package's source files. */
const worthTelling = 0.2

/** Languages of every package, and the version of Node.js where one is asked for. */
export function detectLanguages(facts: Facts): StackPart[] {
  const counts = countSources(facts)
  return facts.tree.packages.flatMap(folder => {
    const sources = counts.get(folder) ?? new Map<string, string[]>()
    const manifests = facts.manifestsOf(folder)
    const found = [
      ...languages.map(language => ofOne(facts, language, { folder, sources, manifests })),
      ...ofNpm(facts, { folder, sources, manifests }),
      nodeVersion(facts, folder, manifests),
    ]
    return found.filter(part => part !== null)
  })
}

interface Where {
  folder: string
  /** Source files by language name, most telling first. */
  sources: Map<string, string[]>
  manifests: Manifest[]
}

function ofOne(facts: Facts, language: Language, { folder, sources, manifests }: Where): StackPart | null {
  const files = sources.get(language.name) ?? []
  const own = manifests.filter(
    one => one.declares && one.ecosystem === language.ecosystem && (language.manifest?.test(one.path) ?? true),
  )
  const manifest = own.find(one => one.language !== null) ?? own[0]
  // Java and Kotlin share their manifests, C and C++ too: only files tell which it is.
  const shared = languages.some(
    other => other !== language && other.ecosystem === language.ecosystem && sharesManifest(other, language),
  )
  if (manifest && files.length === 0 && shared) return null
  const pinned = versionFile(facts, language, folder)
  if (!manifest && (files.length === 0 || share(sources, files) < worthTelling)) return null
  const asked = facts.locked({ name: language.name === 'Ruby' ? rubyItself : '', range: null }, 'gem', folder)
  const version =
    (language.name === 'Ruby' && asked ? asked.version : null) ??
    pinned?.version ??
    (language.plugin ? pluginVersion(facts, language.plugin, folder) : languageVersion(manifest))
  return part(facts, language.name, folder, {
    confidence: manifest ? (files.length > 0 && !manifest.problem ? 'high' : 'medium') : pinned ? 'medium' : 'low',
    version,
    evidence: [
      ...(manifest ? [{ file: manifest.path, what: manifestWord(manifest) }] : []),
      ...(pinned ? [{ file: pinned.file, what: pinned.version }] : []),
      ...counted(files),
    ],
  })
}

const sharesManifest = (a: Language, b: Language): boolean => String(a.manifest) === String(b.manifest)

const manifestWord = (manifest: Manifest): string =>
  shortened(manifest.problem ?? (manifest.language === null ? 'manifest' : `asks for ${manifest.language}`))

function pluginVersion(facts: Facts, plugin: string, folder: string): string | null {
  const plugins = foldersUp(folder)
    .flatMap(up => facts.manifestsOf(up))
    .flatMap(({ dependencies }) => dependencies)
    .filter(({ name }) => name.startsWith(plugin))
  return plugins.map(({ range }) => asVersion(range)).find(version => version !== null) ?? null
}

const languageVersion = (manifest: Manifest | undefined): string | null => {
  const version = manifest?.language ?? null
  return asVersion(version) ?? (version && /^net(standard|coreapp)?\d/.test(version) ? shortened(version, 40) : null)
}

/** JavaScript and TypeScript share their manifest, and often it is there for tools alone. */
function ofNpm(facts: Facts, { folder, sources, manifests }: Where): (StackPart | null)[] {
  const typed = (sources.get(typescript.name) ?? []).filter(path => !isConfiguration(path))
  const plain = (sources.get(javascript.name) ?? []).filter(path => !isConfiguration(path))
  const components = sources.get('component') ?? []
  const own = manifests.filter(one => one.declares && one.ecosystem === 'npm')
  const [manifest] = own
  const around = foldersUp(folder)
    .flatMap(up => facts.manifestsOf(up))
    .filter(one => one.ecosystem === 'npm')
  const declared = around.find(one => one.dependencies.some(({ name }) => name === 'typescript'))
  const configured = foldersUp(folder)
    .flatMap(up => ['tsconfig.json', 'tsconfig.base.json'].map(name => join(up, name)))
    .find(path => facts.tree.has(path))
  const setUp = declared !== undefined && configured !== undefined
  const isTyped =
    manifest !== undefined
      ? typed.length > 0 || (setUp && components.length > 0)
      : share(sources, typed) >= worthTelling
  const found: (StackPart | null)[] = []
  if (isTyped) {
    const dependency = declared?.dependencies.find(({ name }) => name === 'typescript')
    const locked = dependency ? facts.locked(dependency, 'npm', folder) : null
    found.push(
      part(facts, typescript.name, folder, {
        confidence: setUp ? 'high' : declared || configured || manifest ? 'medium' : 'low',
        version: locked?.version ?? asVersion(dependency?.range ?? null),
        evidence: [
          ...(declared ? [{ file: declared.path, what: shortened(`typescript ${dependency?.range ?? ''}`) }] : []),
          ...(locked ? [{ file: locked.file, what: `typescript ${locked.version}` }] : []),
          ...(configured ? [{ file: configured, what: 'configuration' }] : []),
          ...counted(typed),
        ],
      }),
    )
  }
  const forTools =
    manifest !== undefined && own.every(isForTools) && plain.length + typed.length + components.length === 0
  const mostlyPlain = plain.length > 0 && plain.length >= typed.length / 3
  const isPlain =
    manifest && !forTools
      ? mostlyPlain || (!isTyped && typed.length === 0)
      : share(sources, plain) >= worthTelling && plain.length > 0
  if (isPlain)
    found.push(
      part(facts, javascript.name, folder, {
        confidence:
          manifest && !forTools
            ? plain.length + components.length > 0 && !manifest.problem
              ? 'high'
              : 'medium'
            : 'low',
        version: null,
        evidence: [...(manifest ? [{ file: manifest.path, what: manifestWord(manifest) }] : []), ...counted(plain)],
      }),
    )
  return found
}

/** Nothing runs from it and nobody imports it: what it lists only helps with the work. */
const isForTools = (manifest: Manifest): boolean =>
  manifest.problem === null &&
  manifest.dependencies.every(({ scope }) => scope === 'dev') &&
  !manifest.tools.includes('published') &&
  !manifest.tools.includes('nx-project')

const isConfiguration = (path: string): boolean =>
  /(^|[./-])(config|conf|rc|setup|workspace)\.[cm]?[jt]sx?$|^\.|(^|\/)(gulpfile|Gruntfile)\.[cm]?js$/i.test(
    nameOf(path),
  )

function nodeVersion(facts: Facts, folder: string, manifests: Manifest[]): StackPart | null {
  const pinned = versionFile(
    facts,
    { name: 'Node.js', extensions: [], versionFiles: ['.nvmrc', '.node-version'], tool: 'nodejs' },
    folder,
    true,
  )
  const manifest = manifests.find(one => one.ecosystem === 'npm' && one.language !== null)
  const version = pinned?.version ?? asVersion(manifest?.language ?? null)
  if (!version || !manifests.some(one => one.ecosystem === 'npm')) return null
  // Packages of a workspace often repeat what their root says.
  if (
    foldersUp(folder)
      .slice(1)
      .some(up => facts.manifestsOf(up).some(one => one.ecosystem === 'npm' && one.language !== null))
  )
    return null
  return {
    ...part(facts, 'Node.js', folder, {
      confidence: 'high',
      version,
      evidence: [
        ...(pinned ? [{ file: pinned.file, what: pinned.version }] : []),
        ...(manifest ? [{ file: manifest.path, what: shortened(`engines: ${manifest.language ?? ''}`) }] : []),
      ],
    }),
    kind: 'tool',
  }
}

/** Version from a file that says nothing else, in the folder of the package or one around it. */
function versionFile(
  facts: Facts,
  language: Language,
  folder: string,
  hereOnly = false,
): { file: string; version: string } | null {
  for (const up of hereOnly ? [folder] : foldersUp(folder)) {
    for (const name of language.versionFiles ?? []) {
      const file = join(up, name)
      const version = /^\s*(?:channel\s*=\s*"|[a-z]+-|v)?(\d(?!\d{3}-)[\w.-]*)/m.exec(
        (facts.texts.get(file) ?? '').slice(0, 2000),
      )?.[1]
      if (version !== undefined) return { file, version: shortened(version, 40) }
    }
    const file = join(up, '.tool-versions')
    for (const line of (facts.texts.get(file) ?? '').slice(0, 5000).split('\n')) {
      const [tool, version] = line.trim().split(/\s+/)
      if (language.tool !== undefined && tool === language.tool && version !== undefined && /^\d/.test(version))
        return { file, version: shortened(version, 40) }
    }
  }
  return null
}

function countSources(facts: Facts): Map<string, Map<string, string[]>> {
  const byExtension = new Map<string, string>([
    ...[...languages, typescript, javascript].flatMap(({ name, extensions }) =>
      extensions.map((extension): [string, string] => [extension, name]),
    ),
    ...['vue', 'svelte', 'astro'].map((extension): [string, string] => [extension, 'component']),
  ])
  const counts = new Map<string, Map<string, string[]>>()
  for (const path of facts.tree.paths) {
    const language = byExtension.get(path.slice(path.lastIndexOf('.') + 1))
    if (language === undefined || /\.min\.js$|\.d\.[cm]?ts$/.test(path)) continue
    const folder = facts.tree.packageOf(path)
    if (facts.tree.asideInPackage(path) !== null) continue
    const here = counts.get(folder) ?? new Map<string, string[]>()
    counts.set(folder, here)
    const list = here.get(language)
    if (list) list.push(path)
    else here.set(language, [path])
  }
  return counts
}

function share(sources: Map<string, string[]>, files: string[]): number {
  let all = 0
  for (const [, paths] of sources) all += paths.length
  return all === 0 ? 0 : files.length / all
}

const counted = (files: string[]): Evidence[] => {
  const [first] = files
  if (first === undefined) return []
  return [{ file: first, what: files.length === 1 ? 'source file' : `one of ${files.length} source files` }]
}

const part = (
  facts: Facts,
  name: string,
  folder: string,
  found: { confidence: Confidence; version: string | null; evidence: Evidence[] },
): StackPart => ({
  name,
  kind: 'language',
  package: folder,
  version: found.version,
  confidence: lowered(facts, found.confidence, folder),
  evidence: found.evidence.slice(0, 4),
})
