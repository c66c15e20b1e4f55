import type { AgentCard } from './agent.js'
import { defuse } from './defuse.js'
import { agentKey } from './agent-name.js'
import { globProblem, whyNever } from './path-rules.js'
import { type PlanDraft, planLimits, type PlanTask } from './plan.js'

export type { AgentCard }

export type PlanCheck =
  /** `notes` are sentences for the plan comment: which fallback was taken, what is unusually wide. */
  | { ok: true; tasks: PlanTask[]; notes: string[] }
  /** `problems` are sentences for the tech lead: what is wrong where, and what is allowed. */
  | { ok: false; problems: string[] }

type DraftTask = PlanDraft['tasks'][number]

/**
 * Checks what the tech lead handed in against the roster, and numbers its tasks. Agent names match without regard to
 * case and separators, with or without `@agent-`. A name that is not in the roster is a problem, for the tech lead to
 * mend; with `unknownAgent: 'universal'` the roster's universal specialist stands in for it, which `fallbackFor` and a
 * note then say. So they do where the tech lead says itself whom it missed.
 */
export function checkPlan(
  draft: PlanDraft,
  roster: readonly AgentCard[],
  options: { unknownAgent?: 'problem' | 'universal' } = {},
): PlanCheck {
  const problems: string[] = []
  const notes: string[] = []
  const tasks = draft.tasks.map((task, index): PlanTask => {
    const number = index + 1
    const { agent, stoodInFor } = chooseAgent(task, number, { roster, options, problems, notes })
    const kind = agent?.role === 'reviewer' ? 'review' : 'work'
    if (kind === 'work') problems.push(...pathProblems(task, number))
    if (kind === 'work' && task.paths.some(path => /^(?:\.\/)?\*\*(?:\/\*)?$/.test(path)))
      notes.push(`Task ${number} may touch every file of the repository.`)
    return {
      number,
      title: task.title.replace(/\s+/g, ' ').trim(),
      agent: agent?.name ?? task.agent,
      ...(stoodInFor !== undefined && { fallbackFor: stoodInFor }),
      paths: kind === 'review' ? [] : [...new Set(task.paths.map(fromTop))],
      doneWhen: task.doneWhen.trim(),
      brief: task.brief.trim(),
      dependsOn: [...new Set(task.dependsOn)].sort((a, b) => a - b),
      kind,
    }
  })
  problems.push(...dependencyProblems(tasks), ...cycleProblems(tasks), ...titleProblems(tasks))
  problems.push(...lengthProblems(draft, tasks))
  if (!tasks.some(task => task.kind === 'work'))
    problems.push(`The plan has no work task. Give at least one task to a specialist: ${names(roster, 'specialist')}.`)
  return problems.length > 0 ? { ok: false, problems } : { ok: true, tasks, notes }
}

interface Choice {
  roster: readonly AgentCard[]
  options: { unknownAgent?: 'problem' | 'universal' }
  problems: string[]
  notes: string[]
}

function chooseAgent(
  task: DraftTask,
  number: number,
  { roster, options, problems, notes }: Choice,
): { agent?: AgentCard; stoodInFor?: string } {
  const agent = roster.find(card => agentKey(card.name) === agentKey(task.agent))
  if (agent?.role === 'lead') {
    problems.push(
      `Task ${number} is given to ${agent.name}, the tech lead, who only plans. Assign one of: ${assignable(roster)}.`,
    )
    return {}
  }
  if (agent) {
    const missing = missingAgent(task, roster)
    const lack = missing === undefined ? 'no specialist here fits it better' : `there is no ${missing} here`
    // One that the repository brought was written for this work.
    const isUniversal = agent.universal && agent.origin !== 'repository'
    if (isUniversal) notes.push(`Task ${number} goes to ${agent.name}, a universal agent: ${lack}.`)
    else if (missing !== undefined) notes.push(`Task ${number} goes to ${agent.name}, the nearest specialist: ${lack}.`)
    return { agent, ...(missing !== undefined && { stoodInFor: missing }) }
  }
  const universal = roster.find(card => card.universal && card.role === 'specialist')
  if (options.unknownAgent === 'universal' && universal) {
    notes.push(
      `Task ${number} was meant for ${task.agent}, who is not available here: ${universal.name}, the universal agent, does it.`,
    )
    return { agent: universal, stoodInFor: task.agent }
  }
  problems.push(
    `Task ${number} names the agent "${task.agent}", which is not in the roster. Allowed: ${assignable(roster)}.`,
  )
  return {}
}

