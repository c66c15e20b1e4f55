import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { compileSources, type CompiledSources } from '../../scripts/compile-sources.mjs'
import type { WorkerCommand } from '../support/durable-worker.js'
import { eventually } from '../support/eventually.js'
import { startTestDatabase, type TestDatabase } from '../support/test-database.js'

let database: TestDatabase
let sources: CompiledSources
let databaseUrl: string
let world: string
const workers: ChildProcess[] = []

beforeAll(async () => {
  ;[database, sources] = await Promise.all([startTestDatabase(), compileSources()])
})
afterAll(async () => {
  await Promise.all([database.stop(), sources.remove()])
})
beforeEach(async () => {
  databaseUrl = database.fresh()
  world = await mkdtemp(join(tmpdir(), 'issue-crew-world-'))
})
afterEach(async () => {
  await Promise.all(workers.splice(0).map(kill))
  await rm(world, { recursive: true, force: true })
})

test('a run whose process is killed goes on after a restart, without repeating the steps that were finished', async () => {
  await shut('two')
  const first = await startWorker()
  await first.tell({ do: 'start', workflow: 'three-steps.v1', id: 'run' })
  await eventually(async () => (await log()).includes('run two begins'))
  await kill(first.process)
  await open('two')

  await startWorker()
  expect(await outcome('run')).toMatchObject({ status: 'SUCCESS' })
  expect(await log()).toEqual([
    'run one begins',
    'run one ends',
    'run two begins',
    'run two begins',
    'run two ends',
    'run three begins',
    'run three ends',
  ])
})

test('an effect whose process is killed before it is recorded is found again, not made twice', async () => {
  await shut('create')
  const first = await startWorker()
  await first.tell({ do: 'start', workflow: 'comment.v1', id: 'run' })
  await eventually(async () => (await log()).includes('created'))
  await kill(first.process)
  await open('create')

  await startWorker()
  expect(await outcome('run')).toMatchObject({ output: '"the one that was there"' })
  expect(await log()).toEqual(['created', 'looked for'])
})

test('a run that only waited is there for messages after a kill, those it had are not delivered again', async () => {
  const first = await startWorker()
  await first.tell({ do: 'start', workflow: 'letters.v1', id: 'run' })
  await first.tell({ do: 'send', id: 'run', message: 'one', key: 'delivery-1' })
  await eventually(async () => (await log()).length === 1)
  await kill(first.process)

  const second = await startWorker()
  await second.tell({ do: 'send', id: 'run', message: 'one', key: 'delivery-1' })
  await second.tell({ do: 'send', id: 'run', message: 'two', key: 'delivery-2' })
  await second.tell({ do: 'send', id: 'run', message: 'three', key: 'delivery-3' })
  expect(await outcome('run')).toMatchObject({ output: '["one","two","three"]' })
})

test('a message that comes while the process of a run is down waits for it', async () => {
  const first = await startWorker()
  await first.tell({ do: 'start', workflow: 'letters.v1', id: 'run' })
  await kill(first.process)

  // What another worker's front door does in the meantime.
  const client = await connect()
  for (const word of ['one', 'two', 'three']) {
    await client.query('INSERT INTO issue_crew.message (workflow_id, idempotency_key, body) VALUES ($1, $2, $3)', [
      'run',
      word,
      JSON.stringify(word),
    ])
  }
  await client.end()
  await startWorker()
  expect(await outcome('run')).toMatchObject({ output: '["one","two","three"]' })
})

test('two processes that start at the same time on an empty database both get to work, each on its own runs', async () => {
  const both = await Promise.all([startWorker(), startWorker()])
  await Promise.all(
    both.map((worker, number) => worker.tell({ do: 'start', workflow: 'three-steps.v1', id: `run-${number}` })),
  )
  const outcomes = await Promise.all([outcome('run-0'), outcome('run-1')])
  expect(outcomes.map(({ status }) => status)).toEqual(['SUCCESS', 'SUCCESS'])
  expect(new Set(outcomes.map(({ executor }) => executor))).toEqual(new Set(['slot-0', 'slot-1']))
  expect(await log()).toHaveLength(12)
})

