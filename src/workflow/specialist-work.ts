import { dependentsOf, type Given } from '../domain/handoff.js'
import { instructionsFor } from '../domain/instructions.js'
import type { Plan, PlanTask } from '../domain/plan.js'
import { commandsFor } from '../domain/stack/commands-for.js'
import type { AgentWork } from '../team/agent-work.js'
import { taskBrief } from '../team/briefs.js'
import type { Approved, Delivered } from './approved.js'
import type { Look } from './look-at-repository.js'
import { namedFiles } from './named-files.js'
import type { Run } from './run.js'
import { agentWork } from './work.js'

/**
 * A specialist's work on one task: its part of the plan, the hand-offs it builds on, the files it names; with a list of
 * what of this it was given, for people.
 */
export async function specialistWork(
  run: Run,
  look: Look,
  asked: {
    task: PlanTask
    approved: Pick<Approved, 'plan' | 'tasks' | 'setup'>
    key: string
    tree: string
    again: string | null
    earlier: Delivered[]
  },
): Promise<{ work: AgentWork; given: Given }> {
  const { journal, workspaces } = run.world
  const { task, approved, key, tree, again, earlier } = asked
  const { plan, setup } = approved
  const agent = look.team.agents.find(agent => agent.name === task.agent)
  if (!agent) throw new Error(`task ${task.number} names ${task.agent}, whom the team lacks`)
  const commandsOff = look.commandsOff !== null || !agent.tools.includes('run')
  const furnished = setup !== null && !commandsOff ? setup : null
  const { brief, given } = await journal.step(`brief of ${key}`, async () => {
    const files = (await workspaces.files(look.source, tree)).map(file => file.path)
    const instructions = instructionsFor(look.instructions, task.paths).texts
    const handoffs = earlier.filter(({ task: { number } }) => neededBy(task, plan).has(number))
    const named = await namedFiles(workspaces, look.source, { tree, files, globs: task.paths })
    const text = taskBrief({
      issue: look.clean,
      files,
      instructions,
      commands: commandsFor(look.stack, task.paths),
      plan,
      task,
      handoffs,
      named,
      commandsOff,
      setup: furnished && (furnished.outcome.kind === 'ready' ? 'done' : 'failed'),
      again,
    })
    const pathsOf = (some: { path: string }[]): string[] => some.map(({ path }) => path)
    return {
      brief: text,
      given: {
        handoffs: handoffs.map(({ task: { number } }) => number),
        instructions: pathsOf(instructions),
        files: pathsOf(named.filter(({ text }) => text !== null)),
        tooLong: pathsOf(named.filter(({ text }) => text === null)),
      },
    }
  })
  const work = agentWork(run, look, {
    title: `task ${task.number}`,
    role: 'specialist',
    agent,
    brief,
    ending: {
      form: 'report',
      handsTo: dependentsOf(task, approved.tasks).map(({ number, title }) => ({ number, title })),
    },
    key,
    tree,
    paths: task.paths,
    protectedPaths: look.config.protected_paths,
    setup: furnished?.outcome.kind === 'ready' ? furnished.order : null,
  })
  return { work, given }
}

/** Numbers of the tasks that a task depends on, directly or through others. */
function neededBy(task: PlanTask, plan: Plan): Set<number> {
  const needed = new Set<number>()
  const queue = [...task.dependsOn]
  for (let number = queue.pop(); number !== undefined; number = queue.pop()) {
    if (needed.has(number)) continue
    needed.add(number)
    queue.push(...(plan.tasks.find(other => other.number === number)?.dependsOn ?? []))
  }
  return needed
}
