import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { startEngine } from '../src/durable/engine.js'
import { INTAKE_TABLE, openIntake } from '../src/durable/intake.js'
import { createMissingDatabase } from '../src/durable/prepare-database.js'
import type { Engine } from '../src/ports.js'
import { eventually } from './support/eventually.js'
import { startTestDatabase, type TestDatabase } from './support/test-database.js'

let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database.stop())

/** Work of the present test: it goes on until it is told to end. */
const begun: string[] = []
const ends = new Map<string, () => void>()
const work = (id: string): Promise<void> => {
  begun.push(id)
  return new Promise(resolve => ends.set(id, resolve))
}
const end = (id: string): void => ends.get(id)?.()
beforeEach(() => {
  begun.length = 0
  ends.clear()
})

describe('a crowd', () => {
  let pool: pg.Pool
  beforeAll(async () => {
    const url = database.fresh()
    await createMissingDatabase(url)
    pool = new pg.Pool({ connectionString: url })
    await pool.query(`CREATE SCHEMA issue_crew; ${INTAKE_TABLE}`)
  })
  afterAll(() => pool.end())
  beforeEach(() => pool.query('DELETE FROM issue_crew.intake'))

  const problems: string[] = []
  const intakeOf = (
    options: { patienceMs?: number; start?: (id: string) => Promise<{ over: Promise<unknown> }> } = {},
  ) =>
    openIntake({
      pool,
      workflow: 'greeting',
      atOnce: 2,
      patienceMs: options.patienceMs ?? 60_000,
      start: options.start ?? (id => Promise.resolve({ over: work(id) })),
      run: (_, task) => void task().catch((error: unknown) => problems.push(String(error))),
    })
  const waiting = async (): Promise<string[]> =>
    (await pool.query<{ id: string }>('SELECT id FROM issue_crew.intake ORDER BY position')).rows.map(({ id }) => id)

  test('is let in a few at a time, in its order, and the rest is on disk meanwhile', async () => {
    const intake = intakeOf()
    for (const id of ['a', 'b', 'c', 'd', 'e']) await intake.put(id, null)
    await eventually(() => begun.length === 2)
    expect(begun).toEqual(['a', 'b'])
    await eventually(async () => (await waiting()).join() === 'c,d,e')
    end('b')
    await eventually(() => begun.length === 3)
    expect(begun).toEqual(['a', 'b', 'c'])
    end('a')
    end('c')
    await eventually(() => begun.length === 5)
    expect(begun).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(await eventually(async () => (await waiting()).length === 0)).toBe(true)
  })

  test('does not wait behind one that takes too long, and that one goes on', async () => {
    const intake = intakeOf({ patienceMs: 10 })
    for (const id of ['stuck', 'stuck too', 'next']) await intake.put(id, null)
    await eventually(() => begun.length === 3)
    expect(begun).toEqual(['stuck', 'stuck too', 'next'])
    end('stuck')
    end('stuck too')
  })

  test('loses nobody when one can not be started', async () => {
    let away = true
    const intake = intakeOf({
      start: id => (away ? Promise.reject(new Error('The database is away')) : Promise.resolve({ over: work(id) })),
    })
    await intake.put('a', null)
    await eventually(() => problems.length > 0)
    expect(await waiting()).toEqual(['a'])
    away = false
    intake.startWaiting()
    await eventually(() => begun.length === 1)
    end('a')
  })

  test('is shared by processes: nobody in it is begun twice', async () => {
    const ids = Array.from({ length: 20 }, (_, number) => `of-many-${number}`)
    const atOnce = (id: string) => Promise.resolve({ over: Promise.resolve(begun.push(id)) })
    const [one, other] = [intakeOf({ start: atOnce }), intakeOf({ start: atOnce })]
    await Promise.all(ids.map((id, number) => (number % 2 ? one : other).put(id, null)))
    await eventually(async () => (await waiting()).length === 0 && begun.length >= ids.length)
    expect(begun.toSorted()).toEqual(ids.toSorted())
  })
})

describe('the engine', () => {
  let url: string
  let engine: Engine
  const start = async (): Promise<void> => {
    engine = await startEngine({
      databaseUrl: url,
      workflows: [
        {
          name: 'greeting',
          atOnce: 2,
          run: async (input, journal) => void begun.push(`${journal.id} ${input as string}`),
        },
      ],
      log: () => {},
    })
  }
  beforeAll(async () => {
    url = database.fresh()
    await start()
  })
  afterAll(() => engine.stop())

  test('starts each of a crowd once, however often it is asked to', async () => {
    await engine.start('greeting', 'hello', 'first')
    await engine.start('greeting', 'hello', 'again, at once')
    await eventually(async () => (await engine.list('hello'))[0]?.state === 'done')
    await engine.start('greeting', 'hello', 'again, later')
    await engine.start('greeting', 'good-bye', 'last')
    await eventually(async () => (await engine.list('good-bye'))[0]?.state === 'done')
    expect(begun).toEqual(['hello first', 'good-bye last'])
  })

  test('starts what a process that is gone left waiting', async () => {
    await engine.stop()
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(`INSERT INTO issue_crew.intake (id, workflow, input) VALUES ('left', 'greeting', '"behind"')`)
    await client.end()
    await start()
    await eventually(async () => (await engine.list('left'))[0]?.state === 'done')
    expect(begun).toEqual(['left behind'])
  })
})
