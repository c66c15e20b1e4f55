import type pg from 'pg'
import { nextSlot, stillCounting } from '../domain/request-budget.js'
import { TransientError, type RequestLedger } from '../ports.js'
import { openPool } from './open-pool.js'

/** `sent`: milliseconds since 1970, oldest first, some of them to come. */
export const LEDGER_TABLE = `
  CREATE TABLE IF NOT EXISTS issue_crew.github_budget (
    installation_id bigint NOT NULL,
    what text NOT NULL,
    sent double precision[] NOT NULL DEFAULT '{}',
    paused_until timestamptz,
    PRIMARY KEY (installation_id, what)
  );`

/** The ledger of requests to GitHub, in the engine's database, whose clock counts. The engine's start makes its table. */
export function openRequestLedger(options: {
  databaseUrl: string
  log: (line: string) => void
}): RequestLedger & { close(): Promise<void> } {
  const pool = openPool({ ...options, purpose: 'ledger', max: 4 })

  return {
    take: ({ installation, what, windows, withinMs }) =>
      inTransaction(pool, async client => {
        const of = [installation, what]
        await client.query(
          'INSERT INTO issue_crew.github_budget (installation_id, what) VALUES ($1, $2) ON CONFLICT DO NOTHING',
          of,
        )
        // In a statement of its own, as the row may be waited for while others take from it.
        await client.query(
          'SELECT FROM issue_crew.github_budget WHERE installation_id = $1 AND what = $2 FOR UPDATE',
          of,
        )
        const { rows } = await client.query<{ sent: number[]; now: number }>(
          `SELECT sent, extract(epoch FROM clock_timestamp())::float8 * 1000 AS now FROM issue_crew.github_budget
           WHERE installation_id = $1 AND what = $2`,
          of,
        )
        const { sent, now } = rows[0] ?? { sent: [], now: 0 }
        const slot = nextSlot(sent, windows, now)
        const waitMs = slot - now
        if (waitMs > withinMs) return { waitMs, taken: false }
        await client.query('UPDATE issue_crew.github_budget SET sent = $3 WHERE installation_id = $1 AND what = $2', [
          ...of,
          [...stillCounting(sent, windows, now), slot],
        ])
        return { waitMs, taken: true }
      }),

    pause: ({ installation, what, ms }) =>
      inTransaction(pool, async client => {
        await client.query(
          `INSERT INTO issue_crew.github_budget AS budget (installation_id, what, paused_until)
           VALUES ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')
           ON CONFLICT (installation_id, what) DO UPDATE
           SET paused_until = greatest(budget.paused_until, excluded.paused_until)`,
          [installation, what, ms],
        )
      }),

    pauses: installation =>
      inTransaction(pool, async client => {
        const { rows } = await client.query<{ what: string; ms: number }>(
          `SELECT what, extract(epoch FROM paused_until - clock_timestamp())::float8 * 1000 AS ms
           FROM issue_crew.github_budget WHERE installation_id = $1 AND paused_until > clock_timestamp()`,
          [installation],
        )
        return rows
      }),

    close: () => pool.end(),
  }
}

/** Whatever goes wrong here will be better later, and no request goes before. */
async function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  let client: pg.PoolClient | null = null
  try {
    client = await pool.connect()
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    client.release()
    return result
  } catch (error) {
    client?.release(true)
    const said = error instanceof Error ? error.message : String(error)
    throw new TransientError(`The budget of GitHub's requests can't be read: ${said}`, { cause: error })
  }
}
