import { constants, type Stats } from 'node:fs'
import { lstat, mkdir, lchown, open, readlink, realpath, rmdir, unlink } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import type { FileText, Refusal } from '../ports.js'
import { textOf } from './blobs.js'
import { boxUser } from './box-user.js'
import { checkedPath, isGit } from './paths.js'

/** Largest file that is read or written through the tools, bytes. */
const largest = 1024 * 1024

/**
 * Reads a text file. Links are followed only to where they stay inside the tree. `known` lists the tree's files, for
 * a hint when there is no such file.
 */
export async function readTreeFile(tree: string, given: string, known: () => Promise<string[]>): Promise<FileText> {
  const found = await locate(tree, given)
  if ('refused' in found) return found
  if (!found.stat) return { refused: await noSuchFile(found.path, known) }
  let full = found.full
  let stat = found.stat
  if (stat.isSymbolicLink()) {
    const target = await realpath(full).catch(() => null)
    if (target === null) return { refused: `${given}: a link to something that is not there.` }
    if (!inside(tree, target)) return { refused: leadsOut(given) }
    full = target
    stat = await lstat(full)
  }
  if (stat.isDirectory())
    return { refused: `${given}: a directory. List it with the pattern ${join(found.path, '**')}.` }
  if (!stat.isFile()) return { refused: `${given}: not a regular file.` }
  if (stat.size > largest)
    return { refused: `${given}: ${inMiB(stat.size)}, more than 1 MiB. Search it for what you need.` }
  try {
    const file = await open(full, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const text = textOf(await file.readFile())
      return text === null
        ? { refused: `${given}: a binary file, or not in UTF-8; it can't be read as text.` }
        : { text }
    } finally {
      await file.close()
    }
  } catch (error) {
    return { refused: notAllowed(given, error) }
  }
}

/** Writes a text file and the directories it needs. An existing file keeps its mode. */
export async function writeTreeFile(tree: string, given: string, text: string): Promise<'ok' | Refusal> {
  if (Buffer.byteLength(text) > largest) return { refused: `${given}: the text is longer than 1 MiB.` }
  const found = await locate(tree, given)
  if ('refused' in found) return found
  if (found.stat?.isDirectory()) return { refused: `${given}: a directory; a file can't be written in its place.` }
  if (found.stat?.isSymbolicLink())
    return { refused: `${given}: a link to ${await readlink(found.full)}. Write that file, or remove the link first.` }
  if (found.stat && !found.stat.isFile()) return { refused: `${given}: not a regular file.` }
  try {
    for (const directory of found.absent) {
      await mkdir(directory, { mode: 0o755 })
      if (boxUser) await lchown(directory, boxUser.uid, boxUser.gid)
    }
    const how = found.stat ? constants.O_TRUNC : constants.O_CREAT | constants.O_EXCL
    const file = await open(found.full, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | how, 0o644)
    try {
      await file.writeFile(text)
      if (!found.stat && boxUser) await file.chown(boxUser.uid, boxUser.gid)
    } finally {
      await file.close()
    }
    return 'ok'
  } catch (error) {
    return { refused: notAllowed(given, error) }
  }
}

/** Removes a file or a link, and the directories that it leaves empty: git knows none. */
export async function removeTreeFile(
  tree: string,
  given: string,
  known: () => Promise<string[]>,
): Promise<'ok' | Refusal> {
  const found = await locate(tree, given)
  if ('refused' in found) return found
  if (!found.stat) return { refused: await noSuchFile(found.path, known) }
  if (found.stat.isDirectory()) return { refused: `${given}: a directory. Remove its files one by one.` }
  try {
    await unlink(found.full)
  } catch (error) {
    return { refused: notAllowed(given, error) }
  }
  for (
    let directory = dirname(found.full);
    inside(tree, directory) && directory !== tree;
    directory = dirname(directory)
  )
    if (
      !(await rmdir(directory).then(
        () => true,
        () => false,
      ))
    )
      break
  return 'ok'
}

interface Located {
  /** Relative to the tree, normalised. */
  path: string
  /** Absolute; every directory in it is a real one. */
  full: string
  /** Null when there is nothing. A link is not followed. */
  stat: Stats | null
  /** Directories that would have to be made first, outermost first. */
  absent: string[]
}

/** Where a path leads, with links in its directories followed as long as they stay inside. `tree` is a real path. */
async function locate(tree: string, given: string): Promise<Located | Refusal> {
  const path = checkedPath(given)
  if (typeof path !== 'string') return path
  if (path === '.') return { path, full: tree, stat: await lstat(tree), absent: [] }
  const absent: string[] = []
  let above = dirname(join(tree, path))
  let real = await realpathOrNull(above)
  while (real === null && above !== tree) {
    absent.unshift(basename(above))
    above = dirname(above)
    real = await realpathOrNull(above)
  }
  if (real === null || !inside(tree, real)) return { refused: leadsOut(given) }
  const base = await lstat(real)
  if (!base.isDirectory())
    return { refused: `${given}: no such file; ${relative(tree, above)} is a file, not a directory.` }
  const directories: string[] = []
  for (const name of absent) directories.push(join(directories.at(-1) ?? real, name))
  const full = join(directories.at(-1) ?? real, basename(path))
  const stat = await lstat(full).catch(() => null)
  return { path, full, stat, absent: directories }
}

/** Null when nothing is there. A link that leads nowhere is something: it counts as leading out. */
async function realpathOrNull(path: string): Promise<string | null> {
  try {
    return await realpath(path)
  } catch {
    return (await lstat(path).catch(() => null)) ? '' : null
  }
}

function inside(tree: string, full: string): boolean {
  if (full === tree) return true
  return (
    full.startsWith(tree + '/') &&
    !full
      .slice(tree.length + 1)
      .split('/')
      .some(isGit)
  )
}

async function noSuchFile(path: string, known: () => Promise<string[]>): Promise<string> {
  const name = basename(path)
  const namesakes = (await known()).filter(file => basename(file) === name)
  if (namesakes.length === 0) return `${path}: no such file.`
  const more = namesakes.length > 5 ? ` and ${namesakes.length - 5} more` : ''
  return `${path}: no such file. Files with that name: ${namesakes.slice(0, 5).join(', ')}${more}`
}

const leadsOut = (path: string): string => `${path}: a link there leads out of the repository.`
const inMiB = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`

function notAllowed(path: string, error: unknown): string {
  switch ((error as NodeJS.ErrnoException | null)?.code) {
    case 'EACCES':
    case 'EPERM':
      return `${path}: its permissions don't allow that.`
    case 'ENAMETOOLONG':
      return `${path}: a name in it is too long.`
    case 'ELOOP':
      return leadsOut(path)
    case 'ENOENT':
      return `${path}: it went away in the meantime.`
    default:
      throw error
  }
}
