import type { PlanTask } from '../domain/plan.js'
import { replies } from '../domain/say/replies.js'
import type { SetupOrder, SetupOutcome } from '../domain/setup.js'
import type { Journal, Workspaces } from '../ports.js'
import type { Setup } from './approved.js'
import type { Look } from './look-at-repository.js'
import type { Run } from './run.js'
import { messageOf, setBudget } from './work.js'
import { workflows, type RunMessage, type SetupInput } from './world.js'

/**
 * Has the repository's setup run on the approved commit, where `crew.yml` has one and anybody could use what it makes.
 * One that fails, or can't be run here, is told, and the work goes on without. Null: there is none.
 */
export async function setUp(
  run: Run,
  look: Look,
  { version, commit, tasks }: { version: number; commit: string; tasks: PlanTask[] },
): Promise<Setup | null> {
  const { setup } = look.config
  const runsCommands = (task: PlanTask): boolean =>
    task.kind === 'work' && look.team.agents.some(({ name, tools }) => name === task.agent && tools.includes('run'))
  if (!setup || !tasks.some(runsCommands)) return null
  const order: SetupOrder = {
    commit,
    commands: setup.commands,
    registries: setup.registries,
    cachedBy: setup.cached_by ?? null,
    timeoutSeconds: setup.timeout_seconds ?? null,
  }
  const outcome: SetupOutcome =
    look.commandsOff === null
      ? await atWork(run, `setup:${run.id}:v${version}`, { run: run.id, source: look.source, order })
      : { kind: 'off', why: look.commandsOff }
  run.note({ notice: null, setup: outcome })
  return { order, outcome }
}

/** Starts it as a workflow of its own, so that people are heard meanwhile, and waits for its end. */
async function atWork(run: Run, id: string, input: SetupInput): Promise<SetupOutcome> {
  const { journal } = run.world
  await run.show({ phase: 'working', notice: replies.settingUp(input.order.commands) })
  await journal.start(workflows.setup, id, input)
  try {
    for (;;) {
      const message = await run.next()
      if (message.kind === 'setup-ended' && message.id === id) return message.outcome
      if (message.kind !== 'command') continue
      if (message.command.kind === 'budget') await setBudget(run, message.command.usd, message)
      else await run.notNow(message)
    }
  } catch (error) {
    await journal.cancel(id)
    throw error
  }
}

/** Setup's own workflow: it tells its run what came of it. What throws is a failure, too. */
export async function setupAtWork(
  { run, source, order }: SetupInput,
  { journal, workspaces }: { journal: Journal; workspaces: Workspaces },
): Promise<SetupOutcome> {
  const outcome = await attempt()
  await journal.send(run, { kind: 'setup-ended', id: journal.id, outcome } satisfies RunMessage)
  return outcome

  async function attempt(): Promise<SetupOutcome> {
    try {
      return await journal.step('setup', signal => workspaces.setUp(source, order, signal))
    } catch (error) {
      const how = `could not be run: ${messageOf(error)}`
      return { kind: 'failed', command: order.commands[0] ?? '', how, output: '', refused: [] }
    }
  }
}
