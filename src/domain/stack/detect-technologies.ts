import type { Facts } from './facts.js'
import { foldersUp } from './folders.js'
import type { Dependency, Manifest } from './manifests/manifest.js'
import type { Findings } from './signs.js'
import { shortened, type Confidence, type Evidence, type StackPart } from './stack.js'
import { technologies } from './technologies/all.js'
import type { FileSign, Sign, Technology } from './technologies/technology.js'

/** Frameworks, libraries and tools of every package. */
export function detectTechnologies(facts: Facts): StackPart[] {
  const found = technologies.flatMap(technology => ofOne(facts, technology))
  return found.filter(one => !claimedBelow(facts, one, found)).map(({ part }) => part)
}

interface Declared {
  dependency: Dependency
  manifest: Manifest
  /** It comes from a package around this one, as Nx has it. */
  inherited: boolean
  /** The version is that of something else. */
  companion: boolean
}

interface Found {
  part: StackPart
  inherited: boolean
}

function ofOne(facts: Facts, technology: Technology): Found[] {
  const { tree } = facts
  const testing = technology.testing === true
  const configured = firstOf(facts, (technology.configuration ?? []).filter(isFileSign), testing)
  const laidOut = firstOf(facts, technology.structure ?? [], testing)
  return tree.packages.flatMap(folder => {
    const declared = declaration(facts, technology, folder)
    const configuration = configured.get(folder) ?? scriptOf(facts, technology, folder)
    const structure = laidOut.get(folder)
    if (declared?.inherited && !configuration && !structure) return []
    const confidence = confidenceOf(technology, {
      declared,
      configuration,
      structure,
      alike: alike(facts, technology, folder),
    })
    if (!confidence) return []
    const version = declared && versionOf(facts, technology, declared, folder)
    const evidence: Evidence[] = [
      ...(declared ? [{ file: declared.manifest.path, what: asWritten(declared) }] : []),
      ...(version?.file ? [{ file: version.file, what: shortened(`${version.name} ${version.version ?? ''}`) }] : []),
      ...(configuration ? [{ file: configuration.file, what: shortened(configuration.what ?? 'configuration') }] : []),
      ...(structure ? [{ file: structure.file, what: 'layout' }] : []),
    ]
    const part: StackPart = {
      name: technology.name,
      kind: technology.kind,
      package: folder,
      version: version?.version ?? null,
      confidence: lowered(facts, confidence, folder, testing),
      evidence: evidence.filter(
        ({ file, what }, at) => evidence.findIndex(other => other.file === file && other.what === what) === at,
      ),
    }
    return [{ part, inherited: declared?.inherited ?? false }]
  })
}

/** What lies in folders of examples, tests and docs tells little about the project. */
export function lowered(facts: Facts, confidence: Confidence, folder: string, testing = false): Confidence {
  const aside = facts.tree.asideOf(folder)
  return aside === null || (testing && aside === 'test') ? confidence : 'low'
}

/** The rule of {@link Confidence}. Null: nothing worth a word. */
function confidenceOf(
  technology: Technology,
  found: {
    declared: Declared | null
    configuration: unknown
    structure: unknown
    /** Something that looks the same is what is really used. */
    alike: boolean
  },
): Confidence | null {
  const { declared, configuration, structure, alike } = found
  const onlyHelps = declared !== null && technology.runtime === true && declared.dependency.scope === 'dev'
  if (technology.standsAlone && configuration) return 'high'
  if (declared && !onlyHelps) return configuration ? 'high' : 'medium'
  const signs = [configuration, structure, onlyHelps || null].filter(Boolean).length
  // A framework's own repository is full of its signs.
  if (signs === 0 || alike) return null
  // The files of a library may be those of many others.
  if (technology.kind === 'library' && !onlyHelps) return null
  return signs > 1 && structure ? 'medium' : 'low'
}

