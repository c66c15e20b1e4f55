import { setTimeout as wait } from 'node:timers/promises'
import type pg from 'pg'

/**
 * Who has a slot: `fence` is a number that nobody had before, `beat` goes up as long as its process lives. Whoever takes
 * a slot's work over gives it another fence, so that the process which had it finds out.
 */
export const WORKER_TABLE = `
  CREATE SCHEMA IF NOT EXISTS issue_crew;
  CREATE SEQUENCE IF NOT EXISTS issue_crew.fence;
  CREATE TABLE IF NOT EXISTS issue_crew.worker (
    slot integer PRIMARY KEY,
    fence bigint NOT NULL,
    beat bigint NOT NULL,
    seen_at timestamptz NOT NULL
  );`

/** How often a process says that it lives; others look as often. */
const BEAT_MS = 2_000
/** After so many looks of another process without a beat in between, a process is taken for dead: 10 s. */
export const LOOKS_WITHOUT_BEAT = 5
/** How long a process relies on its last beat. It must doubt before others give it up. */
const RELIED_ON_MS = 8_000

/**
 * What lets this process go on with the work of its slot. It is held by beats in the database; a process that hung, or
 * lost the database, doubts it by its own clock and goes on with nothing until it knows.
 */
export class Lease {
  readonly #options: LeaseOptions
  #fence: string | null = null
  /** When the last beat that succeeded was begun. */
  #beganAt = -Infinity
  #beating: Promise<void> | null = null
  #timer: NodeJS.Timeout | null = null
  #over = false

  constructor(options: LeaseOptions) {
    this.#options = options
  }

  /** Takes the lease for the first time, and keeps it until {@link end}. The table must be there. */
  async begin(): Promise<void> {
    await this.#beat()
    this.#timer = setInterval(() => void this.#beat().catch(() => {}), BEAT_MS)
  }

  /** Whether nobody can have taken this process's work over; costs nothing. */
  get isSure(): boolean {
    return performance.now() - this.#beganAt < RELIED_ON_MS
  }

  /** Resolves when it is known what of this process's work is still its own, or when the lease has ended. */
  async certain(): Promise<void> {
    while (!this.isSure && !this.#over) await this.#beat().catch(() => wait(500))
  }

  end(): void {
    this.#over = true
    if (this.#timer) clearInterval(this.#timer)
  }

  #beat(): Promise<void> {
    this.#beating ??= this.#keep().finally(() => (this.#beating = null))
    return this.#beating
  }

  async #keep(): Promise<void> {
    const { pool, slot, onReplaced } = this.#options
    const began = performance.now()
    const kept = await pool.query(
      'UPDATE issue_crew.worker SET beat = beat + 1, seen_at = now() WHERE slot = $1 AND fence = $2',
      [slot, this.#fence],
    )
    if (kept.rowCount === 0) {
      const isFirst = this.#fence === null
      const { rows } = await pool.query<{ fence: string }>(
        `INSERT INTO issue_crew.worker (slot, fence, beat, seen_at) VALUES ($1, nextval('issue_crew.fence'), 0, now())
         ON CONFLICT (slot) DO UPDATE SET fence = excluded.fence, beat = 0, seen_at = now() RETURNING fence`,
        [slot],
      )
      if (!isFirst) await onReplaced()
      this.#fence = rows[0]?.fence ?? null
    }
    this.#beganAt = began
  }
}

interface LeaseOptions {
  pool: pg.Pool
  slot: number
  /** Others took this process for dead: finds out what of its work they have, before it goes on with any. */
  onReplaced: () => Promise<void>
}
