import { join } from 'node:path'
import type { RepositoryRef } from '../domain/repository.js'
import type { LeftOut } from '../domain/left-out.js'
import type { Sandbox } from '../domain/sandbox.js'
import { usualDisk, type DiskLimits } from '../domain/limits.js'
import { usualSetup, type SetupLimits } from '../domain/setup.js'
import type { CloneSource, TreeKeeper, Workspaces } from '../ports.js'
import { openCloneCache } from './clone-cache.js'
import { openDisk, type Disk } from './disk.js'
import { gitVersion } from './git.js'
import { keepTree } from './kept-trees.js'
import { createLocks } from './locks.js'
import { fillTree, noteOf } from './open-tree.js'
import { replayChange } from './replay.js'
import { openSandbox } from './sandbox.js'
import { openSetups } from './setup/setups.js'
import { changesBetween, diffBetween, filesOf, readFromCommit, readManyFromCommit, treeOf } from './trees.js'
import { placeOf, removeTree, roomyTreesDirectory, treesDirectory } from './trees-directory.js'
import { createWorktree } from './worktree.js'

export interface WorkspaceOptions {
  /** Where the clones are kept, between starts and for several processes at once. */
  cacheDir: string
  /** Where the worktrees are made; by default in memory where there is room, else under the cache. */
  treesDir?: string
  /** A token for one repository, asked for at the moment of use; null where none is needed. */
  tokenFor: (repository: RepositoryRef) => Promise<string | null>
  /** Lets clone URLs begin with http://, for a server on this machine. */
  allowHttp?: boolean
  /** Where commands run; bubblewrap when left out. */
  sandbox?: Sandbox
  /** What repositories' setups may do; the usual where left out. */
  setup?: SetupLimits
  /** What may stay on the disk; the usual where left out. */
  disk?: DiskLimits
  /** Milliseconds since 1970. */
  now?: () => number
  /** Keeps what is worked on for other processes; without it, work can go on only where it was begun. */
  keeper?: TreeKeeper
  /** Told, in a line, what a snapshot left out. */
  log: (line: string) => void
}

/** Prepares the directories, proves the box, and throws where git is missing or too old. */
export async function createWorkspaces(options: WorkspaceOptions): Promise<Workspaces & Pick<Disk, 'tidy'>> {
  const { cacheDir, tokenFor, allowHttp = false, sandbox = 'bwrap', setup = usualSetup, keeper = null, log } = options
  const { disk: limits = usualDisk, now = Date.now } = options
  await checkGit()
  const used = (gitDir: string): void => disk.use(gitDir)
  const cache = await openCloneCache({ cacheDir, tokenFor, allowHttp, keeper, used })
  const treesDir = await treesDirectory(options.treesDir, cacheDir)
  // Where a place is given, it is for all of them.
  const roomyTreesDir = options.treesDir === undefined ? await roomyTreesDirectory(treesDir, cacheDir) : treesDir
  const disk = openDisk({ cacheDir, treesDirs: [treesDir, roomyTreesDir], limits, log, now })
  const { box, off, whyOff } = await openSandbox(sandbox, { treesDir, hidden: [process.cwd(), cacheDir, treesDir] })

  const setups = openSetups({
    ...{ cache, box, sandbox, off, log },
    treesDir: roomyTreesDir,
    directory: join(cacheDir, 'setups'),
    limits: setup,
    // The rest of the room is the clones'.
    mostBytes: limits.bytes / 2,
  })

  /** Brings here what may have been made, or fetched, elsewhere. */
  const here = async (source: CloneSource, ...names: string[]): Promise<void> => {
    for (const name of names) await cache.ensure(source, name)
  }
  const keep = async ({ repository }: CloneSource, tree: string, onto: string): Promise<void> => {
    if (keeper) await keepTree(keeper, cache.directory(repository), { repository, tree, onto })
  }

  /** One thing at a time per key: opening, discarding, and what takes git's lock on the index. */
  const locks = createLocks()

  return {
    tidy: disk.tidy,
    sandbox,
    commandsOff: off,
    whyNoCommands: whyOff,
    fetch: (source, branch) => cache.fetch(source, branch),
    treeOf: (source, commit) => treeOf(cache, source, commit),
    async files(source, commit) {
      await here(source, commit)
      return filesOf(cache, source.repository, commit)
    },
    read: (source, commit, path) => readFromCommit(cache, source, commit, path),
    readMany: (source, commit, paths) => readManyFromCommit(cache, source, commit, paths),
    async changes(source, from, to) {
      await here(source, from, to)
      return changesBetween(cache, source.repository, from, to)
    },
    async diff(source, from, to) {
      await here(source, from, to)
      return diffBetween(cache, source.repository, from, to)
    },
    async replay(source, change) {
      await here(source, change.base, change.theirs, change.onto)
      const replayed = await replayChange(cache, source.repository, change)
      await keep(source, replayed.tree, change.onto)
      return replayed
    },

    setUp: (source, order, signal) => setups.make(source, order, signal),

    open: (source, key, tree, furnished) =>
      locks.run(key, async () => {
        const { repository } = source
        const place = placeOf(furnished ? roomyTreesDir : treesDir, key)
        await cache.prepare(source)
        const gitDir = cache.directory(repository)
        const clone = await cache.identity(repository)
        const noted = await noteOf(place)
        if (noted && noted.repository !== repository.id)
          throw new Error(`The worktree ${JSON.stringify(key)} belongs to another repository`)
        const found = noted?.clone === clone ? noted : null
        if (!found) {
          await cache.ensure(source, tree)
          await cache.ensureTree(repository, tree)
        }
        const furnish = furnished && (() => setups.furnish(place, source, furnished.setup, furnished.signal))
        const note =
          found ?? (await fillTree(gitDir, place, { repository: repository.id, key, clone, base: tree }, furnish))
        return createWorktree({
          gitDir,
          place,
          note,
          fresh: found === null,
          exclusively: work => locks.run(key, work),
          box,
          async ensureTree(wanted) {
            await cache.ensure(source, wanted)
            await cache.ensureTree(repository, wanted)
          },
          keep: taken => keep(source, taken, note.base),
          onRefused: refused => log(`Left out of the snapshot of ${key}: ${inWords(refused)}`),
        })
      }),

    discard: key =>
      locks.run(key, async () => {
        for (const dir of new Set([treesDir, roomyTreesDir])) await removeTree(placeOf(dir, key).directory)
      }),
  }
}

const inWords = (refused: LeftOut[]): string => refused.map(({ path, why }) => `${path} (${why})`).join(', ')

async function checkGit(): Promise<void> {
  const version = await gitVersion()
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major < 2 || (major === 2 && minor < 38)) throw new Error(`git ${version} is too old: install git 2.38 or newer`)
}
