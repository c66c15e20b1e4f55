import type pg from 'pg'
import { TransientError } from '../ports.js'

/** A statement that fails as {@link TransientError} where the database is away, so that a step tries it again. */
export async function patientQuery<Row extends pg.QueryResultRow>(
  pool: pg.Pool,
  text: string,
  values: unknown[],
): Promise<pg.QueryResult<Row>> {
  try {
    return await pool.query<Row>(text, values)
  } catch (error) {
    if (!isLostDatabase(error)) throw error
    throw new TransientError(`The database is away: ${(error as Error).message}`, { cause: error })
  }
}

/** A database that restarts fails statements so. DBOS waits for it within its own statements. */
function isLostDatabase(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string }
  // Classes 08 (connection exception) and 57P (operator intervention: shutdown, starting up) of PostgreSQL's error codes.
  return (
    /^(08...|57P..|ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT)$/.test(code ?? '') ||
    /^Connection terminated|^timeout exceeded when trying to connect/.test(message ?? '')
  )
}
