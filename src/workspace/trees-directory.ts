import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, chown, lstat, mkdir, readdir, readFile, realpath, rm, statfs, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { boxUser, canReach, makeAccessible } from './box-user.js'

/**
 * The directory that holds all worktrees, made and checked: it must belong to this process's user, since /dev/shm is
 * open to everybody. Where none is given, memory is taken if there is a gibibyte of it to be had, else the cache's disk.
 * Worktrees belong to one cache, so each cache has its own directory there; those of caches that are gone are removed.
 */
export async function treesDirectory(given: string | undefined, cacheDir: string): Promise<string> {
  if (given !== undefined) return ownDirectory(given)
  if (!(await roomInMemory())) return ownDirectory(join(cacheDir, 'trees'))
  const shared = await ownDirectory(`/dev/shm/issue-crew-${process.getuid?.() ?? 'user'}`)
  const cache = await realpath(cacheDir)
  for (const name of await readdir(shared)) {
    const owner = await readFile(join(shared, name, belongsTo), 'utf8').catch(() => null)
    if (owner !== null && !existsSync(owner)) await removeTree(join(shared, name))
  }
  const path = await ownDirectory(join(shared, createHash('sha256').update(cache).digest('hex').slice(0, 12)))
  await writeFile(join(path, belongsTo), cache)
  return path
}

/**
 * Where trees are made that hold installed packages: on the cache's disk, which has more room than memory, and where a
 * copy can share its blocks; among the others where the box's user can't get there.
 */
export async function roomyTreesDirectory(treesDir: string, cacheDir: string): Promise<string> {
  const roomy = await ownDirectory(join(cacheDir, 'trees'))
  return canReach(await realpath(roomy)) ? roomy : treesDir
}

/** Names the cache that a directory in memory belongs to. */
const belongsTo = '.cache'

async function ownDirectory(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  const found = await lstat(path)
  if (!found.isDirectory() || (process.getuid && found.uid !== process.getuid()))
    throw new Error(`${path} is not a directory of this user: remove it, or name another place for the worktrees`)
  // The box's user must get through to its own tree, and nobody may look around.
  await chmod(path, boxUser ? 0o711 : 0o700)
  return path
}

/** Where one key's things lie: `tree` is all that its agent ever sees. */
export interface TreePlace {
  directory: string
  tree: string
  index: string
  /** What git takes for ignored there, beside what the tree says itself; mostly there is none. */
  excludes: string
  /** Written last: a directory without it was never finished. */
  note: string
}

export function placeOf(treesDir: string, key: string): TreePlace {
  const readable = key.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 60)
  return placeIn(join(treesDir, `${readable}-${createHash('sha256').update(key).digest('hex').slice(0, 10)}`))
}

/** The same for a directory that is there. */
export function placeIn(directory: string): TreePlace {
  return {
    directory,
    tree: join(directory, 'tree'),
    index: join(directory, 'index'),
    excludes: join(directory, 'excludes'),
    note: join(directory, 'note.json'),
  }
}

/** Makes an empty place. The tree is its user's alone; what lies beside it is out of the box's reach. */
export async function makePlace(place: TreePlace): Promise<void> {
  await mkdir(place.directory, { mode: 0o700 })
  await mkdir(place.tree, { mode: 0o700 })
  if (!boxUser) return
  await chown(place.tree, boxUser.uid, boxUser.gid)
  await chown(place.directory, 0, boxUser.gid)
  await chmod(place.directory, 0o710)
}

/** Removes a directory whatever a command did to the permissions in it. */
export async function removeTree(directory: string): Promise<void> {
  try {
    await rm(directory, { recursive: true, force: true })
  } catch {
    await makeAccessible(directory)
    await rm(directory, { recursive: true, force: true })
  }
}

/** Processes that git may use to fill a tree. */
export const checkoutWorkers = Math.min(4, availableParallelism())

async function roomInMemory(): Promise<boolean> {
  try {
    const mounts = await readFile('/proc/self/mounts', 'utf8')
    const mount = mounts.split('\n').find(line => line.split(' ')[1] === '/dev/shm')
    const [, , kind, options = ''] = mount?.split(' ') ?? []
    // Containers often mount it small, and without the right to execute, which projects' own scripts need.
    if (kind !== 'tmpfs' || options.split(',').includes('noexec')) return false
    const { bavail, bsize } = await statfs('/dev/shm')
    return bavail * bsize >= 1024 ** 3
  } catch {
    return false
  }
}
