import type { Agent } from '../domain/agent.js'
import type { CrewConfig } from '../domain/crew-yml.js'
import { type Instruction, instructionsFor, readInstructions } from '../domain/instructions.js'
import { focusAreas } from '../domain/focus-areas.js'
import { numberedDiff } from '../domain/numbered-diff.js'
import type { Plan, PlanTask } from '../domain/plan.js'
import { commandsFor } from '../domain/stack/commands-for.js'
import { detectStack } from '../domain/stack/detect-stack.js'
import type { Stack } from '../domain/stack/stack.js'
import { wantedFiles } from '../domain/stack/wanted-files.js'
import { readChangedLines } from '../domain/unified-diff.js'
import type { CloneSource, Workspaces } from '../ports.js'
import type { AgentWork } from '../team/agent-work.js'
import { reviewBrief, taskBrief } from '../team/briefs.js'
import { systemPrompt } from '../team/prompts.js'
import { namedFiles } from '../workflow/named-files.js'

/** What one agent is to do alone. */
export interface LoneTask {
  agent: Agent
  what: string
  /** Globs that it may write to. */
  paths: string[]
  config: CrewConfig
  workspaces: Workspaces
  source: CloneSource
  commit: string
  /** The commit before it; null for a first one. */
  parent: string | null
}

/** The glob of all paths. */
export const everything = '**'

/**
 * The work of one agent alone, put together as a run puts it together: the same prompt, brief, tools and limits. A
 * reviewer is given what the last commit changed.
 */
export async function taskWork(task: LoneTask): Promise<AgentWork> {
  const { agent, config, workspaces, source, commit } = task
  const reviews = agent.role === 'reviewer'
  const role = reviews ? 'reviewer' : 'specialist'
  const { model, effort } = config.models[role]
  return {
    title: agent.name,
    agent: agent.name,
    model: agent.model ?? model,
    effort,
    system: systemPrompt(role, agent),
    brief: reviews ? await briefForReview(task) : await briefForTask(task),
    tools: agent.tools.filter(tool => tool !== 'run' || workspaces.commandsOff === null),
    worktree: { source, key: `task ${commit}`, tree: commit },
    mayWrite: { paths: reviews ? [] : task.paths, protectedPaths: config.protected_paths },
    ending: reviews ? { form: 'review' } : { form: 'report' },
    limits: {
      turns: Math.min(config.limits.turns, agent.maxTurns ?? Infinity),
      tokens: config.limits.tokens,
      minutes: config.limits.minutes,
      usd: Math.min(config.limits.usd, config.budget_usd),
    },
    commandTimeoutSeconds: config.commands.timeout_seconds,
  }
}

async function briefForTask(given: LoneTask): Promise<string> {
  const { agent, what, paths, config, workspaces, source, commit } = given
  const { files, instructions, stack } = await readTree(given)
  const issue = issueOf(what)
  const task: PlanTask = {
    number: 1,
    title: issue.title,
    agent: agent.name,
    paths,
    doneWhen: 'What is asked is done, and a test shows it where the project has tests.',
    brief: what,
    dependsOn: [],
    kind: 'work',
  }
  const plan: Plan = {
    id: 'none',
    version: 1,
    analysis: [],
    tasks: [task],
    agents: [],
    instructions: [],
    risks: [],
    budgetUsd: config.budget_usd,
  }
  // "Everything" names no file: what it needs, it then reads itself.
  const globs = paths.filter(path => path !== everything)
  return taskBrief({
    issue,
    files,
    instructions: instructionsFor(instructions, paths).texts,
    commands: commandsFor(stack, paths),
    plan,
    task,
    handoffs: [],
    named: await namedFiles(workspaces, source, { tree: commit, files, globs }),
    commandsOff: workspaces.commandsOff !== null || !agent.tools.includes('run'),
    setup: null,
    again: null,
  })
}

async function briefForReview(given: LoneTask): Promise<string> {
  const { what, workspaces, source, commit, parent } = given
  const { files, instructions } = await readTree(given)
  const diff = parent === null ? '' : await workspaces.diff(source, parent, commit)
  return reviewBrief({
    issue: issueOf(what),
    files,
    instructions: instructionsFor(instructions, null, 'reviewer').texts,
    plan: 'There is no plan: the diff is what the last commit changed.',
    tasks: [],
    reports: [],
    focus: [what],
    areas: focusAreas(readChangedLines(diff)),
    changed: [],
    sensitive: [],
    diff: numberedDiff(diff),
  })
}

async function readTree({
  workspaces,
  source,
  commit,
}: LoneTask): Promise<{ files: string[]; instructions: Instruction[]; stack: Stack }> {
  const files = (await workspaces.files(source, commit)).map(file => file.path)
  const read = (wanted: string[]) => workspaces.readMany(source, commit, wanted)
  const { instructions } = await readInstructions(files, read)
  return { files, instructions, stack: detectStack(files, await read(wantedFiles(files))) }
}

/** A text of several lines has its title in the first. */
function issueOf(what: string): { number: number; title: string; body: string } {
  const [title = '', ...body] = what.trim().split('\n')
  return { number: 1, title: title.trim(), body: body.join('\n').trim() }
}
