import type pg from 'pg'
import type { Session } from './session.js'

/** DBOS's name for the process that has a slot. */
export function executorOf(slot: number): string {
  return `slot-${slot}`
}

/**
 * Makes a function that finds processes which ended with workflows under way, and hands those to whoever is alive. The
 * first time it believes at once that a process whose slot is free is gone; later only when it finds that twice in a
 * row, since a database that restarts frees every slot for a moment.
 */
export function takeOverDeadSlots(options: {
  pool: pg.Pool
  session: Session
  log: (line: string) => void
}): () => Promise<void> {
  const { pool, session, log } = options
  let first = true
  let suspects = new Set<number>()
  return async () => {
    const found = new Set<number>()
    for (const slot of await slotsWithWork(pool)) {
      if (slot === session.slot) continue
      const free = await session.ifFree(slot, async () => {
        if (!first && !suspects.has(slot)) return
        const count = await handOver(pool, slot)
        if (count > 0) log(`Took over ${count} workflow(s) of a process that is gone (${executorOf(slot)})`)
      })
      if (free) found.add(slot)
    }
    first = false
    suspects = found
  }
}

async function slotsWithWork(pool: pg.Pool): Promise<number[]> {
  const { rows } = await pool.query<{ slot: number }>(
    `SELECT DISTINCT substring(executor_id FROM '^slot-([0-9]{1,6})$')::integer AS slot
     FROM dbos.workflow_status WHERE status = 'PENDING' AND executor_id ~ '^slot-[0-9]{1,6}$'`,
  )
  return rows.map(({ slot }) => slot)
}

/**
 * Puts the workflows of a dead process on DBOS's own queue, from which any live one takes them: what DBOS does for its
 * own executor at launch (`reenqueueWorkflowsForRecovery` of its system database), for which it has no public call.
 * The cleared owner keeps an execution that isn't as dead as it seems from recording anything more.
 */
async function handOver(pool: pg.Pool, slot: number): Promise<number> {
  const { rowCount } = await pool.query(
    `UPDATE dbos.workflow_status
     SET status = 'ENQUEUED', owner_xid = NULL, started_at_epoch_ms = NULL,
         queue_name = COALESCE(queue_name, '_dbos_internal_queue'),
         updated_at = (EXTRACT(EPOCH FROM now()) * 1000)::bigint
     WHERE status = 'PENDING' AND executor_id = $1`,
    [executorOf(slot)],
  )
  return rowCount ?? 0
}
