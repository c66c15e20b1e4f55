import { DBOS } from '@dbos-inc/dbos-sdk'
import { currentOwnerXid } from '@dbos-inc/dbos-sdk/internal/context'
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor'
import type pg from 'pg'
import { TransientError, type Engine, type Journal } from '../ports.js'
import { CHANNEL, UNDER_WAY } from './agreed-names.js'
import { startBackground } from './background.js'
import { Executions } from './executions.js'
import { openIntake, type Intake } from './intake.js'
import { createJournal, isCancellation, recordable, standStill, type JournalSetting } from './journal.js'
import { Lease } from './lease.js'
import { Mailbox } from './mailbox.js'
import { openPool } from './open-pool.js'
import { createMissingDatabase, launchAlone } from './prepare-database.js'
import { quietLogger } from './quiet-logger.js'
import { deleteEndedWorkflows } from './retention.js'
import { openSession } from './session.js'
import { executorOf, handOver, takeOverDeadSlots } from './takeover.js'
import { Wakeups } from './wakeups.js'
import { summary } from './workflow-summary.js'

export interface WorkflowDefinition {
  /**
   * Carries a version, as in `issue-to-pull-request.v1`: a run that is under way is replayed by the code of its name,
   * so code whose steps come in another order gets another name, and the old one stays until its runs have ended.
   */
  name: string
  /** Reads its input with a schema. Everything that depends on time, chance or the outside goes through the journal. */
  run: (input: unknown, journal: Journal, standing: Standing) => Promise<unknown>
  /**
   * How many of those that are started from outside go on at once in this process; all when left out. For short ones
   * that come in crowds; see `openIntake`. One that takes longer than 2 s no longer counts.
   */
  atOnce?: number
}

/** Whether an execution still has its workflow, for edges that do in its steps what can't be taken back. */
export interface Standing {
  /** Asks the database. @throws when another worker has taken the workflow over: then nothing may be done any more. */
  confirm(): Promise<void>
  /** The same where this process has reason to doubt it, as after it hung; otherwise it costs nothing. */
  confirmInDoubt(): Promise<void>
}

interface EngineOptions {
  databaseUrl: string
  workflows: WorkflowDefinition[]
  log: (line: string) => void
  /** A workflow ended as failed. */
  onWorkflowError?: (failure: { workflow: string; id: string; input: unknown; error: Error }) => void
  /** A step failed for a reason that waiting may mend, and will be tried again. */
  onRetry?: (wait: { id: string; step: string; error: Error; seconds: number }) => void
  /** When the engine stops, steps at work have so long to come to their end before they are broken off. 0 unless told. */
  finishWithinMs?: number
  /** Workflows that ended so many days ago are deleted with all that they recorded. 90 unless told. */
  keepEndedForDays?: number
}