function declaration(facts: Facts, technology: Technology, folder: string): Declared | null {
  const own = facts.manifestsOf(folder).filter(manifest => manifest.ecosystem === technology.ecosystem)
  const takesFromAbove =
    own.some(one => one.tools.includes('nx-project')) && !own.some(one => one.dependencies.length > 0)
  const above = takesFromAbove
    ? foldersUp(folder)
        .slice(1)
        .map(up => facts.manifestsOf(up))
    : []
  for (const [level, manifests] of [own, ...above].entries()) {
    const here = manifests.filter(manifest => manifest.ecosystem === technology.ecosystem)
    for (const [names, companion] of [
      [technology.dependencies, false],
      [technology.companions ?? [], true],
    ] as const)
      for (const name of names) {
        // What runs counts before what only helps.
        const all = here.flatMap(manifest =>
          manifest.dependencies.filter(one => is(one.name, name)).map(dependency => ({ dependency, manifest })),
        )
        const best = all.filter(({ dependency }) => dependency.scope !== 'managed').sort((a, b) => rank(a) - rank(b))[0]
        if (best) return { ...best, inherited: level > 0, companion }
      }
  }
  return null
}

const rank = ({ dependency }: { dependency: Dependency }): number => (dependency.scope === 'dev' ? 1 : 0)

const is = (name: string, wanted: string): boolean =>
  wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted

function versionOf(
  facts: Facts,
  technology: Technology,
  { dependency, manifest, companion }: Declared,
  folder: string,
): { version: string | null; file: string | null; name: string } | null {
  const { ecosystem } = manifest
  const name = companion ? technology.dependencies[0] : dependency.name
  if (name === undefined) return null
  const locked = facts.locked({ name, range: companion ? null : dependency.range }, ecosystem, folder)
  if (locked) return { version: locked.version, file: locked.file, name }
  const range = companion ? null : asVersion(dependency.range)
  if (range !== null) return { version: range, file: null, name }
  // The version may be set by a package around this one, or by another dependency of the same framework.
  for (const up of foldersUp(folder))
    for (const other of facts.manifestsOf(up))
      for (const wanted of technology.dependencies) {
        const set = other.dependencies.find(one => is(one.name, wanted) && asVersion(one.range) !== null)
        if (set && other.ecosystem === ecosystem)
          return { version: asVersion(set.range), file: other.path, name: set.name }
      }
  return null
}

/** A range as people read it; the bare version where it names exactly one. Null for what is no version. */
export function asVersion(range: string | null): string | null {
  if (range === null || !/^[\^~<>=!v\d]/.test(range.trim()) || !/\d/.test(range)) return null
  return shortened(range.trim().replace(/^(===?|v(?=\d))\s*/, ''), 40)
}

const asWritten = ({ dependency, inherited }: Declared): string =>
  shortened(
    [
      dependency.name,
      dependency.range,
      dependency.scope === 'dev' ? '(development)' : '',
      inherited ? '(of the workspace)' : '',
    ]
      .filter(Boolean)
      .join(' '),
  )

/** Of signs in their order, for each package the first that was found. */
function firstOf(facts: Facts, signs: FileSign[], testing: boolean): Findings {
  const all: Findings = new Map()
  for (const sign of signs)
    for (const [folder, found] of facts.signs.find(sign, facts.texts, testing))
      if (!all.has(folder)) all.set(folder, found)
  return all
}

function scriptOf(facts: Facts, technology: Technology, folder: string): { file: string; what: string } | undefined {
  for (const sign of technology.configuration ?? []) {
    if (isFileSign(sign)) continue
    for (const { path, scripts } of facts.manifestsOf(folder))
      for (const [name, line] of Object.entries(scripts))
        if (sign.script.test(line.slice(0, 500))) return { file: path, what: `script ${name}: ${line}` }
  }
  return undefined
}

const isFileSign = (sign: Sign): sign is FileSign => typeof sign === 'string' || 'file' in sign

/** Whether the package is the technology itself, or has something that looks the same as a dependency. */
const alike = (facts: Facts, technology: Technology, folder: string): boolean =>
  facts.manifestsOf(folder).some(({ name }) => name !== null && technology.dependencies.includes(name.toLowerCase())) ||
  (technology.looksLike ?? []).some(name => {
    const other = technologies.find(one => one.name === name && one !== technology)
    return other !== undefined && declaration(facts, other, folder) !== null
  })

/** In an Nx workspace the root lists what the projects use: it is theirs unless the root sets it up itself. */
const claimedBelow = (facts: Facts, { part, inherited }: Found, all: Found[]): boolean =>
  !inherited &&
  part.confidence === 'medium' &&
  facts.tree.packages.length > 1 &&
  all.some(other => other.inherited && other.part.name === part.name && other.part.package !== part.package)
