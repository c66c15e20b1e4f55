import type pg from 'pg'
import { patientQuery } from './patient-query.js'

export const INTAKE_TABLE = `
  CREATE TABLE IF NOT EXISTS issue_crew.intake (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL UNIQUE,
    workflow text NOT NULL,
    input text NOT NULL
  );
  ALTER TABLE issue_crew.intake ADD COLUMN IF NOT EXISTS at timestamptz NOT NULL DEFAULT now();`

/** Workflows of one kind that come in crowds: each is kept until it is its turn to be started. */
export interface Intake {
  /** Resolves when it is safe on disk, which takes a single statement. The same id again does nothing. */
  put(id: string, input: unknown): Promise<void>
  /** Starts what waits, whoever put it there, as far as there are places for it. */
  startWaiting(): void
}

/**
 * At most `atOnce` of them go on at the same time in this process, so that a crowd takes neither the database nor the
 * processor from everybody else; they are begun in the order in which they came. One that takes longer than `patienceMs`
 * (it waits for the outside) goes on, but no longer counts: what comes after it must not wait for an outage to end.
 *
 * What is begun leaves the table only when the engine has it. A process that dies in between leaves it to the next,
 * and starting is done once an id.
 */
export function openIntake(options: {
  pool: pg.Pool
  workflow: string
  atOnce: number
  patienceMs: number
  /** Persists and starts one; `over` settles when it has ended. */
  start: (id: string, input: unknown) => Promise<{ over: Promise<unknown> }>
  /** Work of the engine's; a failure is logged. */
  run: (what: string, work: () => Promise<void>) => void
}): Intake {
  const { pool, workflow, atOnce, patienceMs, start, run } = options
  let atWork = 0
  let starting = false
  /** Whether there may be more than was taken. */
  let more = false

  const startWaiting = (): void => {
    more = true
    if (starting || atWork >= atOnce) return
    starting = true
    run(`starting a waiting ${workflow}`, async () => {
      try {
        while (more && atWork < atOnce) {
          more = false
          await startSome(atOnce - atWork)
        }
      } finally {
        starting = false
      }
    })
  }

  async function startSome(places: number): Promise<void> {
    const client = await pool.connect()
    let failed = true
    try {
      await client.query('BEGIN')
      const { rows } = await client.query<{ position: string; id: string; input: string }>(
        `DELETE FROM issue_crew.intake WHERE position IN (
           SELECT position FROM issue_crew.intake WHERE workflow = $1 ORDER BY position LIMIT $2 FOR UPDATE SKIP LOCKED)
         RETURNING position, id, input`,
        [workflow, places],
      )
      for (const { id, input } of rows.sort((a, b) => Number(a.position) - Number(b.position)))
        takePlace((await start(id, JSON.parse(input))).over)
      await client.query('COMMIT')
      failed = false
      more ||= rows.length === places
    } finally {
      // A connection that ends undoes what was not committed.
      client.release(failed)
    }
  }

  function takePlace(over: Promise<unknown>): void {
    atWork++
    let left = false
    const leave = (): void => {
      if (left) return
      left = true
      clearTimeout(timer)
      atWork--
      if (more) startWaiting()
    }
    const timer = setTimeout(leave, patienceMs).unref()
    over.then(leave, leave)
  }

  return {
    async put(id, input) {
      await putIntoIntake(pool, { workflow, id, input })
      startWaiting()
    },
    startWaiting,
  }
}

/** Resolves when it is safe on disk. The same id again does nothing. */
export async function putIntoIntake(
  pool: pg.Pool,
  { workflow, id, input }: { workflow: string; id: string; input: unknown },
): Promise<void> {
  await patientQuery(
    pool,
    'INSERT INTO issue_crew.intake (id, workflow, input) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING',
    [id, workflow, JSON.stringify(input ?? null)],
  )
}
