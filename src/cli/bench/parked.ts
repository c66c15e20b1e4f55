import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { gatherCrowd } from './crowd.js'
import { rounded } from './figures.js'
import { count, mb, ms, scenario } from './scenario.js'

const repositories = 10
const idleSeconds = 30

interface ParkedFigures {
  parked: number
  /** Before the first issue, and with all of them at the gate. */
  emptyRssBytes: number
  rssBytes: number
  heapBytes: number
  /** While nothing happens. */
  transactionsPerSecond: number
  /** Shares of one processor. */
  databaseBusy: number
  appBusy: number
  /** From starting the process until it takes webhooks, and until it has answered the run that was parked last. */
  restartMs: number
  answeredMs: number
  afterRestartRssBytes: number
}

const parkedOf = (issuesEach: number) =>
  scenario<ParkedFigures>({
    title: `${repositories * issuesEach} runs that wait for their approval`,
    async measure() {
      const crowd = await gatherCrowd({
        installations: 1,
        repositoriesEach: repositories,
        issuesEach,
        approves: false,
        github: { writeSpacingMs: 0, budgets: { content: [], points: [] } },
        limits: { runsAtOnce: { repository: 4, installation: 12 }, statusSpacingMs: 0 },
      })
      try {
        const empty = await crowd.crew.memory()
        const parked = repositories * issuesEach
        await Promise.all([crowd.label(), crowd.reach(crowd.planned, parked)])
        // The last ones are still at their status comments.
        await wait(5_000)
        const before = await crowd.crew.memory()
        const load = await idleLoad(crowd.crew.databaseUrl)
        const after = await crowd.crew.memory()
        await crowd.crew.stop()
        const began = performance.now()
        await crowd.restart()
        const restartMs = performance.now() - began
        const last = crowd.planned.at(-1) ?? ''
        const answered = crowd.answered(last)
        await crowd.comment(last, '/status')
        await answered
        const answeredMs = performance.now() - began
        await wait(5_000)
        return {
          parked,
          emptyRssBytes: empty.rssBytes,
          rssBytes: after.rssBytes,
          heapBytes: after.heapBytes,
          ...load,
          appBusy: (after.cpuMs - before.cpuMs) / (idleSeconds * 1000),
          restartMs: rounded(restartMs),
          answeredMs: rounded(answeredMs),
          afterRestartRssBytes: (await crowd.crew.memory()).rssBytes,
        }
      } finally {
        await crowd.close()
      }
    },
    rows: figures => [
      { what: 'parked', measured: count(figures.parked) },
      {
        what: 'memory of the App; before the first; after the restart',
        measured: [figures.rssBytes, figures.emptyRssBytes, figures.afterRestartRssBytes].map(mb).join('; '),
      },
      { what: 'transactions a second while nothing happens', measured: figures.transactionsPerSecond.toFixed(1) },
      {
        what: 'busy meanwhile, of one processor: database, App',
        measured: `${(figures.databaseBusy * 100).toFixed(1)} %, ${(figures.appBusy * 100).toFixed(1)} %`,
      },
      { what: 'restart, its Postgres included, until webhooks are taken', measured: ms(figures.restartMs) },
      { what: 'restart until the run parked last has answered', measured: ms(figures.answeredMs) },
    ],
  })

export const parked = parkedOf(50)

/** What the database does while nobody asks anything of the App. */
async function idleLoad(databaseUrl: string): Promise<{ transactionsPerSecond: number; databaseBusy: number }> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const read = async (): Promise<{ transactions: number; active: number }> => {
    const { rows } = await client.query<{ transactions: number; active: number }>(
      `SELECT (xact_commit + xact_rollback)::float8 AS transactions, active_time AS active
       FROM pg_stat_database WHERE datname = current_database()`,
    )
    return rows[0] ?? { transactions: 0, active: 0 }
  }
  try {
    const before = await read()
    await wait(idleSeconds * 1000)
    const after = await read()
    return {
      transactionsPerSecond: (after.transactions - before.transactions) / idleSeconds,
      databaseBusy: (after.active - before.active) / (idleSeconds * 1000),
    }
  } finally {
    await client.end()
  }
}
