import { lstat, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { giveToBox, makeAccessible, removeSpecialFiles } from './box-user.js'
import { git, GitError, gitText, objectName, records, type GitCall } from './git.js'
import { isGit } from './paths.js'
import { treeEntries } from './trees.js'
import type { TreePlace } from './trees-directory.js'

/** Something an agent made that no commit of ours will hold. */
export interface LeftOut {
  path: string
  why: string
}

export interface SnapshotOf {
  gitDir: string
  place: TreePlace
  /** What the directory was opened at. */
  base: string
  submodules: string[]
}

/** Largest file that is taken into a snapshot, bytes; GitHub's API refuses blobs not much larger. */
const largest = 25 * 1024 * 1024

/**
 * Writes what the directory holds now as a tree into the clone. Ignored files stay out, and so does what `refused`
 * names; submodules and a tracked file whose place was taken by such a thing stay as they were.
 */
export async function snapshotTree(of: SnapshotOf): Promise<{ tree: string; refused: LeftOut[] }> {
  const call = { gitDir: of.gitDir, worktree: of.place, timeoutSeconds: 20 }
  const { changed, untracked } = await unblocked(of.place, () => differences(call))
  const { take, drop, refused } = await sorted(of, changed, untracked)
  if (take.length + drop.length > 0) {
    // Attributes and filters are off (see clone-cache.ts), so this only stats, reads and hashes.
    const input = [...drop, ...take].map(path => path + '\0').join('')
    await git({
      ...call,
      args: ['update-index', '--add', '--remove', '--replace', '-z', '--stdin'],
      input,
      timeoutSeconds: 120,
    })
    if ([...take, ...drop].some(path => basename(path) === '.gitignore')) await dropNewlyIgnored(of, call)
  }
  return { tree: await gitText({ ...call, args: ['write-tree'] }), refused }
}

/** Makes the directory hold exactly `tree`, whatever was done to it. Ignored files may stay. */
export async function resetTree(of: SnapshotOf, tree: string): Promise<void> {
  const call = { gitDir: of.gitDir, worktree: of.place, timeoutSeconds: 120 }
  await makeAccessible(of.place.tree)
  await removeSpecialFiles(of.place.tree)
  await rm(join(of.place.tree, '.git'), { recursive: true, force: true })
  const { untracked } = await differences(call)
  for (const path of untracked) await rm(join(of.place.tree, path), { recursive: true, force: true })
  await git({ ...call, args: ['read-tree', '--reset', '-u', '--end-of-options', objectName(tree)] })
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

/** A named pipe called `.gitignore` or `.gitattributes` holds git up forever: after the time limit pipes are removed. */
async function unblocked<T>(place: TreePlace, look: () => Promise<T>): Promise<T> {
  try {
    return await look()
  } catch (error) {
    if (!(error instanceof GitError) || !error.timedOut) throw error
    await removeSpecialFiles(place.tree)
    return look()
  }
}

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
  for (const path of untracked) await consider(path)
  return { take, drop, refused }

  async function consider(path: string): Promise<void> {
    const why = await reasonAgainst(of, path)
    if (why === null) take.push(path)
    else refused.push({ path: path.replace(/\/$/, ''), why })
  }
}

async function reasonAgainst({ place, submodules }: SnapshotOf, path: string): Promise<string | null> {
  if (path.endsWith('/')) return 'a repository of its own'
  if (path.split('/').some(isGit)) return "a name that some systems take for git's own directory"
  if (/[\0-\x1f\x7f]/.test(path)) return 'a name with control characters'
  if (submodules.some(submodule => path === submodule || path.startsWith(submodule + '/'))) return 'part of a submodule'
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
