import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import type { RunRecord } from '../src/domain/run-record.js'
import { startEngine } from '../src/durable/engine.js'
import { deleteEndedWorkflows } from '../src/durable/retention.js'
import { openRunBook } from '../src/durable/run-book.js'
import type { Engine } from '../src/ports.js'
import { eventually } from './support/eventually.js'
import { startTestDatabase, type TestDatabase } from './support/test-database.js'

let database: TestDatabase
let engine: Engine
let book: ReturnType<typeof openRunBook>
let pool: pg.Pool

beforeAll(async () => {
  database = await startTestDatabase()
  const databaseUrl = database.fresh()
  const workflows = [
    { name: 'run.v1', run: (_: unknown, journal: { receive(): Promise<unknown> }) => journal.receive() },
  ]
  engine = await startEngine({ databaseUrl, log: () => {}, workflows })
  book = openRunBook({ databaseUrl, log: () => {} })
  pool = new pg.Pool({ connectionString: databaseUrl })
}, 60_000)

afterAll(async () => {
  await engine.stop()
  await book.close()
  await pool.end()
  await database.stop()
})

async function begin(id: string, change: Partial<RunRecord> = {}): Promise<RunRecord> {
  const plan = { paths: ['src/**'], approved: false }
  const record = {
    id,
    repository: 7,
    issue: { number: 1, title: id },
    asking: false,
    plan,
    ended: null,
    pullRequest: null,
    costs: null,
    standing: { phase: 'looking' as const, notice: null, failure: null, tasks: [] },
    ...change,
  }
  await engine.start('run.v1', id, null)
  await book.put(record)
  return record
}

async function end(id: string): Promise<void> {
  await engine.send(id, 'end', 'end')
  await eventually(async () => (await engine.list(id))[0]?.state === 'done')
}

const idsUnderWay = async () => (await book.underWay(7)).map(({ id }) => id)

test('runs are found as long as their workflow is under way, with what was written of them last', async () => {
  await begin('one')
  const two = await begin('two', { issue: { number: 2, title: 'Two' } })
  await begin('elsewhere', { repository: 8 })
  expect(await idsUnderWay()).toEqual(['one', 'two'])
  await end('one')
  await book.put({ ...two, plan: { paths: ['docs/**'], approved: true } })
  expect(await book.underWay(7)).toEqual([{ ...two, plan: { paths: ['docs/**'], approved: true } }])
  await end('two')
  await end('elsewhere')
})

test('a run asks until it says otherwise, or is over', async () => {
  const three = await begin('three', { issue: { number: 3, title: 'Three' }, asking: true })
  expect([await book.asks(7, 3), await book.asks(7, 4), await book.asks(8, 3)]).toEqual([true, false, false])
  await book.put({ ...three, asking: false })
  expect(await book.asks(7, 3)).toBe(false)
  await book.put(three)
  await end('three')
  expect(await book.asks(7, 3)).toBe(false)
})

test('what came to a pull request outlives its workflow, and nothing else does', async () => {
  const costs = [{ kind: 'task' as const, agent: 'backend-developer', usd: 0.25 }]
  await begin('nothing came of it', { issue: { number: 5, title: 'Five' } })
  await begin('something came of it', { issue: { number: 5, title: 'Five' }, pullRequest: 12, costs })
  for (const id of ['nothing came of it', 'something came of it']) await end(id)
  await pool.query('UPDATE dbos.workflow_status SET completed_at = completed_at - 2 * 86400000')
  await deleteEndedWorkflows(1, pool)
  expect(await engine.list('')).toEqual([])
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM issue_crew.run')
  expect(rows.map(({ id }) => id)).toEqual(['something came of it'])
  expect(await book.pullRequestsOf(7, 5)).toEqual([12])
  expect(await book.costsOf(7)).toEqual([costs])
  expect(await book.costsOf(8)).toEqual([])
})
