import { DBOS } from '@dbos-inc/dbos-sdk'
import type pg from 'pg'

/**
 * Deletes workflows that ended more than so many days ago, with their steps and messages, a few hundred at a time; and
 * what the book of runs has of runs that are gone.
 */
export async function deleteEndedWorkflows(days: number, pool: pg.Pool): Promise<void> {
  for (;;) {
    const { rows } = await pool.query<{ id: string }>(
      `SELECT workflow_uuid AS id FROM dbos.workflow_status
       WHERE status NOT IN ('PENDING', 'ENQUEUED', 'DELAYED')
         AND completed_at < (EXTRACT(EPOCH FROM now()) * 1000)::bigint - $1::bigint
       LIMIT 500`,
      [days * 24 * 60 * 60 * 1000],
    )
    if (rows.length === 0) break
    await DBOS.deleteWorkflows(rows.map(({ id }) => id))
  }
  await pool.query(
    `DELETE FROM issue_crew.run
     WHERE NOT EXISTS (SELECT FROM dbos.workflow_status WHERE workflow_uuid = run.id)`,
  )
}
