import type { TreeEntry } from './objects.js'
import { typeOfMode } from './objects.js'

/** A change of one path of a tree; `sha` null takes the path (or all below it) away. */
export interface TreeEdit {
  path: string
  mode: string
  sha: string | null
}

/** What editing needs of the repository. */
export interface TreeStore {
  read: (tree: string) => Promise<TreeEntry[]>
  /** Entries in git's order. Returns the id. */
  write: (entries: TreeEntry[]) => Promise<string>
}

/**
 * A tree made from another one (null: from nothing) by edits, the later ones winning. A file may take the place of a
 * directory and the other way round; directories that become empty are gone. Null when nothing is left.
 */
export async function editTree(store: TreeStore, base: string | null, edits: TreeEdit[]): Promise<string | null> {
  const entries = new Map((base === null ? [] : await store.read(base)).map(entry => [entry.path, entry]))
  const below = new Map<string, TreeEdit[]>()
  for (const edit of edits) {
    const slash = edit.path.indexOf('/')
    const name = slash < 0 ? edit.path : edit.path.slice(0, slash)
    if (slash >= 0) {
      below.set(name, [...(below.get(name) ?? []), { ...edit, path: edit.path.slice(slash + 1) }])
      continue
    }
    below.delete(name)
    entries.delete(name)
    if (edit.sha !== null)
      entries.set(name, { mode: edit.mode, type: typeOfMode(edit.mode), sha: edit.sha, path: name })
  }
  for (const [name, inside] of below) {
    const old = entries.get(name)
    const tree = await editTree(store, old?.type === 'tree' ? old.sha : null, inside)
    if (tree !== null) entries.set(name, { mode: '040000', type: 'tree', sha: tree, path: name })
    // Taking away what is below a file takes nothing away.
    else if (old?.type === 'tree') entries.delete(name)
  }
  return entries.size === 0 ? null : store.write([...entries.values()].toSorted(inGitsOrder))
}

/** The content of a tree object. */
export function formatTree(entries: TreeEntry[]): Buffer {
  return Buffer.concat(
    entries.flatMap(entry => [
      Buffer.from(`${entry.mode.replace(/^0/, '')} ${entry.path}\0`),
      Buffer.from(entry.sha, 'hex'),
    ]),
  )
}

/** By bytes, a directory as if its name ended in a slash. */
function inGitsOrder(one: TreeEntry, other: TreeEntry): number {
  const key = (entry: TreeEntry): Buffer => Buffer.from(entry.type === 'tree' ? `${entry.path}/` : entry.path)
  return Buffer.compare(key(one), key(other))
}
