import { DBOS, Error as DbosErrors } from '@dbos-inc/dbos-sdk'
import { randomUUID } from 'node:crypto'
import { types } from 'node:util'
import type { Journal } from '../ports.js'
import type { Mailbox } from './mailbox.js'
import { patiently, sleepUntil, type Waiting } from './patience.js'
import { EngineStopped, WorkflowCancelled, type Wakeups } from './wakeups.js'

/** What the journals of one engine share. */
export interface JournalSetting {
  wakeups: Wakeups
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
 * When the workflow is cancelled, every call throws from then on. When the engine stops, calls don't return any more:
 * the workflow stands still until the next start replays it, and none of its own error handling runs.
 */
export function createJournal(id: string, setting: JournalSetting): Journal {
  // Tells this execution from an earlier one, in another process or in this one.
  const execution = randomUUID()

  const record = async <T>(name: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    guarded(setting, async ended => {
      // Wrapped, so that a result of `undefined` is the same on a replay.
      const recorded = await DBOS.runStep(async () => ({ value: await interruptible({ id, setting, ended }, work) }), {
        name,
      })
      return recorded.value
    })

  const patient = <T>(step: string, work: (signal: AbortSignal) => Promise<T>) =>
    record(step, signal => patiently(work, { signal, onWait: wait => setting.onRetry({ ...wait, id, step }) }))

  return {
    id,
    step: patient,

    effect: async (name, { find, create }) => {
      const begun = await record(`${name} begins`, async () => execution)
      let mayHaveHappened = begun !== execution
      return patient(name, async () => {
        const found = mayHaveHappened ? await find() : null
        mayHaveHappened = true
        return found ?? (await create())
      })
    },

    receive: <T>() =>
      patient('receive', signal => setting.mailbox.take({ workflow: id, step: stepNumber(), signal }) as Promise<T>),

    start: (workflow, child, input) => guarded(setting, () => setting.startWorkflow(workflow, child, input)),

    send: (to, message) =>
      patient(`send to ${to}`, () =>
        setting.mailbox.send({ to, body: message, idempotencyKey: `${id}#${stepNumber()}` }),
      ),

    sleep: async milliseconds => {
      const until = await record('sleep', async () => Date.now() + milliseconds)
      await record('wake', signal => sleepUntil(until, signal))
    },

    cancel: other => patient(`cancel ${other}`, () => setting.cancelWorkflow(other)),
  }
}

function stepNumber(): number {
  const number = DBOS.stepID
  if (number === undefined) throw new Error('Messages are sent and received in a step only.')
  return number
}

/** Runs a step's work under a signal and sees that its error is one that may be recorded, or none at all. */
async function interruptible<T>(
  run: { id: string; setting: JournalSetting; ended: () => void },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal, release } = run.setting.wakeups.watch(run.id)
  try {
    return await work(signal)
  } catch (error) {
    if (signal.reason instanceof EngineStopped) return await standStill(run.ended)
    // DBOS finds that the workflow is cancelled when it goes to record this.
    if (signal.reason instanceof WorkflowCancelled) throw new DbosErrors.DBOSWorkflowCancelledError(run.id)
    throw recordable(error)
  } finally {
    release()
  }
}

async function guarded<T>(setting: JournalSetting, call: (ended: () => void) => Promise<T>): Promise<T> {
  if (DBOS.isInStep()) throw new Error('The journal was used inside a step; only the workflow itself may use it.')
  let ended: () => void = () => {}
  const underWay = new Promise<void>(resolve => (ended = resolve))
  setting.underWay.add(underWay)
  void underWay.then(() => setting.underWay.delete(underWay))
  if (setting.wakeups.stopped) return standStill(ended)
  try {
    return await call(ended)
  } catch (error) {
    // A call that the stop itself broke, by taking the database away.
    if (setting.wakeups.stopped) return await standStill(ended)
    throw isInterruption(error) ? error : recordable(error)
  } finally {
    ended()
  }
}

/** DBOS's own ways of ending an execution (it was cancelled, another process has taken it over), which it must see. */
export function isInterruption(error: unknown): boolean {
  return error instanceof DbosErrors.DBOSWorkflowConflictError || error instanceof DbosErrors.DBOSWorkflowCancelledError
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
