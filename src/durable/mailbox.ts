import type pg from 'pg'
import { CHANNEL } from './agreed-names.js'
import { patientQuery } from './patient-query.js'
import type { Wakeups } from './wakeups.js'

/**
 * Messages wait in a table of the engine's own. DBOS has messages too, but orders them by the millisecond (two in one
 * come in any order), asks the database for each waiting workflow on its own every few seconds, and can't be told to
 * stop waiting when the engine stops.
 */
export const MESSAGE_TABLE = `
  CREATE SCHEMA IF NOT EXISTS issue_crew;
  CREATE TABLE IF NOT EXISTS issue_crew.message (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workflow_id text NOT NULL REFERENCES dbos.workflow_status (workflow_uuid) ON DELETE CASCADE,
    idempotency_key text NOT NULL,
    body text NOT NULL,
    taken_by integer,
    UNIQUE (workflow_id, idempotency_key)
  );
  CREATE INDEX IF NOT EXISTS message_waiting ON issue_crew.message (workflow_id, id) WHERE taken_by IS NULL;`

/** Messages between the outside and workflows, and among workflows: kept until taken, taken once, in the order sent. */
export class Mailbox {
  readonly #pool: pg.Pool
  readonly #wakeups: Wakeups

  constructor(pool: pg.Pool, wakeups: Wakeups) {
    this.#pool = pool
    this.#wakeups = wakeups
  }

  /**
   * Leaves a message; resolves when it is safe on disk. The same key to the same workflow again does nothing.
   * @throws Error when there is no such workflow.
   */
  async send(message: { to: string; body: unknown; idempotencyKey: string }): Promise<void> {
    const { to, body, idempotencyKey } = message
    try {
      await this.#query(
        `WITH added AS (
           INSERT INTO issue_crew.message (workflow_id, idempotency_key, body) VALUES ($1, $2, $3)
           ON CONFLICT (workflow_id, idempotency_key) DO NOTHING)
         SELECT pg_notify('${CHANNEL.mail}', $1)`,
        [to, idempotencyKey, JSON.stringify(body ?? null)],
      )
    } catch (error) {
      if ((error as { code?: string }).code !== FOREIGN_KEY_VIOLATION) throw error
      throw new Error(`No workflow has the id "${to}", so nothing can be sent to it. Start it first.`, { cause: error })
    }
  }

  /**
   * The oldest message that no step has taken; waits for one without end. A step that is run again (its process died
   * before the message was recorded) gets the message it took before.
   */
  async take(reader: { workflow: string; step: number; signal: AbortSignal }): Promise<unknown> {
    const { workflow, step, signal } = reader
    for (;;) {
      // Listens before it looks, so that nothing slips between the two.
      const arrival = this.#wakeups.awaitMail(workflow, signal)
      try {
        const { rows } = await this.#query<{ body: string }>(
          `UPDATE issue_crew.message SET taken_by = $2
           WHERE id = (
             SELECT id FROM issue_crew.message
             WHERE workflow_id = $1 AND (taken_by IS NULL OR taken_by = $2)
             ORDER BY taken_by IS NULL, id LIMIT 1 FOR UPDATE SKIP LOCKED)
           RETURNING body`,
          [workflow, step],
        )
        const message = rows[0]
        if (message) return JSON.parse(message.body) as unknown
        await arrival.promise
      } finally {
        arrival.forget()
      }
    }
  }

  async #query<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<pg.QueryResult<Row>> {
    return patientQuery<Row>(this.#pool, text, values)
  }
}

const FOREIGN_KEY_VIOLATION = '23503'