test('the runs of a process that is gone are taken over by one that lives', async () => {
  await shut('two')
  const doomed = await startWorker()
  const heir = await startWorker()
  await doomed.tell({ do: 'start', workflow: 'three-steps.v1', id: 'orphan' })
  await heir.tell({ do: 'start', workflow: 'three-steps.v1', id: 'own' })
  await eventually(async () => (await log()).filter(line => line.endsWith('two begins')).length === 2)
  await kill(doomed.process)
  await eventually(async () => (await log()).filter(line => line === 'orphan two begins').length === 2)
  await open('two')

  expect(await outcome('orphan')).toMatchObject({ status: 'SUCCESS', executor: 'slot-1' })
  expect(await outcome('own')).toMatchObject({ status: 'SUCCESS', executor: 'slot-1' })
  expect((await log()).filter(line => line === 'own two begins')).toHaveLength(1)
})

test('a process goes on after the database was away for a while', async () => {
  await shut('two')
  const worker = await startWorker()
  await worker.tell({ do: 'start', workflow: 'three-steps.v1', id: 'run' })
  await worker.tell({ do: 'start', workflow: 'letters.v1', id: 'letters' })
  await eventually(async () => (await log()).includes('run two begins'))
  const client = await connect()
  await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  )
  await client.end()
  await open('two')
  expect(await outcome('run')).toMatchObject({ status: 'SUCCESS' })
  for (const word of ['one', 'two', 'three']) await worker.tell({ do: 'send', id: 'letters', message: word, key: word })
  expect(await outcome('letters')).toMatchObject({ output: '["one","two","three"]' })
})

test('a process that is stopped ends by itself and leaves its place to the next', async () => {
  const first = await startWorker()
  await first.tell({ do: 'start', workflow: 'letters.v1', id: 'run' })
  const exit = once(first.process, 'exit')
  await first.tell({ do: 'stop' })
  expect((await exit)[0]).toBe(0)
  const second = await startWorker()
  for (const word of ['one', 'two', 'three']) await second.tell({ do: 'send', id: 'run', message: word, key: word })
  expect(await outcome('run')).toMatchObject({ status: 'SUCCESS', executor: 'slot-0' })
})

interface Worker {
  process: ChildProcess
  /** Resolves when the worker has done it. */
  tell(command: WorkerCommand): Promise<void>
}

async function startWorker(): Promise<Worker> {
  const child = spawn(process.execPath, [sources.path('test/support/durable-worker.js'), databaseUrl, world], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  workers.push(child)
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async (): Promise<void> => {
    if ((await answers.next()).done) throw new Error(`The worker ended:\n${complaints}`)
  }
  await answer()
  return {
    process: child,
    tell: async command => {
      child.stdin.write(`${JSON.stringify(command)}\n`)
      if (command.do !== 'stop') await answer()
    },
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

const shut = (gate: string) => writeFile(join(world, `hang-${gate}`), '')
const open = (gate: string) => rm(join(world, `hang-${gate}`))

async function log(): Promise<string[]> {
  const text = await readFile(join(world, 'log'), 'utf8').catch(() => '')
  return text.split('\n').slice(0, -1)
}

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  return client
}

async function outcome(id: string): Promise<{ status: string; output: string; executor: string }> {
  const client = await connect()
  try {
    return await eventually(async () => {
      const { rows } = await client.query<{ status: string; output: string; executor: string }>(
        `SELECT status, executor_id AS executor, o.output FROM dbos.workflow_status
         JOIN dbos.workflow_output o USING (workflow_uuid) WHERE workflow_uuid = $1`,
        [id],
      )
      return rows[0]
    })
  } finally {
    await client.end()
  }
}
