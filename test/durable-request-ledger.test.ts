import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { createMissingDatabase } from '../src/durable/prepare-database.js'
import { LEDGER_TABLE, openRequestLedger } from '../src/durable/request-ledger.js'
import { TransientError } from '../src/ports.js'
import { startTestDatabase, type TestDatabase } from './support/test-database.js'

type Ledger = ReturnType<typeof openRequestLedger>

describe('the ledger of requests', () => {
  let database: TestDatabase
  let url: string
  const open: Ledger[] = []
  const worker = (databaseUrl = url): Ledger => {
    const ledger = openRequestLedger({ databaseUrl, log: () => {} })
    open.push(ledger)
    return ledger
  }

  beforeAll(async () => {
    database = await startTestDatabase()
    url = database.fresh()
    await createMissingDatabase(url)
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(`CREATE SCHEMA issue_crew; ${LEDGER_TABLE}`)
    await client.end()
  })
  afterAll(async () => {
    await Promise.all(open.map(ledger => ledger.close()))
    await database.stop()
  })

  const windows = [{ requests: 5, ms: 3_600_000 }]
  const take = (ledger: Ledger, installation: number, withinMs = 0) =>
    ledger.take({ installation, what: 'content', windows, withinMs })

  test('counts what several workers take at once, each installation by itself', async () => {
    const workers = [worker(), worker(), worker()]
    const taken = await Promise.all(workers.flatMap(one => Array.from({ length: 4 }, () => take(one, 1))))
    expect(taken.filter(one => one.taken)).toHaveLength(5)
    for (const { waitMs, taken: mayGo } of taken) if (!mayGo) expect(waitMs).toBeGreaterThan(3_500_000)
    expect((await take(worker(), 2)).taken).toBe(true)
  })

  test('sets moments to come aside for those who wait for them', async () => {
    for (let request = 0; request < 10; request++)
      expect((await take(worker(), 3, 4_000_000)).waitMs > 0).toBe(request >= 5)
    expect((await take(worker(), 3, 4_000_000)).taken).toBe(false)
  })

  test('remembers how long GitHub wants rest, and the longest of it', async () => {
    await worker().pause({ installation: 4, what: 'core', ms: 60_000 })
    await worker().pause({ installation: 4, what: 'core', ms: 10_000 })
    await worker().pause({ installation: 4, what: 'graphql', ms: -1 })
    const [pause, ...others] = await worker().pauses(4)
    expect(pause).toMatchObject({ what: 'core' })
    expect(pause?.ms).toBeGreaterThan(50_000)
    expect(others).toEqual([])
    expect(await worker().pauses(5)).toEqual([])
  })

  test('without its database nothing is sent, and it is tried again', async () => {
    const away = worker(url.replace(/test_\w+/, 'test_none'))
    await expect(take(away, 1)).rejects.toBeInstanceOf(TransientError)
  })
})
