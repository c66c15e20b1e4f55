import { nameOf, within } from './folders.js'
import type { Layout } from './layout.js'
import type { FileSign } from './technologies/technology.js'

/** Where a sign was found, by package; the most telling file of each. */
export type Findings = Map<string, { file: string; what: string | null }>

/** Finds signs in a tree, each once. Texts of files that were not read count as not matching. */
export interface SignFinder {
  find(sign: FileSign, texts: ReadonlyMap<string, string | null>, testing: boolean): Findings
  /** The files that a sign may mean, most telling first, at most `limit`. */
  candidates(sign: FileSign, testing: boolean, limit: number): string[]
}

export function signFinder(tree: Layout): SignFinder {
  const index: PathIndex = { byName: new Map(), byExtension: new Map(), byStart: new Map() }
  for (const path of tree.paths) {
    const name = nameOf(path)
    add(index.byName, name, path)
    add(index.byExtension, extensionOf(name), path)
    add(index.byStart, name.slice(0, startLength), path)
  }

  function* matching(sign: FileSign, testing: boolean): Generator<string> {
    const glob = compiled(typeof sign === 'string' ? sign : sign.file)
    const aside = (path: string): boolean => {
      const kind = tree.asideInPackage(path)
      return kind !== null && !(testing && kind === 'test')
    }
    for (const path of glob.pick(index))
      if (glob.matches(within(path, tree.packageOf(path))) && !aside(path)) yield path
  }

  return {
    find(sign, texts, testing) {
      const found: Findings = new Map()
      for (const path of matching(sign, testing)) {
        const folder = tree.packageOf(path)
        if (found.has(folder)) continue
        if (typeof sign === 'string') found.set(folder, { file: path, what: null })
        else {
          const what = sign.text.exec(texts.get(path) ?? '')?.[0]
          if (what !== undefined) found.set(folder, { file: path, what })
        }
      }
      return found
    },
    candidates(sign, testing, limit) {
      const found: string[] = []
      for (const path of matching(sign, testing)) {
        if (found.length >= limit) break
        found.push(path)
      }
      return found
    },
  }
}

/** Paths by what a glob fixes of their names: all of it, the end, the beginning. */
interface PathIndex {
  byName: Map<string, string[]>
  byExtension: Map<string, string[]>
  byStart: Map<string, string[]>
}

const startLength = 3

interface Glob {
  pick(index: PathIndex): readonly string[]
  matches(pathInPackage: string): boolean
}

const globs = new Map<string, Glob>()

/** Our own globs only: nothing of the repository gets here. */
function compiled(glob: string): Glob {
  const known = globs.get(glob)
  if (known) return known
  const source = glob
    .replace(/^\//, '')
    .replace(/[.+^$()|{}\\]/g, '\\$&')
    .replace(/\*\*\/|\*/g, star => (star === '*' ? '[^/]*' : '(?:[^/]+/)*'))
  const pattern = new RegExp(`${glob.startsWith('/') ? '^' : '(?:^|/)'}${source}$`)
  const name = nameOf(glob)
  const extension = extensionOf(name)
  const start = /^[^*[]*/.exec(name)?.[0] ?? ''
  const made: Glob = {
    matches: path => pattern.test(path),
    pick({ byName, byExtension, byStart }) {
      if (start === name) return byName.get(name) ?? []
      if (extension !== '' && !/[*[]/.test(extension)) return byExtension.get(extension) ?? []
      if (start.length >= startLength) return byStart.get(start.slice(0, startLength)) ?? []
      return [...byName.values()].flat()
    },
  }
  globs.set(glob, made)
  return made
}

const extensionOf = (path: string): string => {
  const name = nameOf(path)
  return name.slice(name.lastIndexOf('.') + 1).toLowerCase()
}

const add = (index: Map<string, string[]>, key: string, path: string): void => {
  const list = index.get(key)
  if (list) list.push(path)
  else index.set(key, [path])
}
