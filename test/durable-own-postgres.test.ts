import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { openPool } from '../src/durable/open-pool.js'
import { startOwnPostgres, type OwnPostgres } from '../src/durable/own-postgres.js'
import { compileSources, type CompiledSources } from '../scripts/compile-sources.mjs'
import { eventually } from './support/eventually.js'
import type { PostgresUserCommand } from './support/postgres-user.js'

let sources: CompiledSources
let template: string
let dataDir: string
const servers: OwnPostgres[] = []
const users: ChildProcess[] = []
const log: string[] = []
const NOBODY_THERE = /ENOENT|ECONNREFUSED/

beforeAll(async () => {
  sources = await compileSources()
  // Setting up the files takes a second or two: once, and every test gets a copy.
  template = await mkdtemp(join(tmpdir(), 'issue-crew-own-postgres-'))
  await (await startOwnPostgres({ dataDir: template, log: () => {} })).stop()
})
afterAll(async () => {
  await rm(template, { recursive: true, force: true })
  await sources.remove()
})
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'issue-crew-own-postgres-'))
  await cp(template, dataDir, { recursive: true, verbatimSymlinks: true })
  log.length = 0
})
afterEach(async () => {
  await Promise.all(users.splice(0).map(kill))
  if (await stat(await pidFile()).catch(() => null)) await start()
  for (const server of servers.splice(0)) await server.stop()
  await rm(dataDir, { recursive: true, force: true })
})

test('its data is kept between starts, and only its owner can read the password', async () => {
  const first = await start()
  await query(first.databaseUrl, 'CREATE TABLE kept (word text)')
  await query(first.databaseUrl, `INSERT INTO kept VALUES ('hello')`)
  await first.stop()
  await expect(query(first.databaseUrl, 'SELECT 1')).rejects.toThrow(NOBODY_THERE)

  const second = await start()
  expect(await query(second.databaseUrl, 'SELECT word FROM kept')).toEqual([{ word: 'hello' }])
  expect(second.databaseUrl).toBe(first.databaseUrl)
  const home = join(dataDir, (await readdir(dataDir)).find(name => /^postgres-\d+$/.test(name)) ?? '')
  expect((await stat(join(home, 'password'))).mode & 0o777).toBe(0o600)
  expect((await stat(home)).mode & 0o777).toBe(0o700)
})

test('it is reached through a socket, with the password, and in no other way', async () => {
  const { databaseUrl } = await start()
  expect(await query(databaseUrl, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '' }])
  expect(await query(databaseUrl, 'SHOW fsync')).toEqual([{ fsync: 'on' }])
  const url = new URL(databaseUrl)
  url.password = 'guessed'
  await expect(query(url.toString(), 'SELECT 1')).rejects.toThrow('password authentication failed')
})

test('while it is away, connecting fails as it does over TCP, which is what DBOS waits for', async () => {
  const server = await start()
  const pool = openPool({ databaseUrl: server.databaseUrl, purpose: 'test', max: 1, log: () => {} })
  await server.stop()
  await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await pool.end()
})

test('a connection that breaks between two statements fails the next one, not the process', async () => {
  const server = await start()
  const databaseUrl = server.databaseUrl.replace(/\/issue_crew\?/, '/postgres?')
  const pool = openPool({ databaseUrl, purpose: 'test', max: 1, log: () => {} })
  const client = await pool.connect()
  const broken = new Promise(resolve => client.once('end', resolve))
  await server.stop()
  await broken
  await expect(client.query('SELECT 1')).rejects.toThrow()
  client.release(true)
  await pool.end()
})

test('a server left running by a process that was killed is joined', async () => {
  const user = await startUser()
  const pid = await serverPid()
  await kill(user.process)
  expect(alive(pid)).toBe(true)

  const server = await start()
  expect(server.databaseUrl).toBe(user.databaseUrl)
  expect(await serverPid()).toBe(pid)
  expect(log).toEqual(['Joined the PostgreSQL that is already running'])
  const users = () => query(server.databaseUrl, `SELECT 1 FROM pg_locks WHERE locktype = 'advisory'`)
  await eventually(async () => (await users()).length === 1)
  await server.stop()
  await expect(query(server.databaseUrl, 'SELECT 1')).rejects.toThrow(NOBODY_THERE)
})

test('two processes that start at the same time on an empty directory share one server, and the last one stops it', async () => {
  await rm(dataDir, { recursive: true })
  const [one, two] = await Promise.all([startUser(), startUser()])
  expect(one.databaseUrl).toBe(two.databaseUrl)
  expect((await readdir(dataDir)).filter(name => name.startsWith('postgres-'))).toHaveLength(2)

  await leave(one.process)
  expect(await query(two.databaseUrl, 'SELECT 1 AS up')).toEqual([{ up: 1 }])
  await leave(two.process)
  await expect(query(two.databaseUrl, 'SELECT 1')).rejects.toThrow(NOBODY_THERE)
})

test('a server that crashed is started again, whatever now has its process number', async () => {
  const first = await start()
  await query(first.databaseUrl, 'CREATE TABLE kept (word text)')
  const pid = await serverPid()
  process.kill(pid, 'SIGQUIT')
  await eventually(() => !alive(pid))
  // As after a restart of a container: the file is there, and its number belongs to somebody else.
  await writeFile(await pidFile(), `${process.pid}\n`)

  const second = await start()
  expect(await query(second.databaseUrl, 'SELECT count(*) FROM kept')).toEqual([{ count: '0' }])
})

test('a data directory whose path is too long for a socket works too', async () => {
  const deep = join(dataDir, 'd'.repeat(120))
  await cp(template, deep, { recursive: true, verbatimSymlinks: true })
  const server = await startOwnPostgres({ dataDir: deep, log: () => {} })
  servers.push(server)
  expect(await query(server.databaseUrl, 'SELECT 1 AS up')).toEqual([{ up: 1 }])
})

async function start(): Promise<OwnPostgres> {
  const server = await startOwnPostgres({ dataDir, log: line => log.push(line) })
  servers.push(server)
  return server
}

async function startUser(): Promise<{ process: ChildProcess; databaseUrl: string }> {
  const child = spawn(process.execPath, [sources.path('test/support/postgres-user.js'), dataDir], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  users.push(child)
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  for await (const databaseUrl of createInterface({ input: child.stdout })) return { process: child, databaseUrl }
  throw new Error(`It ended:\n${complaints}`)
}

async function leave(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.stdin?.write('leave' satisfies PostgresUserCommand)
  expect((await exit)[0]).toBe(0)
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

async function pidFile(): Promise<string> {
  const home = (await readdir(dataDir)).find(name => /^postgres-\d+$/.test(name)) ?? ''
  return join(dataDir, home, 'data', 'postmaster.pid')
}

async function serverPid(): Promise<number> {
  return Number.parseInt(await readFile(await pidFile(), 'utf8'), 10)
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function query(databaseUrl: string, text: string): Promise<unknown[]> {
  const url = new URL(databaseUrl)
  url.pathname = '/postgres'
  const client = new pg.Client({ connectionString: url.toString() })
  client.on('error', () => {})
  try {
    await client.connect()
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end().catch(() => {})
  }
}
