import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { runProgram } from '../run-program.js'
import { removeTree } from '../trees-directory.js'

/** What setups left, each under its key. Only what ran in setup's box ever gets in, and nothing in it is changed. */
export interface SetupStore {
  find(key: string): Promise<Kept | null>
  /** Takes a whole tree away from where it lies, of which `paths` count. */
  keep(key: string, tree: string, paths: string[]): Promise<Kept | { tooLarge: number }>
}

export interface Kept {
  tree: string
  paths: string[]
}

const most = {
  /** Bytes of one, and of all together. */
  one: 4 * 1024 ** 3,
  all: 10 * 1024 ** 3,
  /** After so long it is made again: not everything that gets installed is named in a lock file. */
  days: 7,
}

const Note = z.object({ paths: z.array(z.string()), bytes: z.number(), made: z.number() })
const noteFile = 'made.json'
const day = 24 * 60 * 60 * 1000

export function openSetupStore(directory: string, mostBytes: number = Infinity): SetupStore {
  return {
    async find(key) {
      const entry = join(directory, key)
      const note = await noteOf(entry)
      if (note === null || note.made < Date.now() - most.days * day) return null
      // Its age counts from its last use.
      await utimes(join(entry, noteFile), new Date(), new Date())
      return { tree: join(entry, 'tree'), paths: note.paths }
    },

    async keep(key, tree, paths) {
      const bytes = Number((await runProgram('du', ['-sk', '--', tree])).split('\t')[0]) * 1024
      if (bytes > most.one) return { tooLarge: bytes }
      const entry = join(directory, key)
      const draft = `${entry}.${randomBytes(4).toString('hex')}${draftEnding}`
      await mkdir(draft, { recursive: true, mode: 0o700 })
      try {
        await move(tree, join(draft, 'tree'))
        await writeFile(join(draft, noteFile), JSON.stringify({ paths, bytes, made: Date.now() }))
        await removeTree(entry)
        await rename(draft, entry).catch(async (error: unknown) => {
          // Another process was quicker; what it made is as good.
          if ((await noteOf(entry)) === null) throw error
        })
      } finally {
        await removeTree(draft)
      }
      await makeRoom(directory, { newest: key, most: Math.min(most.all, mostBytes) })
      return { tree: join(entry, 'tree'), paths }
    },
  }
}

const draftEnding = '.new'

async function noteOf(entry: string): Promise<z.infer<typeof Note> | null> {
  const text = await readFile(join(entry, noteFile), 'utf8').catch(() => null)
  return text === null ? null : Note.parse(JSON.parse(text))
}

/** Trees may lie on another file system. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    await runProgram('cp', ['-a', '--', from, to])
  }
}

/** Removes what was left half made, and what hasn't been used for longest, until the rest fits. */
async function makeRoom(directory: string, room: { newest: string; most: number }): Promise<void> {
  const entries = await Promise.all(
    (await readdir(directory)).map(async name => {
      const path = join(directory, name)
      const [note, used] = await Promise.all([noteOf(path), ageOf(join(path, noteFile)), ageOf(path)]).then(
        ([note, ofNote, ofFolder]) => [note, ofNote ?? ofFolder ?? 0] as const,
      )
      return { name, path, bytes: note?.bytes ?? 0, used, whole: note !== null && !name.endsWith(draftEnding) }
    }),
  )
  for (const { path, used, whole } of entries) if (!whole && used > day) await removeTree(path)
  const old = entries.filter(({ whole }) => whole).sort((a, b) => b.used - a.used)
  let bytes = old.reduce((sum, entry) => sum + entry.bytes, 0)
  for (const entry of old) {
    // What was used just now may be being copied.
    if (bytes <= room.most || entry.name === room.newest || entry.used < hour) break
    await removeTree(entry.path)
    bytes -= entry.bytes
  }
}

const hour = 60 * 60 * 1000

const ageOf = (path: string): Promise<number | null> =>
  stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => null,
  )
