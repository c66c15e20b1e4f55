import { randomUUID } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { loadDotEnv, readDatabaseConfig, type DatabaseConfig, type Environment } from '../config.js'
import type { CrewEvent } from '../domain/event.js'
import { isQuiet, runStates, type RunView } from '../domain/run-view.js'
import { renderRun, renderRuns, runsText } from '../domain/say/runs-text.js'
import { openOperatorDesk, type OperatorDesk } from '../durable/operator-desk.js'
import { startOwnPostgres } from '../durable/own-postgres.js'
import { runPrefix, workflows, type RunInput, type RunMessage } from '../workflow/world.js'
import { agentViews, runView, stepViews } from './run-views.js'
import type { Terminal } from './terminal.js'

/** What is wanted of the runs. */
export type RunsCommand =
  | { verb: 'list'; json: boolean; all: boolean; state: string | undefined }
  | { verb: 'show'; id: string; json: boolean; steps: boolean }
  | { verb: 'cancel' | 'retry' | 'resume'; id: string }

/** Reads `.env` as `start` does, and does what is wanted on the App's database. Resolves with the exit status. */
export async function runs(command: RunsCommand, terminal: Terminal): Promise<number> {
  const unreadable = loadDotEnv(resolve('.env'))
  if (unreadable) return refuse([unreadable], terminal)
  return manageRuns(command, process.env, terminal)
}

/**
 * Lists, shows, cancels, retries and resumes runs for whoever runs the App, whether or not it is running: what it is to
 * do is left where it finds it. Resolves with the exit status: 0 done, 1 not done and why, 2 wrong settings.
 */
export async function manageRuns(command: RunsCommand, env: Environment, terminal: Terminal): Promise<number> {
  const checked = readDatabaseConfig(env)
  if (!checked.ok) return refuse(checked.problems, terminal)
  let opened
  try {
    opened = await openDatabase(checked.config)
  } catch (error) {
    return refuse([error instanceof Error ? error.message : String(error)], terminal)
  }
  const { desk, close } = opened
  try {
    const { say, status } = await obey(command, { desk, web: checked.config.web })
    terminal.say(say)
    return status
  } finally {
    await close()
  }
}

function refuse(problems: string[], terminal: Terminal): number {
  terminal.say(problems.join('\n'))
  return 2
}

async function openDatabase(config: DatabaseConfig): Promise<{ desk: OperatorDesk; close(): Promise<void> }> {
  const dataDir = join(config.home, 'postgres')
  if (config.databaseUrl === undefined && !(await stat(dataDir).catch(() => null)))
    throw new Error(
      `No App has run with ${config.home} yet. Set CREW_HOME or DATABASE_URL as for \`issue-crew start\`, or call this in the same directory.`,
    )
  const postgres = config.databaseUrl === undefined ? await startOwnPostgres({ dataDir, log: () => {} }) : null
  try {
    const desk = await openOperatorDesk(config.databaseUrl ?? postgres?.databaseUrl ?? '')
    const close = async (): Promise<void> => {
      await desk.close()
      await postgres?.stop()
    }
    return { desk, close }
  } catch (error) {
    await postgres?.stop()
    throw error
  }
}

interface Room {
  desk: OperatorDesk
  /** Where people see issues. */
  web: string
}

interface Answer {
  say: string
  status: 0 | 1
}

const done = (...lines: string[]): Answer => ({ say: lines.join('\n'), status: 0 })
const notDone = (...lines: string[]): Answer => ({ say: lines.join('\n'), status: 1 })

async function obey(command: RunsCommand, room: Room): Promise<Answer> {
  switch (command.verb) {
    case 'list':
      return list(command, room)
    case 'resume':
      return resume(command.id, room)
    case 'show':
    case 'cancel':
    case 'retry': {
      const run = await find(command.id, room)
      if (!run) return notDone(runsText.unknown(command.id))
      if (command.verb === 'show') return show(run, command, room)
      return command.verb === 'cancel' ? cancel(run, room) : retry(run, room)
    }
  }
}

