import type pg from 'pg'
import type { CostPart, RunRecord } from '../domain/run-record.js'
import type { RunBook } from '../ports.js'
import { UNDER_WAY } from './agreed-names.js'
import { openPool } from './open-pool.js'
import { patientQuery } from './patient-query.js'

/** Without a reference to its workflow: what is here stays when that is deleted. */
export const RUN_TABLE = `
  CREATE TABLE IF NOT EXISTS issue_crew.run (
    id text PRIMARY KEY,
    repository_id bigint NOT NULL,
    issue_number integer NOT NULL,
    asking boolean NOT NULL,
    pull_request integer,
    costs text,
    record text NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT now(),
    written_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX IF NOT EXISTS run_of_issue ON issue_crew.run (repository_id, issue_number);`

/** A run that was ended from outside, or broke, never wrote so itself. */
const IS_UNDER_WAY = `EXISTS (
  SELECT FROM dbos.workflow_status WHERE workflow_uuid = run.id AND status IN ${UNDER_WAY})`

/** The book of runs, in the engine's database. The engine's start makes its table. */
export function openRunBook(options: {
  databaseUrl: string
  log: (line: string) => void
}): RunBook & { close(): Promise<void> } {
  const pool = openPool({ ...options, purpose: 'runs', max: 4 })
  const query = <Row extends pg.QueryResultRow>(text: string, values: unknown[]) =>
    patientQuery<Row>(pool, text, values)

  return {
    async put(record) {
      const { id, repository, issue, asking, pullRequest, costs } = record
      await query(
        `INSERT INTO issue_crew.run (id, repository_id, issue_number, asking, pull_request, costs, record)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (id) DO UPDATE SET asking = $4, pull_request = $5, costs = $6, record = $7, written_at = now()`,
        [id, repository, issue.number, asking, pullRequest, costs && JSON.stringify(costs), JSON.stringify(record)],
      )
    },

    async asks(repository, issue) {
      const { rowCount } = await query(
        `SELECT FROM issue_crew.run
         WHERE repository_id = $1 AND issue_number = $2 AND asking AND ${IS_UNDER_WAY} LIMIT 1`,
        [repository, issue],
      )
      return (rowCount ?? 0) > 0
    },

    async lastNumber(repository, issue) {
      const { rows } = await query<{ number: number }>(
        `SELECT coalesce(max(substring(id FROM ':([0-9]{1,9})$')::integer), 0) AS number FROM issue_crew.run
         WHERE repository_id = $1 AND issue_number = $2`,
        [repository, issue],
      )
      return rows[0]?.number ?? 0
    },

    async underWay(repository) {
      const { rows } = await query<{ record: string }>(
        `SELECT record FROM issue_crew.run WHERE repository_id = $1 AND ${IS_UNDER_WAY} ORDER BY begun_at, id`,
        [repository],
      )
      return rows.map(({ record }) => JSON.parse(record) as RunRecord)
    },

    async pullRequestsOf(repository, issue) {
      const { rows } = await query<{ pull_request: number }>(
        `SELECT pull_request FROM issue_crew.run
         WHERE repository_id = $1 AND issue_number = $2 AND pull_request IS NOT NULL ORDER BY pull_request DESC`,
        [repository, issue],
      )
      return rows.map(row => row.pull_request)
    },

    async costsOf(repository) {
      const { rows } = await query<{ costs: string }>(
        `SELECT costs FROM issue_crew.run
         WHERE repository_id = $1 AND costs IS NOT NULL ORDER BY written_at DESC LIMIT 100`,
        [repository],
      )
      return rows.map(({ costs }) => JSON.parse(costs) as CostPart[])
    },

    close: () => pool.end(),
  }
}