/**
 * Starts the engine on a PostgreSQL database, which is created and brought up to date as needed, and goes on with the
 * workflows that earlier processes left unfinished. Any number of processes may share a database. DBOS, on which this
 * is built, is one per process: stop an engine before the next is started in the same process.
 *
 * @throws Error that says which address, what happened and what to do when the database can't be used (within 10 s).
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  if (DBOS.isInitialized()) throw new Error('An engine runs in this process already; stop it first.')
  const { databaseUrl, log } = options
  const wakeups = new Wakeups()
  await createMissingDatabase(databaseUrl)

  const settings = { connectionTimeoutMillis: 10_000, idle_in_transaction_session_timeout: 60_000 }
  const pool = openPool({ databaseUrl, purpose: 'engine', max: 20, log, settings })
  const mailbox = new Mailbox(pool, wakeups)
  const background = startBackground(log)
  const look = () => lookForMissed(pool, wakeups)
  const session = await openSession({
    databaseUrl,
    log,
    heard: what => {
      if (what.kind === 'mail') wakeups.mailCame(what.workflow)
      else background.run('looking for messages and cancellations', look)
    },
  })

  const workflows = new Map<string, (input: unknown) => Promise<unknown>>()
  const workflowOf = (name: string) => {
    const workflow = workflows.get(name)
    if (!workflow) throw new Error(`There is no workflow "${name}". There are: ${[...workflows.keys()].join(', ')}.`)
    return workflow
  }
  const intakes = new Map<string, Intake>()
  const executions = new Executions(pool)
  const lease = new Lease({
    pool,
    slot: session.slot,
    onReplaced: async () => {
      await session.confirm()
      const ended = await executions.endReplaced()
      log(`This process gave no sign of life; ${ended} workflow(s) that it had went on in others`)
    },
  })
  const setting: JournalSetting = {
    wakeups,
    executions,
    lease,
    mailbox,
    underWay: background.underWay,
    startWorkflow: async (name, id, input) => {
      await DBOS.startWorkflow(workflowOf(name), { workflowID: id })(input)
    },
    cancelWorkflow: async id => {
      await DBOS.cancelWorkflow(id)
      // Only makes it quick: every process looks for cancellations by itself too.
      await pool.query('SELECT pg_notify($1, $2)', [CHANNEL.cancel, id]).catch(() => {})
    },
    onRetry: wait => {
      log(`${wait.id}: "${wait.step}" failed (${wait.error.message}); trying again in ${Math.ceil(wait.seconds)} s`)
      options.onRetry?.(wait)
    },
  }
  for (const definition of options.workflows) {
    const { name, atOnce } = definition
    const workflow = register(definition, setting, options)
    workflows.set(name, workflow)
    if (atOnce === undefined) continue
    const start = async (id: string, input: unknown) => {
      const handle = await DBOS.startWorkflow(workflow, { workflowID: id })(input)
      return { over: handle.getResult() }
    }
    intakes.set(name, openIntake({ pool, workflow: name, atOnce, patienceMs: 2_000, start, run: background.run }))
  }

  const shutDown = async (): Promise<void> => {
    wakeups.leave()
    const finishing = background.stop(options.finishWithinMs ?? 0)
    // Others go on with what only waits while the rest comes to its end here.
    await DBOSExecutor.globalInstance?.deactivateEventReceivers()
    await release(wakeups.inStep)
    await finishing
    wakeups.stop()
    await background.stop(STOP_GRACE_MS)
    await DBOS.shutdown({ deregister: true })
    await release()
    lease.end()
    await pool.end()
    await session.close()
  }
  const release = async (except: string[] = []): Promise<void> => {
    // Without it they go on as those of a process that is gone.
    await handOver(pool, { slot: session.slot, except }).catch(() => {})
  }
  let stopping: Promise<void> | null = null
  const stop = (): Promise<void> => (stopping ??= shutDown())

  try {
    DBOS.setConfig({
      name: APPLICATION,
      systemDatabaseUrl: databaseUrl,
      systemDatabasePool: pool,
      // Constant: DBOS's own, a hash of the code, would leave behind the runs that a deploy finds under way.
      applicationVersion: APPLICATION,
      executorID: executorOf(session.slot),
      serializer: plainJson,
      logger: quietLogger(log, () => wakeups.stopped),
    })
    await launchAlone(databaseUrl, () => lease.begin())
    const takeOver = takeOverDeadSlots({ pool, session, log })
    await takeOver()
    await tellOfUnknownWorkflows({ pool, names: [...workflows.keys()], log })
    background.every(2_000, 'taking over the work of processes that are gone', takeOver)
    background.every(1_000, 'looking for messages and cancellations', look)
    for (const intake of intakes.values()) {
      intake.startWaiting()
      // What a process that is gone left there.
      background.every(2_000, 'looking for what waits to be started', async () => intake.startWaiting())
    }
    background.every(3_600_000, 'deleting old workflows', () =>
      deleteEndedWorkflows(options.keepEndedForDays ?? 90, pool),
    )
  } catch (error) {
    await stop().catch(() => {})
    throw error
  }

  return {
    start: (workflow, id, input) =>
      inTime(intakes.get(workflow)?.put(id, input) ?? setting.startWorkflow(workflow, id, input)),
    // A prefix of its own keeps these keys apart from those of workflows.
    send: (id, message, key) => inTime(mailbox.send({ to: id, body: message, idempotencyKey: `@${key}` })),
    list: async (prefix, only) => {
      const found = await DBOS.listWorkflows({
        workflow_id_prefix: prefix.replace(/[\\%_]/g, '\\$&'),
        ...(only && { status: ['PENDING', 'ENQUEUED', 'DELAYED'] }),
      })
      return found.map(summary)
    },
    stop,
  }
}

/** DBOS keeps the workflows of several applications in one database apart by this. */
const APPLICATION = 'issue-crew'
/** How long running steps get to notice that the engine stops. */
const STOP_GRACE_MS = 5_000
/** Below the 9 s after which Probot answers a webhook as accepted. */
const ANSWER_WITHIN_MS = 8_000

