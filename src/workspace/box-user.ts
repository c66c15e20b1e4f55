import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { findProgram } from './find-program.js'
import { runProgram } from './run-program.js'

export interface BoxUser {
  uid: number
  gid: number
}

/**
 * Whom commands run as outside their own user namespace: ourselves, and where we are root a user that is nobody's.
 * For root the kernel waives the limit on processes and lets /proc/sys be written. 65533 lies in the small range
 * (65520–65533) that systemd's table of ids leaves unused, so no service of the machine shares it. Null: no switch.
 */
export const boxUser: BoxUser | null = process.getuid?.() === 0 ? { uid: 65533, gid: 65533 } : null

/** What stands before a command so that the box's user runs it: nothing where that is us. Null: it can't be done. */
export function switchToBoxUser(path: string): string[] | null {
  if (!boxUser) return []
  const setpriv = findProgram('setpriv', path)
  if (setpriv === null) return null
  return [setpriv, `--reuid=${boxUser.uid}`, `--regid=${boxUser.gid}`, '--clear-groups', '--']
}

export const setprivMissing = 'setpriv (of util-linux) is not installed'

/** Whether the user of the box gets through to a path. */
export function canReach(path: string): boolean {
  if (!boxUser) return true
  for (let at = path; at !== '/'; at = dirname(at)) if (!(statSync(at).mode & 0o001)) return false
  return true
}

/** Gives what root made in a tree to the user of the box, without following links. Nothing to do for anyone else. */
export async function giveToBox(tree: string): Promise<void> {
  if (!boxUser) return
  await runProgram('chown', ['-R', '-h', '--from=0', `${boxUser.uid}:${boxUser.gid}`, '--', tree])
}

/** Makes every directory of a tree one that its owner may enter and change: a command may have taken that away. */
export async function makeAccessible(tree: string): Promise<void> {
  await runProgram('find', [tree, '-type', 'd', '!', '-perm', '-u=rwx', '-exec', 'chmod', 'u+rwx', '{}', ';'])
}

/** Makes everything in a tree readable for its owner, too. */
export async function makeReadable(tree: string): Promise<void> {
  await makeAccessible(tree)
  await runProgram('find', [tree, '-type', 'f', '!', '-perm', '-u=r', '-exec', 'chmod', 'u+r', '{}', ';'])
}

/** Takes away named pipes and sockets: git would wait forever for somebody to write into a `.gitignore` of that kind. */
export async function removeSpecialFiles(tree: string): Promise<void> {
  await makeAccessible(tree)
  await runProgram('find', [tree, '(', '-type', 'p', '-o', '-type', 's', ')', '-delete'])
}
