import { DBOSClient } from '@dbos-inc/dbos-sdk'
import type { RunRecord } from '../domain/run-record.js'
import { isUnderWay, LOCK_SPACE, MIGRATION_LOCK } from './agreed-names.js'
import { putIntoIntake } from './intake.js'
import { Mailbox } from './mailbox.js'
import { openPool } from './open-pool.js'
import { Wakeups } from './wakeups.js'

/** What the database knows of a workflow, for whoever runs the App. */
export interface WorkflowRow {
  id: string
  state: 'active' | 'done' | 'failed' | 'halted'
  input: unknown
  output: unknown
  failure: string | null
  begun: Date
  ended: Date | null
  /** What its agents have spent, where it is a run; what it has spent itself, where it is an agent. */
  usd: number
  /** Turns that it recorded, where it is an agent. */
  turns: number
  /** Of a run, what its book has. */
  record: RunRecord | null
}

export interface StepRow {
  number: number
  name: string
  begun: Date | null
  ended: Date | null
  failure: string | null
}

/**
 * The App's database as its operator uses it, beside any number of processes of the App, or while none runs. Nothing is
 * executed here: what is sent and started waits for the App, and what it was is recorded as it always is.
 */
export interface OperatorDesk {
  /** Workflows of a name whose ids begin with `prefix`, newest first. */
  workflows(name: string, prefix: string): Promise<WorkflowRow[]>
  /** What one of them recorded, in order. */
  steps(id: string): Promise<StepRow[]>
  /** Leaves a message for a workflow, as `Engine.send` does. */
  send(id: string, message: unknown, key: string): Promise<void>
  /** Leaves something to be started, as `Engine.start` does for what comes in crowds. */
  begin(workflow: string, id: string, input: unknown): Promise<void>
  /** Has a workflow that stands still go on after its last recorded step. */
  resume(id: string): Promise<void>
  /** Processes of the App that are at work on this database. */
  processes(): Promise<number>
  close(): Promise<void>
}

/** @throws Error for the person, where no App has worked on that database, or it can't be reached. */
export async function openOperatorDesk(databaseUrl: string): Promise<OperatorDesk> {
  const pool = openPool({ databaseUrl, purpose: 'operator', max: 2, log: () => {} })
  try {
    const { rows } = await pool.query<{ known: boolean }>(
      "SELECT to_regclass('issue_crew.run') IS NOT NULL AND to_regclass('issue_crew.spending') IS NOT NULL AS known",
    )
    if (rows[0]?.known !== true) throw new Error(neverStarted)
  } catch (error) {
    await pool.end()
    const { code, message } = error as { code?: string; message: string }
    if (code === NO_SUCH_DATABASE) throw new Error(neverStarted, { cause: error })
    if (message === neverStarted) throw error
    throw new Error(
      `The App's database can't be reached: ${message || code}. Is it up, and is DATABASE_URL here the same as the App's?`,
      { cause: error },
    )
  }
  const mailbox = new Mailbox(pool, new Wakeups())

  return {
    async workflows(name, prefix) {
      const { rows } = await pool.query<Row>(
        `SELECT status.workflow_uuid AS id, status, coalesce(given.inputs, status.inputs) AS inputs,
           coalesce(made.output, status.output) AS output, coalesce(made.error, status.error) AS error,
           created_at, completed_at,
           (SELECT count(*)::integer FROM dbos.operation_outputs
            WHERE workflow_uuid = status.workflow_uuid AND function_name ~ '^turn \\d+$') AS turns,
           (SELECT coalesce(sum(spent), 0) FROM issue_crew.spending
            WHERE agent = status.workflow_uuid OR starts_with(agent, 'agent:' || status.workflow_uuid || ':')) AS usd,
           (SELECT record FROM issue_crew.run WHERE id = status.workflow_uuid) AS record
         FROM dbos.workflow_status AS status
         LEFT JOIN dbos.workflow_input AS given USING (workflow_uuid)
         LEFT JOIN dbos.workflow_output AS made USING (workflow_uuid)
         WHERE name = $1 AND starts_with(status.workflow_uuid, $2)
         ORDER BY created_at DESC, status.workflow_uuid DESC`,
        [name, prefix],
      )
      return rows.map(read)
    },

    async steps(id) {
      const { rows } = await pool.query<StepOfDatabase>(
        `SELECT function_id, function_name, error, started_at_epoch_ms, completed_at_epoch_ms
         FROM dbos.operation_outputs WHERE workflow_uuid = $1 ORDER BY function_id`,
        [id],
      )
      return rows.map(row => ({
        number: row.function_id,
        name: row.function_name,
        begun: moment(row.started_at_epoch_ms),
        ended: moment(row.completed_at_epoch_ms),
        failure: failureIn(row.error),
      }))
    },

    send: (id, message, key) => mailbox.send({ to: id, body: message, idempotencyKey: `@${key}` }),
    begin: (workflow, id, input) => putIntoIntake(pool, { workflow, id, input }),

    async resume(id) {
      const client = await DBOSClient.create({ systemDatabaseUrl: databaseUrl, systemDatabasePool: pool })
      try {
        await client.resumeWorkflow(id)
      } finally {
        await client.destroy()
      }
    },

    async processes() {
      const { rows } = await pool.query<{ count: number }>(
        `SELECT count(*)::integer AS count FROM pg_locks
         WHERE locktype = 'advisory' AND granted AND classid = $1::bigint::oid AND objid <> $2::bigint::oid
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
        [LOCK_SPACE, 2 ** 32 + MIGRATION_LOCK],
      )
      return rows[0]?.count ?? 0
    },

    close: () => pool.end(),
  }
}

const neverStarted =
  'No App has worked on this database yet, so there are no runs. Is DATABASE_URL (or CREW_HOME) the same as for `issue-crew start`?'

const NO_SUCH_DATABASE = '3D000'

interface Row {
  id: string
  status: string
  inputs: string | null
  output: string | null
  error: string | null
  created_at: string
  completed_at: string | null
  turns: number
  usd: number
  record: string | null
}

interface StepOfDatabase {
  function_id: number
  function_name: string
  error: string | null
  started_at_epoch_ms: string | null
  completed_at_epoch_ms: string | null
}

function read(row: Row): WorkflowRow {
  return {
    id: row.id,
    state: stateOf(row.status),
    input: argumentsIn(row.inputs)[0] ?? null,
    output: parsed(row.output),
    failure: failureIn(row.error),
    begun: new Date(Number(row.created_at)),
    ended: moment(row.completed_at),
    usd: row.usd,
    turns: row.turns,
    record: row.record === null ? null : (JSON.parse(row.record) as RunRecord),
  }
}

function stateOf(status: string): WorkflowRow['state'] {
  if (isUnderWay(status)) return 'active'
  switch (status) {
    case 'SUCCESS':
      return 'done'
    case 'ERROR':
      return 'failed'
    default:
      return 'halted'
  }
}

const moment = (milliseconds: string | null): Date | null =>
  milliseconds === null ? null : new Date(Number(milliseconds))

const parsed = (text: string | null): unknown => (text === null ? null : (JSON.parse(text) as unknown))

function argumentsIn(inputs: string | null): unknown[] {
  const value = parsed(inputs)
  return Array.isArray(value) ? value : []
}

function failureIn(error: string | null): string | null {
  if (error === null) return null
  const value = parsed(error) as { message?: string } | null
  return value?.message ?? error
}
