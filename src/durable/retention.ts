import { DBOS } from '@dbos-inc/dbos-sdk'
import type pg from 'pg'
import { UNDER_WAY } from './agreed-names.js'
import { STILL_RUNS } from './wallet-tables.js'

/**
 * Deletes workflows that ended more than so many days ago, with their steps and messages, a few hundred at a time, and
 * what the wallet and the keeper of trees have of that time; nothing of what a run under way has begun. What the book of
 * runs has of them goes, too, but for those that came to something: these stay for two years.
 */
export async function deleteEndedWorkflows(days: number, pool: pg.Pool): Promise<void> {
  for (;;) {
    const { rows } = await pool.query<{ id: string }>(
      `SELECT workflow_uuid AS id FROM dbos.workflow_status AS ended
       WHERE status NOT IN ${UNDER_WAY}
         AND completed_at < (EXTRACT(EPOCH FROM now()) * 1000)::bigint - $1::bigint
         AND NOT EXISTS (
           SELECT FROM dbos.workflow_status AS parent
           WHERE parent.workflow_uuid = ended.parent_workflow_id AND parent.status IN ${UNDER_WAY})
       LIMIT 500`,
      [days * 24 * 60 * 60 * 1000],
    )
    if (rows.length === 0) break
    await DBOS.deleteWorkflows(rows.map(({ id }) => id))
  }
  await pool.query(
    `DELETE FROM issue_crew.run
     WHERE (pull_request IS NULL OR written_at < now() - interval '2 years')
       AND NOT EXISTS (SELECT FROM dbos.workflow_status WHERE workflow_uuid = run.id)`,
  )
  // An agent states what it has spent since it began.
  await pool.query(
    `DELETE FROM issue_crew.spending WHERE day < now() - make_interval(days => $1)
       AND NOT EXISTS (SELECT FROM dbos.workflow_status WHERE workflow_uuid = agent AND status IN ${UNDER_WAY})`,
    [days],
  )
  // A run may stand at a tree of its beginning.
  await pool.query(
    `DELETE FROM issue_crew.tree WHERE kept_at < now() - make_interval(days => $1)
       AND NOT EXISTS (
         SELECT FROM dbos.workflow_status
         WHERE starts_with(workflow_uuid, 'run:' || repository_id || ':') AND status IN ${UNDER_WAY}
           AND created_at <= EXTRACT(EPOCH FROM kept_at) * 1000)`,
    [days],
  )
  await pool.query("DELETE FROM issue_crew.planned WHERE at < now() - interval '1 day'")
  // GitHub knows nothing older of deliveries.
  await pool.query("DELETE FROM issue_crew.redelivery WHERE at < now() - interval '7 days'")
  await pool.query(`DELETE FROM issue_crew.place WHERE NOT ${STILL_RUNS}`)
}
