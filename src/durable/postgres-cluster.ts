import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Account } from './postgres-account.js'
import type { PostgresBinaries } from './postgres-binaries.js'

/**
 * Makes the directory `home` with a PostgreSQL data directory (`data`) and the password of its superuser (`password`),
 * unless it is there. It is made aside and put in place by one rename, so that it is there whole or not at all, whoever
 * else does the same at this moment.
 *
 * @throws Error with what `initdb` said when it fails.
 */
export async function setUpCluster(options: {
  home: string
  user: string
  binaries: PostgresBinaries
  account: Account
  log: (line: string) => void
}): Promise<void> {
  const { home, user, binaries, account, log } = options
  if (await exists(home)) return
  log('Setting up an own PostgreSQL (this happens once)')
  const draft = `${home}.${randomBytes(6).toString('hex')}`
  try {
    await mkdir(draft, { mode: 0o700 })
    await account.own(draft)
    const passwordFile = join(draft, 'password')
    await writeFile(passwordFile, randomBytes(24).toString('base64url') + '\n', { mode: 0o600 })
    await account.own(passwordFile)
    await runInitdb({ cluster: join(draft, 'data'), user, passwordFile, binaries, account })
    await rename(draft, home)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    // Another process was quicker; its directory is as good.
    if (['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) return
    throw error
  }
}

async function runInitdb(options: {
  cluster: string
  user: string
  passwordFile: string
  binaries: PostgresBinaries
  account: Account
}): Promise<void> {
  const { cluster, user, passwordFile, binaries, account } = options
  const child = account.spawn(
    binaries.initdb,
    [
      `--pgdata=${cluster}`,
      `--username=${user}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--wal-segsize=4',
      '--no-instructions',
    ],
    { environment: binaries.environment, output: 'pipe' },
  )
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const code = await new Promise<number | string>(settle => {
    child.once('error', error => settle(error.message))
    child.once('close', (status, signal) => settle(status ?? signal ?? 'killed'))
  })
  if (code === 0) return
  throw new Error(
    `PostgreSQL's files could not be set up in ${cluster} (initdb: ${code}):\n${output.trim().slice(-2000)}\n` +
      'Mend what it names, or set DATABASE_URL to a PostgreSQL database of your own.',
  )
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
