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

test('the number of a run that is gone is not given again as long as the book has it', async () => {
  expect(await book.lastNumber(9, 1)).toBe(0)
  for (const id of ['run:9:1:1', 'run:9:1:10', 'run:9:12:30'])
    await begin(id, { repository: 9, issue: { number: Number(id.split(':')[2]), title: id }, pullRequest: 5 })
  for (const id of ['run:9:1:1', 'run:9:1:10']) await end(id)
  await pool.query(
    "UPDATE dbos.workflow_status SET completed_at = completed_at - 2 * 86400000 WHERE status = 'SUCCESS'",
  )
  await deleteEndedWorkflows(1, pool)
  expect(await engine.list('run:9:1:')).toEqual([])
  expect(await book.lastNumber(9, 1)).toBe(10)
})

test('of a run that waits for long nothing is deleted: not its agents, not what they spent, not where they stand', async () => {
  const old = "now() - interval '40 days'"
  const agents = ['agent:run:21:1:1:task-1:1', 'agent:run:22:1:1:task-1:1']
  for (const id of ['run:21:1:1', 'run:22:1:1', ...agents]) await engine.start('run.v1', id, null)
  for (const id of ['run:22:1:1', ...agents]) await end(id)
  await pool.query(
    `UPDATE dbos.workflow_status SET created_at = created_at - 41 * 86400000::bigint,
       completed_at = completed_at - 40 * 86400000::bigint,
       parent_workflow_id = substring(workflow_uuid FROM '^agent:(run:\\d+:\\d+:\\d+)')
     WHERE workflow_uuid ~ 'run:2[12]:'`,
  )
  for (const repository of [21, 22]) {
    await pool.query(
      `INSERT INTO issue_crew.tree (name, repository_id, onto, pack, kept_at) VALUES ($1, $2, 'x', '', ${old})`,
      [`tree ${repository}`, repository],
    )
    await pool.query(
      `INSERT INTO issue_crew.spending (agent, day, repository_id, installation_id, spent) VALUES ($1, ${old}, $2, 1, 2)`,
      [`run:${repository}:1:1`, repository],
    )
  }
  await deleteEndedWorkflows(30, pool)
  expect((await engine.list('agent:')).map(({ id }) => id)).toEqual(['agent:run:21:1:1:task-1:1'])
  const { rows: trees } = await pool.query('SELECT name FROM issue_crew.tree')
  expect(trees).toEqual([{ name: 'tree 21' }])
  const { rows: spent } = await pool.query('SELECT agent FROM issue_crew.spending')
  expect(spent).toEqual([{ agent: 'run:21:1:1' }])
})