async function list({ json, all, state }: Extract<RunsCommand, { verb: 'list' }>, room: Room): Promise<Answer> {
  if (state !== undefined && !runStates.some(known => known === state))
    return notDone(runsText.unknownState(state, runStates))
  const known = await views('run:', room)
  const wanted = known.filter(run => (state === undefined ? all || !isQuiet(run.state) : run.state === state))
  if (json) return done(JSON.stringify(wanted, null, 2))
  return done(wanted.length === 0 ? runsText.none(all) : renderRuns(wanted))
}

async function show(
  run: RunView,
  { json, steps: allSteps }: Extract<RunsCommand, { verb: 'show' }>,
  { desk }: Room,
): Promise<Answer> {
  const agents = agentViews(await desk.workflows(workflows.agent, `agent:${run.id}:`))
  const steps = stepViews(await desk.steps(run.id))
  return done(
    json ? JSON.stringify({ ...run, agents, steps }, null, 2) : renderRun({ run, agents, steps }, { allSteps }),
  )
}

/** As `/cancel` does: the run itself stops its agents and says so on its issue. */
async function cancel(run: RunView, room: Room): Promise<Answer> {
  if (run.state === 'halted') return notDone(runsText.isHalted(run))
  if (!run.active) return notDone(runsText.ended(run))
  await tell(run, 'cancel', room)
  if (await endsSoon(run, room)) return done(runsText.cancelled(run))
  return done(runsText.toldToCancel(run), runsText.heardLater(await room.desk.processes()))
}

/** As `/retry` does; where the run has ended, its issue gets another one, as by its label. */
async function retry(run: RunView, room: Room): Promise<Answer> {
  if (run.state === 'halted') return notDone(runsText.isHalted(run))
  if (run.active) {
    if (run.failure === null && run.notice === null && run.state !== 'asking')
      return notDone(runsText.nothingToRetry(run))
    await tell(run, 'retry', room)
    return withoutApp(done(runsText.toldToRetry(run)), room)
  }
  if (run.state === 'done') return notDone(runsText.ended(run))
  const started = (await room.desk.workflows(workflows.run, run.id)).find(({ id }) => id === run.id)
  if (!started) return notDone(runsText.unknown(run.id))
  const { repository, issue, by, labelledAt: at } = started.input as RunInput
  const others = await views(runPrefix(repository, issue.number), room)
  const other = others.find(({ active }) => active)
  if (other) return notDone(runsText.anotherRuns(run, other))
  const delivery = `operator-${randomUUID()}`
  const event: CrewEvent = { kind: 'labelled', delivery, repository, issue, by, at, anew: true }
  await room.desk.begin(workflows.delivery, `delivery:${delivery}`, event)
  return withoutApp(done(runsText.begunAnew(run)), room)
}

/** Takes agents' ids, too: they are workflows of their own. */
async function resume(id: string, { desk }: Room): Promise<Answer> {
  const name = id.startsWith('agent:') ? workflows.agent : workflows.run
  const workflow = (await desk.workflows(name, id)).find(one => one.id === id)
  if (!workflow) return notDone(runsText.unknown(id))
  if (workflow.state !== 'halted') return notDone(runsText.notHalted(id, workflow.state))
  await desk.resume(id)
  return withoutApp(done(runsText.resumed(id)), { desk })
}

async function tell(run: RunView, wants: 'cancel' | 'retry', { desk }: Room): Promise<void> {
  const message: RunMessage = { kind: 'operator', wants }
  await desk.send(run.id, message, `operator:${randomUUID()}`)
}

async function withoutApp(answer: Answer, { desk }: Pick<Room, 'desk'>): Promise<Answer> {
  const processes = await desk.processes()
  return processes > 0 ? answer : { ...answer, say: `${answer.say}\n${runsText.heardLater(0)}` }
}

/** A run that does nothing that takes long hears it at once. */
async function endsSoon(run: RunView, room: Room): Promise<boolean> {
  if ((await room.desk.processes()) === 0) return false
  for (let tries = 0; tries < 50; tries++) {
    if ((await find(run.id, room))?.state === 'cancelled') return true
    await wait(200)
  }
  return false
}

async function views(prefix: string, { desk, web }: Room): Promise<RunView[]> {
  return (await desk.workflows(workflows.run, prefix)).map(row => runView(row, { web, now: Date.now() }))
}

async function find(id: string, room: Room): Promise<RunView | undefined> {
  return (await views(id, room)).find(run => run.id === id)
}
