import { instructionsFor } from '../domain/instructions.js'
import { matchesGlob } from '../domain/path-rules.js'
import type { Plan, PlanTask } from '../domain/plan.js'
import { commandsFor } from '../domain/stack/commands-for.js'
import type { AgentWork } from '../team/agent-work.js'
import { taskBrief } from '../team/briefs.js'
import type { CloneSource, Workspaces } from '../ports.js'
import type { Delivered } from './approved.js'
import type { Look } from './look-at-repository.js'
import type { Run } from './run.js'
import { agentWork } from './work.js'

/** Characters of named files that a brief may hold: what a first turn would read anyway, and no more. */
const namedLimit = { file: 12_000, all: 36_000 }

/** A specialist's work on one task: its part of the plan, the hand-offs it builds on, the files it names. */
export async function specialistWork(
  run: Run,
  look: Look,
  given: { task: PlanTask; plan: Plan; key: string; tree: string; again: string | null; earlier: Delivered[] },
): Promise<AgentWork> {
  const { journal, workspaces } = run.world
  const { task, plan, key, tree, again, earlier } = given
  const agent = look.team.agents.find(agent => agent.name === task.agent)
  if (!agent) throw new Error(`task ${task.number} names ${task.agent}, whom the team lacks`)
  const brief = await journal.step(`brief of ${key}`, async () => {
    const files = (await workspaces.files(look.source.repository, tree)).map(file => file.path)
    return taskBrief({
      issue: look.clean,
      files,
      instructions: instructionsFor(look.instructions, task.paths).texts,
      commands: commandsFor(look.stack, task.paths),
      plan,
      task,
      handoffs: earlier.filter(({ task: { number } }) => neededBy(task, plan).has(number)),
      named: await namedFiles(workspaces, look.source, { tree, files, globs: task.paths }),
      commandsOff: workspaces.commandsOff !== null || !agent.tools.includes('run'),
      again,
    })
  })
  return agentWork(run, look, {
    title: `task ${task.number}`,
    role: 'specialist',
    agent,
    brief,
    ending: { form: 'report' },
    key,
    tree,
    paths: task.paths,
    protectedPaths: look.config.protected_paths,
  })
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

/** The existing files that a task's paths name, the small ones, as far as there is room. */
async function namedFiles(
  workspaces: Workspaces,
  source: CloneSource,
  { tree, files, globs }: { tree: string; files: string[]; globs: string[] },
): Promise<{ path: string; text: string | null }[]> {
  const named: { path: string; text: string | null }[] = []
  let room = namedLimit.all
  for (const path of files.filter(path => globs.some(glob => matchesGlob(path, glob))).slice(0, 30)) {
    const text = await workspaces.read(source, tree, path)
    if (text === null || text.trim() === '') continue
    const fits = text.length <= namedLimit.file && text.length <= room
    named.push({ path, text: fits ? text : null })
    if (fits) room -= text.length
  }
  return named
}
