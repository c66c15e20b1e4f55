import { folderOf, foldersUp, nameOf } from './folders.js'
import { layout, type Layout } from './layout.js'
import { compiledRequirements, isLock, readLock, type LockFile } from './locks.js'
import { readCentralPackages } from './manifests/dotnet.js'
import { readVersionCatalog, type VersionCatalog } from './manifests/jvm.js'
import type { Dependency, Ecosystem, Manifest } from './manifests/manifest.js'
import { readManifest, type Shared } from './manifests/read-manifest.js'
import { signFinder, type SignFinder } from './signs.js'

/** Texts of files by path; null for one that could not be had. Files that were not read are missing. */
export type Texts = ReadonlyMap<string, string | null>

/** A tree with everything read that tells about it; what the parts of the detection start from. */
export interface Facts {
  tree: Layout
  texts: Texts
  signs: SignFinder
  /** Manifests of a package, root's for `''`. */
  manifestsOf(folder: string): Manifest[]
  /** Exact version from the nearest lock file of that ecosystem. */
  locked(
    dependency: Pick<Dependency, 'name' | 'range'>,
    ecosystem: Ecosystem,
    folder: string,
  ): { file: string; version: string } | null
  /** Files that could not be read, a sentence each. */
  notes: string[]
}

export function readFacts(paths: readonly string[], texts: Texts): Facts {
  const notes: string[] = []
  const shared = readShared(texts, notes)
  const manifests: Manifest[] = []
  const locks: LockFile[] = []
  for (const [path, text] of texts) {
    const compiledFrom = path.replace(/\.txt$/, '.in')
    if (path.endsWith('.txt') && texts.has(compiledFrom)) {
      locks.push(compiledRequirements(path, text ?? ''))
      continue
    }
    const lock = isLock(path) ? readLock(path, text) : null
    if (lock) locks.push(lock)
    const manifest = lock ? null : readManifest(path, text, shared)
    if (manifest) manifests.push(manifest)
    const problem = (lock ?? manifest)?.problem
    if (problem) notes.push(`${path} ${problem}`)
  }
  const folders = manifests.filter(manifest => manifest.declares).map(manifest => manifest.folder)
  const tree = layout(paths, folders)
  const byPackage = new Map<string, Manifest[]>()
  for (const manifest of manifests) {
    const folder = tree.packages.includes(manifest.folder) ? manifest.folder : tree.packageOf(manifest.path)
    byPackage.set(folder, [...(byPackage.get(folder) ?? []), { ...manifest, folder }])
  }
  return {
    tree,
    texts,
    signs: signFinder(tree),
    manifestsOf: folder => byPackage.get(folder) ?? [],
    locked(dependency, ecosystem, folder) {
      for (const up of foldersUp(folder)) {
        const here = locks.filter(lock => lock.ecosystem === ecosystem && lockFolder(lock.path) === up)
        for (const lock of here) {
          const version = lock.versionOf(dependency, folder)
          if (version !== null) return { file: lock.path, version }
        }
        // A lock file of its own ends the search: the package is not part of the workspace around it.
        if (here.length > 0) return null
      }
      return null
    },
    notes,
  }
}

const lockFolder = (path: string): string => {
  const folder = folderOf(path)
  return nameOf(folder) === 'requirements' ? folderOf(folder) : folder
}

function readShared(texts: Texts, notes: string[]): Shared {
  let catalog: VersionCatalog = new Map()
  let centralPackages: ReadonlyMap<string, string> = new Map()
  for (const [path, text] of texts) {
    if (text === null) continue
    try {
      if (path.endsWith('libs.versions.toml') && catalog.size === 0) catalog = readVersionCatalog(text)
      if (nameOf(path) === 'Directory.Packages.props' && centralPackages.size === 0)
        centralPackages = readCentralPackages(text)
    } catch (error) {
      notes.push(`${path} could not be read: ${(error as Error).message.split('\n')[0] ?? ''}`)
    }
  }
  return { catalog, centralPackages }
}
