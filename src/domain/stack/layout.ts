import { asideOf, byWeight, folderOf, foldersUp, isVendored, join, within } from './folders.js'

/** The tree, divided into packages. */
export interface Layout {
  /** All paths that count, most telling first. */
  paths: string[]
  has(path: string): boolean
  /** Folders of packages, most telling first; `''` is always one. */
  packages: string[]
  /** The package that a path belongs to: the nearest folder around it that is one. */
  packageOf(path: string): string
  /** Whether a path lies aside within its package: in its tests, its examples. */
  asideInPackage(path: string): 'test' | 'other' | null
  /** Whether a package only shows or tries something. Never true of all of them. */
  asideOf(folder: string): 'test' | 'other' | null
}

/** Divides a tree at the folders given, those of its manifests. */
export function layout(allPaths: readonly string[], folders: Iterable<string>): Layout {
  const paths = byWeight(allPaths.filter(path => !isVendored(path)))
  const known = new Set(['', ...folders])
  const packages = byWeight([...known].map(folder => join(folder, 'x'))).map(folderOf)
  // Both are the same for all files of a folder, and asked for again and again.
  const owners = new Map<string, string>()
  const asides = new Map<string, 'test' | 'other' | null>()
  // In a repository of examples, the examples are what it is about.
  const allAside = packages.every(folder => folder === '' || asideOf(join(folder, 'x')) !== null)
  const rootIsOne = new Set(folders).has('')
  const all = new Set(paths)
  const tree: Layout = {
    paths,
    has: path => all.has(path),
    packages,
    packageOf(path) {
      const folder = folderOf(path)
      const before = owners.get(folder)
      if (before !== undefined) return before
      const owner = foldersUp(folder).find(up => known.has(up)) ?? ''
      owners.set(folder, owner)
      return owner
    },
    asideInPackage(path) {
      const folder = folderOf(path)
      const before = asides.get(folder)
      if (before !== undefined) return before
      const aside = folder === '.github/workflows' ? null : asideOf(within(path, tree.packageOf(path)))
      asides.set(folder, aside)
      return aside
    },
    asideOf: folder => (allAside && !rootIsOne ? null : asideOf(join(folder, 'x'))),
  }
  return tree
}
