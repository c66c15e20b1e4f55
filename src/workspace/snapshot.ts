import { lstat, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { LeftOut } from '../domain/left-out.js'
import { giveToBox, makeAccessible } from './box-user.js'
import { git, gitText, objectName, records, type GitCall } from './git.js'
import { isGit } from './paths.js'
import { treeEntries } from './trees.js'
import type { TreePlace } from './trees-directory.js'
import { unblocked } from './unblocked.js'

export interface SnapshotOf {
  gitDir: string
  place: TreePlace
  /** What the directory was opened at. */
  base: string
  /** Paths that no commit holds, with all that lies below them: setup made them. */
  setup: string[]
  /** The tree that the index stood for when its file last looked like `stamp`. */
  written: { stamp: string; tree: string } | null
}

/** Largest file that is taken into a snapshot, bytes; GitHub's API refuses blobs not much larger. */
const largest = 25 * 1024 * 1024

/**
 * Writes what the directory holds now as a tree into the clone. Ignored files stay out, and so does what `refused`
 * names; submodules and a tracked file whose place was taken by such a thing stay as they were.
 */
export async function snapshotTree(of: SnapshotOf): Promise<{ tree: string; refused: LeftOut[] }> {
  const call = { gitDir: of.gitDir, worktree: of.place }
  const { changed, untracked } = await unblocked(of.place, timeoutSeconds => differences({ ...call, timeoutSeconds }))
  const { take, drop, refused } = await sorted(of, changed, untracked)
  if (take.length + drop.length > 0) {
    const lines = (paths: string[]): string => paths.map(path => path + '\0').join('')
    if (drop.length > 0)
      await git({ ...call, args: ['update-index', '--force-remove', '-z', '--stdin'], input: lines(drop) })
    // Attributes and filters are off (see clone-cache.ts), so this only stats, reads and hashes.
    const args = ['update-index', '--add', '--replace', '-z', '--stdin']
    if (take.length > 0) await git({ ...call, args, input: lines(take) })
    if ([...take, ...drop].some(path => basename(path) === '.gitignore')) await dropNewlyIgnored(of, call)
  }
  if (of.written === null || of.written.stamp !== (await stampOf(of.place.index))) {
    const tree = await gitText({ ...call, args: ['write-tree'] })
    of.written = { stamp: await stampOf(of.place.index), tree }
  }
  return { tree: of.written.tree, refused }
}

async function stampOf(index: string): Promise<string> {
  const { mtimeNs, ino, size } = await lstat(index, { bigint: true })
  return `${mtimeNs} ${ino} ${size}`
}

/** Makes the directory hold exactly `tree`, whatever was done to it. Ignored files may stay. */
export async function resetTree(of: SnapshotOf, tree: string): Promise<void> {
  // Git only warns where it can't remove a file.
  await makeAccessible(of.place.tree)
  const call = { gitDir: of.gitDir, worktree: of.place }
  await rm(join(of.place.tree, '.git'), { recursive: true, force: true })
  const { untracked } = await unblocked(of.place, timeoutSeconds => differences({ ...call, timeoutSeconds }))
  for (const path of untracked)
    if (!isIn(path, of.setup)) await rm(join(of.place.tree, path), { recursive: true, force: true })
  const args = ['read-tree', '--reset', '-u', '--end-of-options', objectName(tree)]
  await git({ ...call, args })
  await giveToBox(of.place.tree)
}

/** What differs from the index, told by the files' states where they are enough. Links are never followed. */
async function differences(
  call: GitCallBase,
): Promise<{ changed: { status: string; path: string }[]; untracked: string[] }> {
  const [tracked, untracked] = await Promise.all([
    git({ ...call, args: ['diff-files', '--raw', '-z', '--ignore-submodules=all'] }),
    git({ ...call, args: ['ls-files', '-z', '--others', '--exclude-standard'] }),
  ])
  const fields = records(tracked.stdout)
  const changed = []
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [oldMode = '', , , , status = ''] = (fields[i] ?? '').split(' ')
    if (oldMode !== ':160000') changed.push({ status, path: fields[i + 1] ?? '' })
  }
  return { changed, untracked: records(untracked.stdout) }
}

type GitCallBase = Omit<GitCall, 'args'>

async function sorted(
  of: SnapshotOf,
  changed: { status: string; path: string }[],
  untracked: string[],
): Promise<{ take: string[]; drop: string[]; refused: LeftOut[] }> {
  const take: string[] = []
  const drop: string[] = []
  const refused: LeftOut[] = []
  if (await lstat(join(of.place.tree, '.git')).catch(() => null)) refused.push({ path: '.git', why: 'a git directory' })
  for (const { status, path } of changed) {
    if (status === 'D') drop.push(path)
    else await consider(path)
  }
  for (const path of untracked) if (!isIn(path, of.setup)) await consider(path)
  return { take, drop, refused }

  async function consider(path: string): Promise<void> {
    const why = await reasonAgainst(of, path)
    if (why === null) take.push(path)
    else refused.push({ path: path.replace(/\/$/, ''), why })
  }
}

/** Whether a path is one of those, or lies below one; git ends a repository within the tree with a slash. */
export const isIn = (path: string, setup: readonly string[]): boolean =>
  setup.some(one => path === one || path.startsWith(one + '/'))

async function reasonAgainst({ place }: SnapshotOf, path: string): Promise<string | null> {
  if (path.endsWith('/')) return 'a repository of its own'
  if (path.split('/').some(isGit)) return "a name that some systems take for git's own directory"
  if (/[\0-\x1f\x7f]/.test(path)) return 'a name with control characters'
  const stat = await lstat(join(place.tree, path)).catch(() => null)
  if (!stat) return "a name that isn't UTF-8"
  if (stat.isSymbolicLink()) return 'a symbolic link'
  if (!stat.isFile()) return 'not a regular file'
  if (stat.mode & 0o6000) return 'a file with the setuid or setgid bit'
  if (stat.size > largest) return 'larger than 25 MiB'
  return null
}

/** Files of an earlier snapshot that were never in the base and are ignored by now. */
async function dropNewlyIgnored(of: SnapshotOf, call: GitCallBase): Promise<void> {
  const args = ['ls-files', '-z', '--cached', '--ignored', '--exclude-standard']
  const ignored = records((await git({ ...call, args })).stdout)
  if (ignored.length === 0) return
  const inBase = new Set((await treeEntries(of.gitDir, of.base)).map(entry => entry.path))
  const input = ignored.flatMap(path => (inBase.has(path) ? [] : [path + '\0'])).join('')
  await git({ ...call, args: ['update-index', '--force-remove', '-z', '--stdin'], input })
}
