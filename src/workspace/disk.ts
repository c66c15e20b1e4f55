import { utimesSync } from 'node:fs'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { DiskLimits } from '../domain/limits.js'
import { readNote, type Note } from './open-tree.js'
import { runProgram } from './run-program.js'
import { placeIn, removeTree } from './trees-directory.js'

/** What is kept on this machine's disk, and when it goes. All of it can be made again. */
export interface Disk {
  /** Notes that a clone is in use now. Cheap. */
  use(gitDir: string): void
  /** Removes worktrees whose keys nobody works with, clones that were not used for long, and, above the ceiling, those that were not used for longest. */
  tidy(inUse: { keys: string[] }): Promise<void>
}

interface DiskOptions {
  cacheDir: string
  treesDirs: string[]
  limits: DiskLimits
  log: (line: string) => void
  /** Milliseconds since 1970. */
  now: () => number
}

interface Clone {
  path: string
  /** GitHub's number for the repository. */
  repository: number
  /** Milliseconds since its last use, by whatever process. */
  idle: number
}

export function openDisk({ cacheDir, treesDirs, limits, log, now }: DiskOptions): Disk {
  const noted = new Map<string, number>()

  return {
    use(gitDir) {
      if (now() - (noted.get(gitDir) ?? 0) < minute) return
      noted.set(gitDir, now())
      try {
        utimesSync(join(gitDir, useFile), now() / 1000, now() / 1000)
      } catch {
        // It is being made, which counts as its use.
      }
    },

    async tidy({ keys }) {
      await removeTrees(new Set(keys))
      await removeDrafts()
      const held = await repositoriesOfTrees()
      const removable = (await clones()).filter(({ repository, idle }) => idle > hour && !held.has(repository))
      const old = removable.filter(({ idle }) => idle > limits.days * day)
      for (const clone of old) await remove(clone, `was not used for ${limits.days} days`)
      await keepBelowCeiling(removable.filter(clone => !old.includes(clone)).sort((a, b) => b.idle - a.idle))
    },
  }

  /** A directory that is being filled, or was filled a moment ago, may belong to work that began since `keys` were read. */
  async function removeTrees(keys: Set<string>): Promise<void> {
    for (const { directory, note, idle } of await trees()) {
      const isWanted = note?.key === undefined ? idle < week : keys.has(note.key)
      if (!isWanted && idle > hour) await removeTree(directory)
    }
  }

  async function keepBelowCeiling(longestUnused: Clone[]): Promise<void> {
    let bytes = await sizeOf(cacheDir)
    for (const clone of longestUnused) {
      if (bytes <= limits.bytes) return
      bytes -= await sizeOf(clone.path)
      await remove(clone, 'was not used for longest')
    }
    if (bytes > limits.bytes)
      log(
        `Clones and worktrees in use, and what setups left, take ${inGb(bytes)} GB of the ${inGb(limits.bytes)} GB that they may (DISK_GB): none of them can be removed now.`,
      )
  }

  async function remove({ path }: Clone, why: string): Promise<void> {
    // Nobody who looks for it finds half of it.
    const gone = `${path}.gone`
    await rm(gone, { recursive: true, force: true })
    await rename(path, gone)
    noted.delete(path)
    await rm(gone, { recursive: true, force: true })
    log(`Removed the clone ${path}, which ${why}; it is made again when it is needed.`)
  }

  async function removeDrafts(): Promise<void> {
    for (const name of await readdir(cacheDir))
      if (name.endsWith('.git.gone')) await rm(join(cacheDir, name), { recursive: true, force: true })
  }

  async function clones(): Promise<Clone[]> {
    const found: Clone[] = []
    for (const name of await readdir(cacheDir)) {
      const id = /^(\d+)\.git$/.exec(name)?.[1]
      const path = join(cacheDir, name)
      if (id !== undefined) found.push({ path, repository: Number(id), idle: await idleOf(join(path, useFile)) })
    }
    return found
  }

  async function trees(): Promise<{ directory: string; note: Note | null; idle: number }[]> {
    const found: { directory: string; note: Note | null; idle: number }[] = []
    for (const treesDir of new Set(treesDirs)) {
      for (const entry of await readdir(treesDir, { withFileTypes: true })) {
        // With a dot: not made by a key.
        if (!entry.isDirectory() || entry.name.startsWith('.')) continue
        const place = placeIn(join(treesDir, entry.name))
        const note = await readNote(place)
        found.push({ directory: place.directory, note, idle: await idleOf(note ? place.note : place.directory) })
      }
    }
    return found
  }

  async function repositoriesOfTrees(): Promise<Set<number>> {
    return new Set((await trees()).flatMap(({ note }) => (note ? [note.repository] : [])))
  }

  /** 0 where it is gone: then it is somebody else's to remove. */
  async function idleOf(path: string): Promise<number> {
    return stat(path).then(
      ({ mtimeMs }) => now() - mtimeMs,
      () => 0,
    )
  }
}

/** Its time is that of the clone's last use. */
const useFile = 'crew-id'
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const week = 7 * day

const inGb = (bytes: number): string => (bytes / 1024 ** 3).toFixed(1)

/** Bytes, as far as they can be counted: what goes away meanwhile is no failure. */
async function sizeOf(path: string): Promise<number> {
  const counted = await runProgram('sh', ['-c', 'du -sk -- "$1" || true', 'sh', path])
  return Number(counted.split('\t')[0]) * 1024
}
