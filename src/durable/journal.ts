import { DBOS, Error as DbosErrors } from '@dbos-inc/dbos-sdk'
import { randomUUID } from 'node:crypto'
import { types } from 'node:util'
import type { Journal } from '../ports.js'
import { WorkflowReplaced, type Execution, type Executions } from './executions.js'
import type { Lease } from './lease.js'
import type { Mailbox } from './mailbox.js'
import { patiently, sleepUntil, type Waiting } from './patience.js'
import { EngineStopped, WorkflowCancelled, type Wakeups } from './wakeups.js'

/** What the journals of one engine share. */
export interface JournalSetting {
  wakeups: Wakeups
  executions: Executions
  lease: Lease
  mailbox: Mailbox
  /** Steps under way, which the engine lets come to an end before it stops. */
  underWay: Set<Promise<void>>
  startWorkflow(workflow: string, id: string, input: unknown): Promise<void>
  cancelWorkflow(id: string): Promise<void>
  onRetry(wait: Waiting & { id: string; step: string }): void
}

/**
 * The journal of one execution of a workflow.
 *
 * When the workflow is cancelled, every call throws from then on. When the engine stops, or another execution has the
 * workflow, calls don't return any more: it stands still until the next start replays it, and none of its own error
 * handling runs.
 */
export function createJournal(execution: Execution, setting: JournalSetting): Journal {
  const { id } = execution
  // Tells this execution from an earlier one, in another process or in this one.
  const own = randomUUID()
  const run = { execution, setting }

  const record = async <T>(name: string, work: (signals: Signals) => Promise<T>): Promise<T> =>
    guarded(run, async ended => {
      // Wrapped, so that a result of `undefined` is the same on a replay.
      const recorded = await DBOS.runStep(async () => ({ value: await interruptible({ ...run, ended }, work) }), {
        name,
      })
      return recorded.value
    })

  const patient = <T>(step: string, work: (signal: AbortSignal) => Promise<T>) =>
    record(step, ({ work: signal, waits }) =>
      patiently(work, { signal, waits, onWait: wait => setting.onRetry({ ...wait, id, step }) }),
    )

  return {
    id,
    step: patient,

    effect: async (name, { find, create }) => {
      const begun = await record(`${name} begins`, async () => own)
      let mayHaveHappened = begun !== own
      return patient(name, async () => {
        const found = mayHaveHappened ? await find() : null
        mayHaveHappened = true
        return found ?? (await create())
      })
    },

    receive: <T>() =>
      record('receive', ({ waits: signal }) =>
        patiently(() => setting.mailbox.take({ workflow: id, step: stepNumber(), signal }) as Promise<T>, {
          signal,
          waits: signal,
          onWait: wait => setting.onRetry({ ...wait, id, step: 'receive' }),
        }),
      ),

    start: (workflow, child, input) => guarded(run, () => setting.startWorkflow(workflow, child, input)),

    send: (to, message) =>
      patient(`send to ${to}`, () =>
        setting.mailbox.send({ to, body: message, idempotencyKey: `${id}#${stepNumber()}` }),
      ),

    sleep: async milliseconds => {
      const until = await record('sleep', async () => Date.now() + milliseconds)
      await record('wake', ({ waits }) => sleepUntil(until, waits))
    },

    cancel: other => patient(`cancel ${other}`, () => setting.cancelWorkflow(other)),
  }
}

function stepNumber(): number {
  const number = DBOS.stepID
  if (number === undefined) throw new Error('Messages are sent and received in a step only.')
  return number
}

/** What breaks a step off while it works, and while it waits. */
interface Signals {
  work: AbortSignal
  waits: AbortSignal
}

interface Run {
  execution: Execution
  setting: JournalSetting
}

/** Runs a step's work under its signals and sees that its error is one that may be recorded, or none at all. */
async function interruptible<T>(
  { execution, setting, ended }: Run & { ended: () => void },
  work: (signals: Signals) => Promise<T>,
): Promise<T> {
  const { release, ...signals } = setting.wakeups.watch(execution.id, execution.replaced)
  const settled = await work(signals).then(
    value => ({ value }),
    (error: unknown) => ({ error }),
  )
  release()
  if ('value' in settled) return settled.value
  // Which of the two broke it off is in the reason; what came out of the work may be anything.
  const reason: unknown = signals.work.aborted ? signals.work.reason : settled.error
  if (reason instanceof EngineStopped || reason instanceof WorkflowReplaced) return standStill(ended)
  // DBOS finds that the workflow is cancelled when it goes to record this.
  if (reason instanceof WorkflowCancelled) throw new DbosErrors.DBOSWorkflowCancelledError(execution.id)
  throw recordable(settled.error)
}

async function guarded<T>({ execution, setting }: Run, call: (ended: () => void) => Promise<T>): Promise<T> {
  const { wakeups, executions, lease, underWay } = setting
  if (DBOS.isInStep()) throw new Error('The journal was used inside a step; only the workflow itself may use it.')
  let ended: () => void = () => {}
  const over = new Promise<void>(resolve => (ended = resolve))
  underWay.add(over)
  void over.then(() => underWay.delete(over))
  if (!lease.isSure) await lease.certain()
  if (wakeups.leaving || execution.replaced.aborted) return standStill(ended)
  try {
    return await call(ended)
  } catch (error) {
    // A call that the stop itself broke, by taking the database away.
    if (wakeups.stopped) return await standStill(ended)
    // DBOS records for nobody but the owner, and a cancelled workflow has none.
    if (error instanceof DbosErrors.DBOSWorkflowConflictError) {
      if (await executions.isCancelled(execution).catch(() => false))
        throw new DbosErrors.DBOSWorkflowCancelledError(execution.id)
      executions.replace(execution)
    }
    if (execution.replaced.aborted) return await standStill(ended)
    throw isCancellation(error) ? error : recordable(error)
  } finally {
    ended()
  }
}

/** DBOS's own way of ending an execution that was cancelled, which it must see. */
export function isCancellation(error: unknown): boolean {
  return error instanceof DbosErrors.DBOSWorkflowCancelledError
}

/** Never returns. */
export function standStill<T>(ended: () => void = () => {}): Promise<T> {
  ended()
  return new Promise<T>(() => {})
}

/**
 * An error as a replay will show it: name and message. The first run must see the same, or a workflow that looks at the
 * error's class would decide otherwise on a replay. It also keeps what hangs on errors of HTTP clients, such as the
 * request's headers with its token, out of the database.
 */
export function recordable(error: unknown): Error {
  const { name, message, stack } = types.isNativeError(error) ? error : new Error(String(error))
  const plain = new Error(message)
  // The setter of a plain `name` would make it part of what `JSON.stringify` shows; hidden, it is as on any error.
  Object.defineProperty(plain, 'name', { value: name, configurable: true, writable: true })
  if (stack !== undefined) plain.stack = stack
  return plain
}