/** Who is said to be missing, unless it is here after all. */
function missingAgent({ insteadOf = '' }: DraftTask, roster: readonly AgentCard[]): string | undefined {
  const name = insteadOf
    .replace(/^@?agent-/i, '')
    .replace(/[^\p{L}\p{N}_. -]/gu, '')
    .trim()
  const isHere = roster.some(card => agentKey(card.name) === agentKey(name))
  return name === '' || isHere ? undefined : name
}

const names = (roster: readonly AgentCard[], role: AgentCard['role']): string =>
  roster
    .filter(card => card.role === role)
    .map(card => card.name)
    .join(', ')

const assignable = (roster: readonly AgentCard[]): string => {
  const reviewers = names(roster, 'reviewer')
  return [names(roster, 'specialist'), reviewers && `${reviewers} (review only)`].filter(Boolean).join(', ')
}

/** `./src/app.ts` → `src/app.ts` */
const fromTop = (path: string): string => path.replace(/^(?:\.\/)+/, '')

function pathProblems(task: DraftTask, number: number): string[] {
  if (task.paths.length === 0)
    return [`Task ${number} has no paths. Name the files it may create or change as globs, e.g. "accounts/**".`]
  return task.paths.flatMap(path => {
    const problem = globProblem(path) ?? globProblem(fromTop(path))
    if (problem !== null) return [`Task ${number}: the path ${JSON.stringify(path)} ${problem}.`]
    const never = whyNever(fromTop(path))
    return never === null
      ? []
      : [`Task ${number}: ${JSON.stringify(path)} ${never}. Leave it out, and say in the risks what a person must do.`]
  })
}

function dependencyProblems(tasks: readonly PlanTask[]): string[] {
  return tasks.flatMap(task =>
    task.dependsOn.flatMap(need => {
      const other = tasks[need - 1]
      if (!other)
        return [`Task ${task.number} depends on task ${need}, but the tasks are numbered 1 to ${tasks.length}.`]
      if (need === task.number) return [`Task ${task.number} depends on itself. Leave its own number out of dependsOn.`]
      if (need > task.number)
        return [
          `Task ${task.number} depends on task ${need}, which comes later. Put the tasks in the order in which they are done: dependsOn may only name smaller numbers.`,
        ]
      if (other.kind === 'review' && task.kind === 'work')
        return [
          `Task ${task.number} depends on task ${need}, a review. Reviews come after all work: nothing else may wait for one.`,
        ]
      return []
    }),
  )
}

function cycleProblems(tasks: readonly PlanTask[]): string[] {
  const done = new Set<number>()
  const found: string[] = []
  const walk = (number: number, way: readonly number[]): void => {
    if (way.includes(number)) {
      const circle = [...way.slice(way.indexOf(number)), number]
      if (circle.length > 2)
        found.push(`Tasks ${circle.join(' → ')} wait for each other in a circle. Remove one of these dependencies.`)
      return
    }
    if (done.has(number)) return
    for (const need of tasks[number - 1]?.dependsOn ?? []) walk(need, [...way, number])
    done.add(number)
  }
  for (const task of tasks) walk(task.number, [])
  return found
}

function titleProblems(tasks: readonly PlanTask[]): string[] {
  const seen = new Map<string, number>()
  return tasks.flatMap(task => {
    const key = task.title.toLowerCase()
    const first = seen.get(key)
    if (first === undefined) seen.set(key, task.number)
    return first === undefined
      ? []
      : [`Tasks ${first} and ${task.number} have the same title, "${task.title}". Make each say what it alone does.`]
  })
}

/**
 * What is approved must be shown whole, and what makes a text harmless makes it longer: a plan that doesn't fit its
 * comment is none.
 */
function lengthProblems(draft: PlanDraft, tasks: readonly PlanTask[]): string[] {
  const cutShort = tasks.filter(({ doneWhen }) => shownLength(doneWhen) > planLimits.doneWhen * 2)
  const lists = [...draft.analysis, ...draft.instructions, ...draft.risks, ...draft.agents.map(({ why }) => why)]
  const parts = tasks.flatMap(({ title, doneWhen, brief, paths }) => [title, doneWhen, ...brief.split('\n'), ...paths])
  const length = [...lists, ...parts].reduce((sum, text) => sum + shownLength(text) + 3, 0)
  return [
    ...cutShort.map(({ number }) => `Task ${number}: its doneWhen is too long to be shown. Say it shorter.`),
    ...(length > planLimits.shown
      ? [
          `The plan is too long to be shown whole: ${length} characters, with all that is escaped, where ${planLimits.shown} fit. Say it shorter: lists and briefs first.`,
        ]
      : []),
  ]
}

const shownLength = (text: string): number => defuse(text).length