/**
 * DBOS waits for a database that is away, without end. Whoever calls from outside (a webhook) must learn of it, so that
 * it isn't taken for delivered; coming again later is harmless, as starting and sending are done once.
 */
async function inTime(call: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TransientError(`The database did not answer within ${ANSWER_WITHIN_MS / 1000} s.`)),
      ANSWER_WITHIN_MS,
    )
  })
  try {
    await Promise.race([call, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Legible in the database, and a replay gives what the first run gave. */
const plainJson = {
  name: () => 'json',
  stringify: (value: unknown) => JSON.stringify(value ?? null),
  parse: (text: string | null | undefined): unknown => (text === null || text === undefined ? null : JSON.parse(text)),
}

function register(
  { name, run }: WorkflowDefinition,
  setting: JournalSetting,
  { onWorkflowError }: EngineOptions,
): (input: unknown) => Promise<unknown> {
  const { wakeups, executions, lease } = setting
  const execute = async (input: unknown): Promise<unknown> => {
    const id = DBOS.workflowID ?? ''
    const execution = executions.enter(id, currentOwnerXid(id) ?? '')
    const isOver = (): boolean => wakeups.stopped || execution.replaced.aborted
    const confirm = (): Promise<void> => executions.confirm(execution)
    const confirmInDoubt = async (): Promise<void> => (lease.isSure ? undefined : confirm())
    try {
      const result = await run(input, createJournal(execution, setting), { confirm, confirmInDoubt })
      // What ends while the engine stops is replayed, and recorded, at the next start.
      return isOver() ? await standStill() : result
    } catch (error) {
      if (isOver()) return await standStill()
      if (isCancellation(error)) throw error
      const failure = recordable(error)
      onWorkflowError?.({ workflow: name, id, input, error: failure })
      throw failure
    } finally {
      executions.leave(execution)
    }
  }
  // The default, 100, counts every restart of the process.
  return DBOS.registerWorkflow(execute, { name, maxRecoveryAttempts: Number.MAX_SAFE_INTEGER })
}

/** Runs that an older version of the App left under way, and that this one doesn't know how to go on with. */
async function tellOfUnknownWorkflows(options: {
  pool: pg.Pool
  names: string[]
  log: (line: string) => void
}): Promise<void> {
  const { rows } = await options.pool.query<{ name: string; count: string }>(
    `SELECT name, count(*) AS count FROM dbos.workflow_status
     WHERE status IN ${UNDER_WAY} AND name <> ALL ($1) GROUP BY name ORDER BY name`,
    [options.names],
  )
  for (const { name, count } of rows) {
    options.log(
      `${count} run(s) of "${name}" stand still, because this version of the App has no workflow of that name. ` +
        'Start a version that has it to let them end.',
    )
  }
}

/** Wakes workflows for what was told while this process's listening connection was away. */
async function lookForMissed(pool: pg.Pool, wakeups: Wakeups): Promise<void> {
  const { inCancellation, inMail } = wakeups.interested()
  if (inCancellation.length === 0) return
  const { rows } = await pool.query<{ kind: 'mail' | 'cancel'; id: string }>(
    `SELECT 'cancel' AS kind, workflow_uuid AS id FROM dbos.workflow_status
       WHERE workflow_uuid = ANY ($1) AND status = 'CANCELLED'
     UNION SELECT 'mail', workflow_id FROM issue_crew.message WHERE workflow_id = ANY ($2) AND taken_by IS NULL`,
    [inCancellation, inMail],
  )
  for (const { kind, id } of rows) {
    if (kind === 'cancel') wakeups.cancelled(id)
    else wakeups.mailCame(id)
  }
}
