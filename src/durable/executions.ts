import type pg from 'pg'
import { patientQuery } from './patient-query.js'
import { WorkflowCancelled } from './wakeups.js'

/** One execution of a workflow in this process. Another may follow it, here or elsewhere, and then has all the rights. */
export interface Execution {
  readonly id: string
  /** What the engine knows this execution by: the workflow's row has it as long as the workflow is this execution's. */
  readonly token: string
  readonly replaced: AbortSignal
}

/** Why the signal of an execution's step fired: another one goes on with the workflow. */
export class WorkflowReplaced extends Error {
  override readonly name = 'WorkflowReplaced'
}

/** Executions that go on in this process, and what of them is still this process's. */
export class Executions {
  readonly #pool: pg.Pool
  readonly #all = new Map<Execution, AbortController>()

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  enter(id: string, token: string): Execution {
    const controller = new AbortController()
    const execution = { id, token, replaced: controller.signal }
    this.#all.set(execution, controller)
    return execution
  }

  leave(execution: Execution): void {
    this.#all.delete(execution)
  }

  /** Another execution has its workflow: its step is broken off, and it does nothing any more. */
  replace(execution: Execution): void {
    const reason = new WorkflowReplaced(`Another worker goes on with the workflow "${execution.id}".`)
    this.#all.get(execution)?.abort(reason)
    this.#all.delete(execution)
  }

  /** What became of a workflow that is no longer this execution's: nobody has a cancelled one. */
  async isCancelled({ id }: Execution): Promise<boolean> {
    const { rowCount } = await patientQuery(
      this.#pool,
      "SELECT FROM dbos.workflow_status WHERE workflow_uuid = $1 AND status = 'CANCELLED'",
      [id],
    )
    return rowCount === 1
  }

  /**
   * Asks the database whether the workflow is still this execution's. To be asked right before what can't be undone.
   * @throws WorkflowReplaced or WorkflowCancelled when it isn't; TransientError when the database is away.
   */
  async confirm(execution: Execution): Promise<void> {
    execution.replaced.throwIfAborted()
    if ((await this.#lost([execution])).length === 0) return
    if (await this.isCancelled(execution)) throw new WorkflowCancelled(`"${execution.id}" was cancelled.`)
    this.replace(execution)
    execution.replaced.throwIfAborted()
  }

  /** Ends those whose workflows others have. Returns how many these were. */
  async endReplaced(): Promise<number> {
    const lost = await this.#lost([...this.#all.keys()])
    for (const execution of lost) if (!(await this.isCancelled(execution))) this.replace(execution)
    return lost.length
  }

  async #lost(executions: Execution[]): Promise<Execution[]> {
    if (executions.length === 0) return []
    const { rows } = await patientQuery<{ id: string; token: string }>(
      this.#pool,
      `SELECT id, token FROM unnest($1::text[], $2::text[]) AS mine (id, token)
       JOIN dbos.workflow_status ON workflow_uuid = id AND owner_xid = token`,
      [executions.map(({ id }) => id), executions.map(({ token }) => token)],
    )
    // Workflows that were taken from a queue together share their token.
    const own = new Set(rows.map(keyOf))
    return executions.filter(execution => !own.has(keyOf(execution)))
  }
}

const keyOf = ({ id, token }: { id: string; token: string }): string => `${token} ${id}`
