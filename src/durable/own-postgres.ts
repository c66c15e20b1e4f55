import { createHash } from 'node:crypto'
import { chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { chooseAccount, type Account } from './postgres-account.js'
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.js'
import { setUpCluster } from './postgres-cluster.js'
import { postmasterPid } from './postmaster-pid.js'

/** A PostgreSQL of the App's own. */
export interface OwnPostgres {
  /** Reaches it over a Unix socket, password included. The database named in it may not exist yet. */
  databaseUrl: string
  /** Shuts the server down, unless another process on this machine is using it too. */
  stop(): Promise<void>
}

/**
 * Starts a PostgreSQL server whose files are in `dataDir`, or joins the one that is running there already: one left
 * behind by a process that was killed, or one that another process of the App started. What it holds is kept between
 * starts. It listens on a Unix socket only, asks for a generated password, and syncs every commit to disk.
 *
 * Any number of processes may do this at the same time. No lock file is needed for it: a new data directory is made
 * aside and put in place by one atomic rename, and PostgreSQL itself lets one server at most run on a directory.
 *
 * @throws Error that says what to do where PostgreSQL isn't there for this platform or doesn't start.
 */
export async function startOwnPostgres(options: {
  dataDir: string
  log: (line: string) => void
}): Promise<OwnPostgres> {
  const dataDir = resolve(options.dataDir)
  await mkdir(dataDir, { recursive: true })
  const binaries = await findPostgresBinaries(join(dataDir, 'postgres-lib'))
  const home = join(dataDir, `postgres-${binaries.major}`)
  const account = await chooseAccount(home)
  await setUpCluster({ home, user: USER, binaries, account, log: options.log })
  const place: Place = {
    cluster: join(home, 'data'),
    logFile: join(home, 'log'),
    socketDir: await makeSocketDir(home, account),
    password: (await readFile(join(home, 'password'), 'utf8')).trim(),
  }
  const keeper = await joinOrStart({ place, binaries, account, log: options.log })
  return { databaseUrl: urlOf(place, DATABASE), stop: () => leave(keeper, place) }
}

const USER = 'issue_crew'
const DATABASE = 'issue_crew'
const PORT = 5432
const START_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 30_000
/** Of the advisory lock that every process holds (shared) while it uses the server. */
const IN_USE_LOCK = '7165480231'

interface Place {
  cluster: string
  logFile: string
  socketDir: string
  password: string
}

/** Small: the App's load is some hundred short statements a second. Nothing here trades safety for speed. */
const SETTINGS = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '100',
  shared_buffers: '16MB',
  max_wal_size: '128MB',
  min_wal_size: '32MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_worker_processes: '2',
  max_parallel_workers_per_gather: '0',
  io_method: 'sync',
  autovacuum_max_workers: '1',
  jit: 'off',
  log_timezone: 'UTC',
  timezone: 'UTC',
}

/**
 * The socket lies with the data, or, where that path is too long for one (107 bytes on Linux, 103 on macOS), in a
 * directory of the temporary folder that is named after it.
 */
