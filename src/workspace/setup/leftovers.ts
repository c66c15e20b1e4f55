import { lstat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { git, records } from '../git.js'
import { isGit } from '../paths.js'
import { runProgram } from '../run-program.js'
import type { TreePlace } from '../trees-directory.js'

/**
 * What lies in a tree and not in its commit, ignored or not, as git sums it up: a directory of which nothing is in the
 * commit is one entry. A changed file of the commit is none of it.
 */
export async function leftoversIn(gitDir: string, place: TreePlace): Promise<string[]> {
  const args = ['ls-files', '-z', '--others', '--directory', '--no-empty-directory']
  const { stdout } = await git({ gitDir, worktree: place, args, timeoutSeconds: 600 })
  return records(stdout)
    .map(path => path.replace(/\/$/, ''))
    .filter(path => path !== '' && !path.split('/').some(isGit) && !/[\0-\x1f\x7f]/.test(path))
}

/**
 * Copies leftovers from one tree into another, which nobody else touches meanwhile. What has something in its place there,
 * or has no directory to lie in any more, is left out. Returns what was copied.
 */
export async function copyLeftovers(paths: string[], from: string, to: string): Promise<string[]> {
  const folders = new Map<string, string[]>()
  for (const path of paths) {
    if (await isThere(join(to, path))) continue
    const folder = dirname(path)
    const isFolder = await isRealFolder(to, folder)
    if (isFolder) folders.set(folder, [...(folders.get(folder) ?? []), path])
  }
  for (const [folder, entries] of folders)
    for (let at = 0; at < entries.length; at += 500) {
      const some = entries.slice(at, at + 500).map(path => join(from, path))
      // Blocks are shared where the file system can; files never are, for they can be written.
      await runProgram('cp', ['-a', '--reflink=auto', '--target-directory', join(to, folder), '--', ...some])
    }
  return [...folders.values()].flat()
}

/** Has git ignore these, whatever the tree says of them. */
export const exclude = (place: TreePlace, paths: string[]): Promise<void> =>
  writeFile(place.excludes, paths.map(path => `/${path.replace(/[\\*?[\]! #]/g, '\\$&')}\n`).join(''))

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  )

/** Whether every part of the way below `tree` is a directory and no link. */
async function isRealFolder(tree: string, folder: string): Promise<boolean> {
  for (let path = folder; path !== '.'; path = dirname(path)) {
    const found = await lstat(join(tree, path)).catch(() => null)
    if (!found?.isDirectory()) return false
  }
  return true
}
