import { DBOS } from '@dbos-inc/dbos-sdk'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { LOCK_SPACE, MIGRATION_LOCK } from './agreed-names.js'
import { WORKER_TABLE } from './lease.js'
import { INTAKE_TABLE } from './intake.js'
import { TREE_TABLE } from './kept-trees.js'
import { LOOK_TABLES } from './looks.js'
import { MESSAGE_TABLE } from './mailbox.js'
import { LEDGER_TABLE } from './request-ledger.js'
import { RUN_TABLE } from './run-book.js'
import { WALLET_TABLES } from './wallet-tables.js'

const CONNECT_TIMEOUT_MS = 8_000

/**
 * Creates the database if it isn't there. Any number of processes may do this at the same time.
 *
 * @throws Error that says which address (without the password), what happened and what to do; within 10 s.
 */
export async function createMissingDatabase(databaseUrl: string): Promise<void> {
  const client = await connectOrCreate(databaseUrl)
  await client.end()
}

/**
 * Launches DBOS, which brings its tables up to date, and then does so with the engine's own. DBOS alone doesn't survive
 * two first launches on an empty database, so one process does this while the others wait for it. `beforeLaunch` is what
 * must be so before the first workflow goes on.
 *
 * @throws Error as {@link createMissingDatabase}.
 */
export async function launchAlone(databaseUrl: string, beforeLaunch: () => Promise<void>): Promise<void> {
  const client = await connectOrCreate(databaseUrl)
  try {
    await lockMigration(client)
    await client.query(WORKER_TABLE)
    await beforeLaunch()
    await DBOS.launch()
    await client.query(MESSAGE_TABLE)
    await client.query(INTAKE_TABLE)
    await client.query(RUN_TABLE)
    await client.query(WALLET_TABLES)
    await client.query(TREE_TABLE)
    await client.query(LOOK_TABLES)
    await client.query(LEDGER_TABLE)
  } catch (error) {
    throw unusable(databaseUrl, error)
  } finally {
    // Frees the lock.
    await client.end().catch(() => {})
  }
}

/** Asks again and again instead of waiting inside a statement: `CREATE INDEX CONCURRENTLY` of the process at work would wait for that statement in turn. */
async function lockMigration(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS locked', [
      LOCK_SPACE,
      MIGRATION_LOCK,
    ])
    if (rows[0]?.locked) return
    await wait(50)
  }
}

async function connectOrCreate(databaseUrl: string): Promise<pg.Client> {
  const url = parseUrl(databaseUrl)
  try {
    return await connect(databaseUrl)
  } catch (error) {
    if (codeOf(error) !== INVALID_CATALOG_NAME) throw unusable(databaseUrl, error)
  }
  try {
    await createDatabase(url)
    return await connect(databaseUrl)
  } catch (error) {
    throw unusable(databaseUrl, error)
  }
}

async function createDatabase(url: URL): Promise<void> {
  const name = databaseName(url)
  const maintenance = new URL(url)
  maintenance.pathname = '/postgres'
  const client = await connect(maintenance.toString())
  try {
    await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`)
  } catch (error) {
    // Another process made it in this moment.
    if (![DUPLICATE_DATABASE, UNIQUE_VIOLATION].includes(codeOf(error) ?? '')) throw error
  } finally {
    await client.end().catch(() => {})
  }
}

async function connect(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  // The error of a connection that is lost comes out of the statement that needed it.
  client.on('error', () => {})
  try {
    await client.connect()
    return client
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
}

function parseUrl(databaseUrl: string): URL {
  const url = URL.canParse(databaseUrl) ? new URL(databaseUrl) : null
  if (url !== null && /^postgres(ql)?:$/.test(url.protocol) && databaseName(url) !== '' && url.username !== '')
    return url
  // What stands there isn't repeated: a mistyped address may still hold the password.
  throw new Error(
    'DATABASE_URL is not the address of a PostgreSQL database. It should read ' +
      'postgresql://USER:PASSWORD@HOST:5432/DATABASE, with special characters in the password percent-encoded. ' +
      'Leave it empty to let the App start a PostgreSQL of its own.',
  )
}

function databaseName(url: URL): string {
  return decodeURIComponent(url.pathname.slice(1))
}

/** The address as it may be shown: without the password. */
function addressOf(databaseUrl: string): string {
  const url = new URL(databaseUrl)
  url.password = ''
  const socket = url.searchParams.get('host')
  const host = socket?.startsWith('/') ? `socket ${socket}` : `${url.hostname}:${url.port || '5432'}`
  return `database "${databaseName(url)}" of user "${decodeURIComponent(url.username)}" at ${host}`
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const INVALID_CATALOG_NAME = '3D000'
const DUPLICATE_DATABASE = '42P04'
const UNIQUE_VIOLATION = '23505'

function unusable(databaseUrl: string, error: unknown): Error {
  const message = messageOf(error)
  return new Error(
    `Cannot use the ${addressOf(databaseUrl)}: ${message}. ${remedy(codeOf(error), message)} ` +
      'DATABASE_URL holds the address; without it the App starts a PostgreSQL of its own.',
    { cause: error },
  )
}

function remedy(code: string | undefined, message: string): string {
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return 'No server listens there: start it, or correct the host and port.'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'That host name is not known: correct it, or check the name server.'
    case '28P01':
    case '28000':
      return 'The server refuses this user: correct the name and password, or allow it in pg_hba.conf.'
    case '42501':
    case INVALID_CATALOG_NAME:
      return 'Create the database, or let this user create it (ALTER ROLE … CREATEDB), and let it create schemas in it.'
    case '53300':
      return 'The server has no connection left: raise max_connections, or stop what else uses it.'
    default:
      return /timeout/i.test(message)
        ? 'The server does not answer: check the host, the port and any firewall between.'
        : 'Check that the server runs and that this user may use the database.'
  }
}

function codeOf(error: unknown): string | undefined {
  const { code, errors, error: inner } = (error ?? {}) as { code?: unknown; errors?: unknown[]; error?: unknown }
  if (typeof code === 'string') return code
  // A host name with several addresses fails with one error for each; DBOS keeps the server's error inside its own.
  const within = errors?.[0] ?? inner
  return within === undefined ? undefined : codeOf(within)
}

function messageOf(error: unknown): string {
  const { message, errors } = error as { message?: unknown; errors?: unknown[] }
  if (typeof message === 'string' && message !== '') return message.replace(/\.$/, '')
  return errors ? errors.map(messageOf).join('; ') : String(error)
}