async function makeSocketDir(home: string, account: Account): Promise<string> {
  const name = createHash('sha256').update(home).digest('hex').slice(0, 16)
  const fits = Buffer.byteLength(join(home, `.s.PGSQL.${PORT}`)) <= 103
  const path = fits ? home : join(tmpdir(), `issue-crew-${name}`)
  if (fits) return path
  try {
    await mkdir(path, { mode: 0o700 })
    await account.own(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const [found, own] = await Promise.all([stat(path), stat(home)])
    if (!found.isDirectory() || found.uid !== own.uid) {
      throw new Error(
        `${path} belongs to somebody else (user ${found.uid}). Remove it, or use a shorter data directory.`,
      )
    }
    await chmod(path, 0o700)
  }
  return path
}

/** Returns a connection that marks the server as in use by this process. */
async function joinOrStart(options: {
  place: Place
  binaries: PostgresBinaries
  account: Account
  log: (line: string) => void
}): Promise<pg.Client> {
  const { place, binaries, account, log } = options
  const deadline = Date.now() + START_TIMEOUT_MS
  let started: Server | null = null
  for (;;) {
    const attempt = await connect(place)
    if (attempt.client) {
      if (started === null) log('Joined the PostgreSQL that is already running')
      return attempt.client
    }
    if (Date.now() > deadline) throw await notStarted(place, attempt.error.message)
    const running = await postmasterPid(place.cluster)
    if (running !== null) {
      // Starting up, shutting down, or about to lose its file to us.
      await wait(20)
      continue
    }
    if (started !== null && !started.ended()) {
      await wait(10)
      continue
    }
    // A server of ours that ended may have met another process's, which is then joined; else something is wrong.
    if (started !== null && started.failures++ > 0) throw await notStarted(place, 'the server ended at once')
    started = await startServer({ place, binaries, account, failures: started?.failures ?? 0 })
  }
}

interface Server {
  ended(): boolean
  failures: number
}

async function startServer(options: {
  place: Place
  binaries: PostgresBinaries
  account: Account
  failures: number
}): Promise<Server> {
  const { place, binaries, account, failures } = options
  await rename(place.logFile, `${place.logFile}.1`).catch(() => {})
  const log = await open(place.logFile, 'a', 0o600)
  try {
    const settings = { ...SETTINGS, unix_socket_directories: place.socketDir, port: String(PORT) }
    const args = [
      '-D',
      place.cluster,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ]
    const child = account.spawn(binaries.postgres, args, { environment: binaries.environment, output: log.fd })
    let ended = false
    child.once('error', () => (ended = true))
    child.once('exit', () => (ended = true))
    // It outlives this process when that is killed; the next start joins it.
    child.unref()
    return { ended: () => ended, failures }
  } finally {
    await log.close()
  }
}

type Attempt = { client: pg.Client } | { client: null; error: Error }

async function connect(place: Place): Promise<Attempt> {
  const client = new pg.Client({ connectionString: urlOf(place, 'postgres'), connectionTimeoutMillis: 5000 })
  // The server going away under this connection is noticed by whoever uses the database.
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ joined: boolean }>(
      `SELECT pg_try_advisory_lock_shared(${IN_USE_LOCK}) AS joined`,
    )
    if (rows[0]?.joined) return { client }
    throw new Error('it is being shut down')
  } catch (error) {
    await client.end().catch(() => {})
    // No waiting mends a password that the server doesn't know.
    if ((error as { code?: string }).code === '28P01') throw error
    return { client: null, error: error as Error }
  }
}

async function leave(keeper: pg.Client, place: Place): Promise<void> {
  const pid = (await isLastUser(keeper)) ? await postmasterPid(place.cluster) : null
  if (pid === null) return keeper.end().catch(() => {})
  // "Fast shutdown": ends open sessions and writes everything out (PostgreSQL manual, "Shutting Down the Server").
  process.kill(pid, 'SIGINT')
  await keeper.end().catch(() => {})
  const deadline = Date.now() + STOP_TIMEOUT_MS
  while ((await postmasterPid(place.cluster)) === pid) {
    if (Date.now() > deadline) throw new Error(`PostgreSQL (process ${pid}) did not stop within ${STOP_TIMEOUT_MS} ms.`)
    await wait(10)
  }
  if (dirname(place.cluster) !== place.socketDir) await rm(place.socketDir, { recursive: true, force: true })
}

/** Gives up this process's own share first, so that of two that leave at the same time one is the last. */
async function isLastUser(keeper: pg.Client): Promise<boolean> {
  try {
    await keeper.query(`SELECT pg_advisory_unlock_shared(${IN_USE_LOCK})`)
    // The server needs a moment to notice that a user was killed.
    for (let attempt = 0; attempt < 10; attempt++) {
      const { rows } = await keeper.query<{ alone: boolean }>(`SELECT pg_try_advisory_lock(${IN_USE_LOCK}) AS alone`)
      if (rows[0]?.alone) return true
      await wait(50)
    }
    return false
  } catch {
    // It was stopped before, or the server is gone.
    return false
  }
}

async function notStarted(place: Place, reason: string): Promise<Error> {
  const log = await readFile(place.logFile, 'utf8').catch(() => '')
  return new Error(
    `PostgreSQL did not start on ${place.cluster} (${reason}). Its log, ${place.logFile}, ends with:\n` +
      `${log.trim().slice(-2000) || '(nothing)'}\n` +
      `Mend what it names, or set DATABASE_URL to a PostgreSQL database of your own.`,
  )
}

function urlOf(place: Place, database: string): string {
  // The host that counts is the one in the query; a URL without one before the path is refused by DBOS.
  const query = new URLSearchParams({ host: place.socketDir })
  return `postgresql://${USER}:${place.password}@localhost:${PORT}/${database}?${query.toString()}`
}
