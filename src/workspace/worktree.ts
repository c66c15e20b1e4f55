import { realpath } from 'node:fs/promises'
import type { LeftOut } from '../domain/left-out.js'
import type { Worktree } from '../ports.js'
import type { Box } from './box.js'
import { listTree, searchTree } from './list-and-search.js'
import type { Note } from './open-tree.js'
import { isIn, resetTree, snapshotTree, type SnapshotOf } from './snapshot.js'
import { checkedPath } from './paths.js'
import { readTreeFile, removeTreeFile, writeTreeFile } from './tree-files.js'
import type { TreePlace } from './trees-directory.js'

interface WorktreeParts {
  gitDir: string
  place: TreePlace
  note: Note
  /** Whether the directory was filled just now. */
  fresh: boolean
  /** Git locks its index: whoever comes second waits here instead of failing there. */
  exclusively: <T>(work: () => Promise<T>) => Promise<T>
  box: Box
  /** Brings here what a reset needs. */
  ensureTree: (tree: string) => Promise<void>
  /** Makes a snapshot safe against the loss of this disk. */
  keep: (tree: string) => Promise<void>
  /** Told when a snapshot leaves something out that the one before it didn't. */
  onRefused: (refused: LeftOut[]) => void
}

export async function createWorktree({
  gitDir,
  place,
  note,
  fresh,
  exclusively,
  box,
  ensureTree,
  keep,
  onRefused,
}: WorktreeParts): Promise<Worktree> {
  const tree = await realpath(place.tree)
  const of: SnapshotOf = { gitDir, place, base: note.base, setup: note.setup, written: null }
  let refused: LeftOut[] = []
  let kept: string | null = null
  const known = async (): Promise<string[]> => {
    const files = await listTree(gitDir, place, null)
    return 'refused' in files ? [] : files
  }

  return {
    base: note.base,
    fresh,
    get refused() {
      return refused
    },
    read: path => readTreeFile(tree, path, known),
    async write(path, text) {
      const checked = checkedPath(path)
      const lost = typeof checked === 'string' && isIn(checked, note.setup)
      return lost
        ? { refused: `${path}: setup made this, and no commit will hold it.` }
        : writeTreeFile(tree, path, text)
    },
    remove: path => removeTreeFile(tree, path, known),
    async list(glob) {
      const files = await listTree(gitDir, place, glob)
      return 'refused' in files ? files : files.filter(path => !note.submodules.includes(path))
    },
    search: query => searchTree(gitDir, place, query),
    run: (command, options) => box.run({ command, tree, ...options }),
    snapshot: () =>
      exclusively(async () => {
        const taken = await snapshotTree(of)
        const isNews = JSON.stringify(taken.refused) !== JSON.stringify(refused)
        refused = taken.refused
        if (isNews && refused.length > 0) onRefused(refused)
        if (taken.tree !== kept) await keep(taken.tree)
        kept = taken.tree
        return taken.tree
      }),
    reset: to =>
      exclusively(async () => {
        await ensureTree(to)
        await resetTree(of, to)
      }),
  }
}
