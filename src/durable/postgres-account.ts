import { execFile, spawn } from 'node:child_process'
import { chown, stat } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Debian's, Alpine's and most others' `nobody`. `initdb` looks its user up, so it must be one that is known everywhere. */
const NOBODY = 65534

/** Starts PostgreSQL's programs as somebody who isn't root, because they refuse to work for root. */
export interface Account {
  /** Gives a directory that was just made to that account. */
  own(path: string): Promise<void>
  spawn(command: string, args: string[], options: SpawnOptions): ReturnType<typeof spawn>
}

interface SpawnOptions {
  environment: Record<string, string>
  output: 'pipe' | number
}

/**
 * An ordinary user works under its own name; one without a name (a container run under some number) and root enter a
 * user namespace in which they go by another number. Where the kernel doesn't allow root that (many containers), it
 * becomes `nobody`, to whom the files must then belong and be reachable.
 *
 * @param dataDir what an earlier start chose is kept: whoever owns this directory, if there is one.
 */
export async function chooseAccount(dataDir: string): Promise<Account> {
  if (process.getuid?.() !== 0) return hasName() ? itself : inNamespace
  const owner = await stat(dataDir).then(
    ({ uid }) => uid,
    () => null,
  )
  if (owner !== null && owner !== 0) return as(owner)
  return owner === 0 || (await namespaceWorks()) ? inNamespace : as(NOBODY)
}

const itself: Account = {
  own: async () => {},
  spawn: (command, args, { environment, output }) =>
    spawn(command, args, { env: environment, stdio: ['ignore', output, output], detached: true }),
}

const inNamespace: Account = {
  own: async () => {},
  spawn: (command, args, options) => itself.spawn('unshare', [...namespace, command, ...args], options),
}

const namespace = ['--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, '--']

function as(uid: number): Account {
  return {
    own: path => chown(path, uid, uid),
    spawn: (command, args, { environment, output }) =>
      spawn(command, args, { env: environment, stdio: ['ignore', output, output], detached: true, uid, gid: uid }),
  }
}

function hasName(): boolean {
  try {
    return userInfo().username !== ''
  } catch {
    return false
  }
}

async function namespaceWorks(): Promise<boolean> {
  return run('unshare', [...namespace, 'true']).then(
    () => true,
    () => false,
  )
}
