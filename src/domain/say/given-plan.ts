import { inlineCode } from '../code-markdown.js'
import { defuseLine } from '../defuse.js'
import { diffPlans } from '../diff-plans.js'
import type { GivenPlan, GivenProblem, Lacking } from '../plan-text/given-plan.js'
import type { Plan } from '../plan.js'
import { nameTasks } from '../task-numbers.js'
import { bullets, sections } from './lists.js'

/** Whose plan a plan is. */
export interface Given {
  by: string
  where: 'comment' | 'issue'
  /** What was given, where the tech lead completed it. */
  completed: Extract<GivenPlan, { kind: 'incomplete' }> | null
}

/** What the plan comment begins with when somebody else than the tech lead made the plan. */
export function renderGiven({ by, where, completed }: Given, plan: Plan): string {
  const who = inlineCode(`@${by}`)
  const origin = `**As given** ${where === 'comment' ? `in ${who}’s comment` : `by ${who} in the issue`}`
  if (!completed) return `${origin}; the tech lead was not asked.`
  const changes = diffPlans(filledFrom(completed, plan), plan)
  return sections(
    `${origin}; the tech lead completed ${describeLacking(completed.lacking)}.`,
    changes.length > 0 ? `It also differs from what was given:\n${bullets(changes)}` : '',
  )
}

/** "the paths of task 1, the briefs of tasks 1 and 2" */
export function describeLacking(lacking: readonly Lacking[]): string {
  const words = { paths: 'the paths', doneWhen: '“Done when”', brief: 'the brief' } as const
  return Object.entries(words)
    .map(([part, name]) => {
      const numbers = lacking.filter(({ parts }) => parts.some(one => one === part)).map(({ task }) => task)
      return numbers.length > 0 ? `${name} of ${nameTasks(numbers)}` : ''
    })
    .filter(Boolean)
    .join(', ')
}

/** Problems of a plan, one a line, at most twenty. */
export function listProblems(problems: readonly GivenProblem[]): string {
  const lines = problems
    .slice(0, 20)
    .map(problem => `- line ${problem.line}, column ${problem.column}: ${describe(problem)}`)
  return [...lines, ...(problems.length > 20 ? [`- and ${problems.length - 20} more`] : [])].join('\n')
}

/** The first problem as the end of a sentence, for where there is no room for more. */
export function firstProblem([first, ...more]: readonly GivenProblem[]): string {
  if (!first) return ''
  const others = more.length > 0 ? `, and ${more.length} more` : ''
  return `line ${first.line}, column ${first.column}: ${describe(first)}${others}`
}

const describe = (problem: GivenProblem): string =>
  'sentence' in problem
    ? defuseLine(problem.sentence, 500)
    : `found ${inlineCode(problem.found)}; allowed: ${defuseLine(problem.expected, 300)}`

/** The given plan, with what it lacked as it is now: what still differs was changed. */
function filledFrom({ draft, tasks }: Extract<GivenPlan, { kind: 'incomplete' }>, plan: Plan): Plan {
  return {
    ...plan,
    risks: draft.risks.length > 0 ? draft.risks : plan.risks,
    tasks: tasks.map(task => {
      const title = task.title.toLowerCase()
      const now =
        plan.tasks.find(one => one.title.toLowerCase() === title) ?? plan.tasks.find(one => one.number === task.number)
      return {
        ...task,
        paths: task.paths.length > 0 ? task.paths : (now?.paths ?? []),
        doneWhen: task.doneWhen || (now?.doneWhen ?? ''),
        brief: task.brief || (now?.brief ?? ''),
      }
    }),
  }
}
