import { posix } from 'node:path'
import type { Refusal } from '../ports.js'

/** Where a worktree is seen by the commands that run in the box. Models see it in tracebacks and use it again. */
export const treeInBox = '/repo'

/**
 * A path relative to the tree, normalised (`.` is the tree itself), or why it can't be used, in words for the model.
 * Refused: absolute paths, paths that leave the tree, control characters, and `.git` in every spelling that some file
 * system takes for it (the rules of git's core.protectHFS and core.protectNTFS).
 */
export function checkedPath(given: string): string | Refusal {
  if (given === '') return { refused: 'The path is empty. Give one relative to the repository, such as src/main.py.' }
  if (/[\0-\x1f\x7f]/.test(given))
    return { refused: `${JSON.stringify(given)}: paths with control characters can't be used.` }
  if (given.length > 1000) return { refused: 'The path is longer than 1,000 characters.' }
  const path = given === treeInBox ? '.' : given.startsWith(treeInBox + '/') ? given.slice(treeInBox.length + 1) : given
  if (posix.isAbsolute(path) || /^[A-Za-z]:[\\/]/.test(path))
    return { refused: `${given}: absolute paths can't be used. Give the path relative to the repository.` }
  const normal = posix.normalize(path).replace(/(?<=.)\/+$/, '')
  if (normal === '..' || normal.startsWith('../')) return { refused: `${given}: this leads out of the repository.` }
  const segment = normal.split('/').find(isGit)
  if (segment !== undefined) return { refused: `${given}: git's own directory can't be read or changed here.` }
  return normal
}

/** Whether some file system takes this name for `.git`. */
export function isGit(name: string): boolean {
  return name.split('\\').some(part => {
    const plain = part.replace(hfsIgnores, '').toLowerCase()
    // On NTFS trailing dots and spaces don't count, and what follows a colon names a stream of the same file.
    return /^(?:\.git|git~\d+)[. ]*(?::.*)?$/.test(plain)
  })
}

/** Code points that HFS+ leaves out when it compares names (next_hfs_char in git's utf8.c). */
const hfsIgnores = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g
