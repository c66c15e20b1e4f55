import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { createMissingDatabase } from '../src/durable/prepare-database.js'
import { usualLimits, type Limits } from '../src/domain/limits.js'
import { openWallet } from '../src/durable/wallet.js'
import { WALLET_TABLES } from '../src/durable/wallet-tables.js'
import { startTestDatabase, type TestDatabase } from './support/test-database.js'

type Wallet = ReturnType<typeof openWallet>

describe('the wallet', () => {
  let database: TestDatabase
  let url: string
  let client: pg.Client
  const open: Wallet[] = []

  beforeAll(async () => {
    database = await startTestDatabase()
    url = database.fresh()
    await createMissingDatabase(url)
    client = new pg.Client({ connectionString: url })
    await client.connect()
    // As much of the engine's tables as the wallet looks at.
    await client.query(
      'CREATE SCHEMA dbos; CREATE TABLE dbos.workflow_status (workflow_uuid text, status text, created_at bigint)',
    )
    await client.query('CREATE SCHEMA issue_crew')
    await client.query(WALLET_TABLES)
  })
  beforeEach(async () => {
    await client.query('TRUNCATE dbos.workflow_status, issue_crew.spending, issue_crew.place, issue_crew.planned')
    const runs = Array.from({ length: 9 }, (_, index) => `run ${index}`)
    await client.query("INSERT INTO dbos.workflow_status SELECT unnest($1::text[]), 'PENDING', 0", [runs])
  })
  afterAll(async () => {
    await Promise.all(open.map(wallet => wallet.close()))
    await client.end()
    await database.stop()
  })

  /** A worker of its own. */
  const worker = (limits: Partial<Limits> = {}): Wallet => {
    const wallet = openWallet({ databaseUrl: url, limits: { ...usualLimits, ...limits }, log: () => {} })
    open.push(wallet)
    return wallet
  }
  const repository = (id: number) => ({ id, owner: 'acme', name: `shop-${id}`, installationId: 7 })
  const call = (agent: string, usd: number, more: { spentUsd?: number; run?: string; repository?: number } = {}) => ({
    agent,
    run: more.run ?? 'run 1',
    repository: repository(more.repository ?? 1),
    repositoryUsdPerDay: null,
    spentUsd: more.spentUsd ?? 0,
    usd,
  })
  const aDay = { repository: 10, installation: 15 }
  const nextDay = () => client.query('UPDATE issue_crew.spending SET day = day - 1')

  test('of many calls at once from several workers, no more are let through than the day has money for', async () => {
    const workers = [1, 2, 3].map(() => worker({ usdPerDay: aDay }))
    const calls = workers.flatMap((wallet, one) =>
      Array.from({ length: 15 }, (_, index) => wallet.hold(call(`agent ${one}-${index}`, 1))),
    )
    const answers = await Promise.all(calls)
    expect(answers.filter(answer => answer === null)).toHaveLength(10)
    expect(answers.find(answer => answer !== null)).toMatchObject({
      for: 'day',
      setBy: 'repository',
      usedUsd: 10,
      limitUsd: 10,
    })
  })

  test('the installation’s budget holds over its repositories, and crew.yml’s over the operator’s when it is lower', async () => {
    const wallet = worker({ usdPerDay: aDay })
    expect(await wallet.hold(call('a', 9))).toBeNull()
    expect(await wallet.hold(call('b', 7, { repository: 2 }))).toMatchObject({ setBy: 'installation', usedUsd: 9 })
    expect(await wallet.hold(call('b', 6, { repository: 2 }))).toBeNull()
    await nextDay()
    expect(await wallet.hold({ ...call('c', 3), repositoryUsdPerDay: 2 })).toMatchObject({
      setBy: 'crew.yml',
      limitUsd: 2,
    })
    expect(await wallet.hold({ ...call('c', 11), repositoryUsdPerDay: 99 })).toMatchObject({ limitUsd: 10 })
  })

  test('what a call was thought to cost is replaced by what it did cost, and saying so twice changes nothing', async () => {
    const wallet = worker({ usdPerDay: aDay })
    await wallet.hold(call('a', 8))
    expect(await wallet.hold(call('b', 3))).not.toBeNull()
    await wallet.hold(call('a', 1, { spentUsd: 2 }))
    // The process died before this was recorded: the replay asks again.
    await wallet.hold(call('a', 1, { spentUsd: 2 }))
    expect(await wallet.hold(call('b', 7))).toBeNull()
    await wallet.settle(call('a', 0, { spentUsd: 2.5 }))
    await wallet.settle(call('a', 0, { spentUsd: 2.5 }))
    expect(await wallet.hold(call('c', 0.5))).toBeNull()
    expect(await wallet.hold(call('d', 0.1))).toMatchObject({ usedUsd: 10 })
  })

  test('the next day begins with nothing spent, and an agent’s earlier calls stay where they were', async () => {
    const wallet = worker({ usdPerDay: aDay })
    await wallet.hold(call('a', 4))
    await wallet.hold(call('a', 4, { spentUsd: 4 }))
    const refused = await wallet.hold(call('b', 3))
    if (refused?.for !== 'day') throw new Error('not refused')
    expect(refused.renewsAt).toMatch(/T00:00:00\.000Z$/)
    expect(refused.renewsInMs).toBeGreaterThan(0)
    expect(refused.renewsInMs).toBeLessThanOrEqual(24 * 60 * 60 * 1000)
    await nextDay()
    expect(await wallet.hold(call('b', 3))).toBeNull()
    expect(await wallet.hold(call('a', 4, { spentUsd: 7 }))).toBeNull()
    expect(await wallet.hold(call('c', 1))).toMatchObject({ usedUsd: 10 })
  })

  test('so many runs are at work as may be; the next in line follow when one leaves, and the dead keep no place', async () => {
    const limits = { runsAtOnce: { repository: 2, installation: 3 } }
    const [one, other] = [worker(limits), worker(limits)]
    const from = (run: number, of = 1, wallet = one) =>
      wallet.hold(call(`agent of ${run}`, 1, { run: `run ${run}`, repository: of }))
    expect(await from(1)).toBeNull()
    expect(await from(2, 1, other)).toBeNull()
    expect(await from(3)).toEqual({ for: 'place', where: 'repository', others: 2, atOnce: 2 })
    expect(await from(4, 1, other)).toMatchObject({ others: 3 })
    expect(await from(5, 2)).toBeNull()
    expect(await from(6, 2)).toEqual({ for: 'place', where: 'installation', others: 3, atOnce: 3 })
    // Another agent of a run that is at work.
    expect(await other.hold(call('second of 1', 1))).toBeNull()

    // The first in line of each repository that has a place: all of a crowd would ask in vain.
    expect(await one.leave('run 1', repository(1))).toEqual(['run 3', 'run 6'])
    expect(await from(4)).toMatchObject({ others: 2 })
    expect(await from(3)).toBeNull()
    await client.query("UPDATE dbos.workflow_status SET status = 'CANCELLED' WHERE workflow_uuid = 'run 2'")
    expect(await from(4)).toBeNull()
  })

  test('the oldest run is first in line, whenever it asked', async () => {
    const one = worker({ runsAtOnce: { repository: 1, installation: 9 } })
    await client.query('UPDATE dbos.workflow_status SET created_at = right(workflow_uuid, 1)::bigint')
    const from = (run: number) => one.hold(call(`agent of ${run}`, 1, { run: `run ${run}` }))
    expect(await from(4)).toBeNull()
    expect(await from(3)).toMatchObject({ others: 1 })
    expect(await from(1)).toMatchObject({ others: 1 })
    expect(await from(2)).toMatchObject({ others: 2 })
    expect(await one.leave('run 4', repository(1))).toEqual(['run 1'])
    expect(await from(2)).toMatchObject({ others: 1 })
    expect(await from(1)).toBeNull()
  })

  test('plans of an issue are counted within the hour, each once', async () => {
    const wallet = worker({ plansPerHour: 2 })
    const plan = (key: string, issue = 1) => wallet.countPlan({ repository: 1, issue, key })
    expect([await plan('a'), await plan('b'), await plan('b')]).toEqual([null, null, null])
    const again = Date.parse((await plan('c')) ?? '')
    expect(again).toBeGreaterThan(Date.now() + 50 * 60_000)
    expect(await plan('c', 2)).toBeNull()
    await client.query("UPDATE issue_crew.planned SET at = at - interval '61 minutes' WHERE key = 'a'")
    expect(await plan('c')).toBeNull()
    expect(await plan('d')).not.toBeNull()
  })
})
