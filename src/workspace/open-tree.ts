import { readFile, rm, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { git, objectName } from './git.js'
import { noteStats } from './index-stats.js'
import { checkoutWorkers, makePlace, removeTree, type TreePlace } from './trees-directory.js'

/** What is remembered of a filled directory. */
const Note = z.object({
  repository: z.number(),
  /** What it was opened under; versions before this did not say. */
  key: z.string().optional(),
  /** Identity of the clone that holds its objects. */
  clone: z.string(),
  /** The commit or tree it was opened at, as it was given. */
  base: z.string(),
  submodules: z.array(z.string()),
  /** What setup left and was copied here: no part of any commit. */
  setup: z.array(z.string()).default([]),
})
export type Note = z.infer<typeof Note>

/** The note of a directory that was filled earlier, or null. */
export async function noteOf(place: TreePlace): Promise<Note | null> {
  const note = await readNote(place)
  // A git that was killed leaves its lock, and nobody else works here.
  if (note) await rm(`${place.index}.lock`, { force: true })
  return note
}

/** The same, for whoever doesn't work there. */
export async function readNote(place: TreePlace): Promise<Note | null> {
  const text = await readFile(place.note, 'utf8').catch(() => null)
  return text === null ? null : Note.parse(JSON.parse(text))
}

/**
 * Fills a new directory from the clone, where every content must already be. There is no `.git` in it: the index lies
 * beside the tree and the git directory elsewhere, so nothing that appears in the tree can steer git. `furnish` adds what
 * is no part of the commit, and returns its paths.
 */
export async function fillTree(
  gitDir: string,
  place: TreePlace,
  from: Omit<Note, 'submodules' | 'setup'>,
  furnish: () => Promise<string[]> = () => Promise.resolve([]),
): Promise<Note> {
  const { base } = from
  await removeTree(place.directory)
  await makePlace(place)
  const call = {
    gitDir,
    worktree: place,
    config: { 'checkout.workers': String(checkoutWorkers) },
    timeoutSeconds: 600,
  }
  await git({ ...call, args: ['read-tree', '--end-of-options', objectName(base)] })
  await git({ ...call, args: ['checkout-index', '--all', '--quiet'] })
  const { submodules } = await noteStats(place.tree, place.index)
  const note: Note = { ...from, submodules, setup: await furnish() }
  await writeFile(place.note, JSON.stringify(note))
  return note
}
