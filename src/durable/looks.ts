import pg from 'pg'
import type { Looks } from '../ports.js'
import { patientQuery } from './patient-query.js'

export const LOOK_TABLES = `
  CREATE TABLE IF NOT EXISTS issue_crew.look (
    what text PRIMARY KEY,
    claimed_at timestamptz,
    done_since timestamptz
  );
  CREATE TABLE IF NOT EXISTS issue_crew.redelivery (
    guid text PRIMARY KEY,
    asked integer NOT NULL,
    newest numeric NOT NULL,
    at timestamptz NOT NULL
  );`

/** In whole seconds, as GitHub writes times. */
const ISO = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`

/** Looks at GitHub, in the engine's database. The engine's start makes the tables. */
export function openLooks(options: { databaseUrl: string; log: (line: string) => void }): Looks & {
  close(): Promise<void>
} {
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    max: 1,
    connectionTimeoutMillis: 8_000,
    application_name: 'issue-crew looks',
  })
  pool.on('error', error => options.log(`A database connection was lost: ${error.message}`))
  const query = <Row extends pg.QueryResultRow>(text: string, values: unknown[]) =>
    patientQuery<Row>(pool, text, values)

  return {
    async claim(what, everyMinutes) {
      const { rows } = await query<{ now: string; since: string | null }>(
        `INSERT INTO issue_crew.look AS look (what, claimed_at) VALUES ($1, now())
         ON CONFLICT (what) DO UPDATE SET claimed_at = now()
           WHERE look.claimed_at IS NULL OR look.claimed_at <= now() - make_interval(mins => $2)
         RETURNING ${ISO('now()')} AS now, ${ISO('look.done_since')} AS since`,
        [what, everyMinutes],
      )
      return rows[0] ?? null
    },

    async done(what, begun) {
      await query(
        `INSERT INTO issue_crew.look AS look (what, done_since) VALUES ($1, $2)
         ON CONFLICT (what) DO UPDATE SET done_since = excluded.done_since`,
        [what, begun],
      )
    },

    async last(what) {
      const { rows } = await query<{ since: string | null }>(
        `SELECT ${ISO('done_since')} AS since FROM issue_crew.look WHERE what = $1`,
        [what],
      )
      return rows[0]?.since ?? null
    },

    async mayAsk({ guid, id }, times) {
      const { rowCount } = await query(
        'SELECT FROM issue_crew.redelivery WHERE guid = $1 AND (newest >= $2::numeric OR asked >= $3)',
        [guid, id, times],
      )
      return rowCount === 0
    },

    async asked({ guid, id }) {
      await query(
        `INSERT INTO issue_crew.redelivery AS known (guid, asked, newest, at) VALUES ($1, 1, $2::numeric, now())
         ON CONFLICT (guid) DO UPDATE SET asked = known.asked + 1, newest = excluded.newest, at = now()`,
        [guid, id],
      )
    },

    close: () => pool.end(),
  }
}
