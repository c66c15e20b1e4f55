import type pg from 'pg'
import { LOOKS_WITHOUT_BEAT } from './lease.js'
import type { Session } from './session.js'

/** DBOS's name for the process that has a slot. */
export function executorOf(slot: number): string {
  return `slot-${slot}`
}

/** What was seen of a process with work, look by look. */
interface Seen {
  /** Fence and beat: the same as long as it gives no sign of life. */
  sign: string
  /** Looks in a row in which it gave none. */
  silent: number
  /** Whether its slot was free. */
  free: boolean
}

/**
 * Makes a function that finds processes which ended, or hang, with workflows under way, and hands those to whoever is
 * alive. The first time it believes at once that a process whose slot is free is gone; later only when it finds that
 * twice in a row, since a database that restarts frees every slot for a moment. A process that has its slot and gives no
 * sign of life is believed to hang after several looks, counted here rather than by a clock, since while the database is
 * away nobody can give one.
 */
export function takeOverDeadSlots(options: {
  pool: pg.Pool
  session: Session
  log: (line: string) => void
}): () => Promise<void> {
  const { pool, session, log } = options
  let first = true
  let before = new Map<number, Seen>()

  const take = async (slot: number, why: string, sign?: string): Promise<void> => {
    const count = await takeSlot(pool, slot, sign)
    if (count > 0) log(`Took over ${count} workflow(s) of a process that ${why} (${executorOf(slot)})`)
  }
  return async () => {
    const known = before
    // A look that fails begins anew: what was seen before it says nothing of now.
    before = new Map()
    const now = new Map<number, Seen>()
    for (const { slot, sign } of await slotsWithWork(pool)) {
      if (slot === session.slot) continue
      const last = known.get(slot)
      const silent = last?.sign === sign ? last.silent + 1 : 0
      const isFree = await session.ifFree(slot, async () => {
        if (first || last?.free) await take(slot, 'is gone')
      })
      if (!isFree && silent >= LOOKS_WITHOUT_BEAT) await take(slot, 'gives no sign of life', sign)
      now.set(slot, { sign, silent, free: isFree })
    }
    first = false
    before = now
  }
}

async function slotsWithWork(pool: pg.Pool): Promise<{ slot: number; sign: string }[]> {
  const { rows } = await pool.query<{ slot: number; sign: string }>(
    `SELECT slot, coalesce(fence || ' ' || beat, '') AS sign
     FROM (SELECT DISTINCT substring(executor_id FROM '^slot-([0-9]{1,6})$')::integer AS slot
           FROM dbos.workflow_status WHERE status = 'PENDING' AND executor_id ~ '^slot-[0-9]{1,6}$') AS working
     LEFT JOIN issue_crew.worker USING (slot)`,
  )
  return rows
}

/**
 * Takes all workflows from the process of a slot, and gives the slot another fence, by which that process finds out.
 * With a `sign` only when it has given no other since. Returns how many there were.
 */
async function takeSlot(pool: pg.Pool, slot: number, sign?: string): Promise<number> {
  const client = await pool.connect()
  let failed = true
  try {
    await client.query('BEGIN')
    const { rowCount } = await client.query(
      `UPDATE issue_crew.worker SET fence = nextval('issue_crew.fence')
       WHERE slot = $1 AND ($2::text IS NULL OR fence || ' ' || beat = $2)`,
      [slot, sign ?? null],
    )
    const count = rowCount === 0 && sign !== undefined ? 0 : await handOver(client, { slot })
    await client.query('COMMIT')
    failed = false
    return count
  } finally {
    client.release(failed)
  }
}

/**
 * Puts the workflows of a process on DBOS's own queue, from which any live one takes them: what DBOS does for its own
 * executor at launch (`reenqueueWorkflowsForRecovery` of its system database), for which it has no public call. The
 * cleared owner keeps an execution that isn't as dead as it seems from recording anything more.
 */
export async function handOver(
  database: pg.Pool | pg.PoolClient,
  { slot, except = [] }: { slot: number; except?: string[] },
): Promise<number> {
  const { rowCount } = await database.query(
    `UPDATE dbos.workflow_status
     SET status = 'ENQUEUED', owner_xid = NULL, started_at_epoch_ms = NULL,
         queue_name = COALESCE(queue_name, '_dbos_internal_queue'),
         updated_at = (EXTRACT(EPOCH FROM now()) * 1000)::bigint
     WHERE status = 'PENDING' AND executor_id = $1 AND workflow_uuid <> ALL ($2)`,
    [executorOf(slot), except],
  )
  return rowCount ?? 0
}
