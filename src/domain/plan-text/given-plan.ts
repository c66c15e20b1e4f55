import type { AgentCard } from '../agent.js'
import { cleanText } from '../hidden-text.js'
import { checkPlan } from '../plan-check.js'
import type { PlanDraft, PlanTask } from '../plan.js'
import { looksLikePlan } from './find-plan.js'
import { parsePlanText } from './parse-plan-text.js'
import type { Place, PlanTextProblem } from './source-lines.js'

/** What a plan that a person wrote may leave to the tech lead, task by task. */
export interface Lacking {
  task: number
  parts: ('paths' | 'doneWhen' | 'brief')[]
}

/** What is wrong with it: a place that can't be read, or a sentence about the task that stands there. */
export type GivenProblem = PlanTextProblem | (Place & { sentence: string })

export type GivenPlan =
  /** It can be posted as it is. */
  | { kind: 'complete'; draft: PlanDraft; notes: string[] }
  /** It holds, and lacks something that specialists need. `tasks` are its tasks, with `[]` and `''` for that. */
  | { kind: 'incomplete'; draft: PlanDraft; tasks: PlanTask[]; lacking: Lacking[]; notes: string[] }
  | { kind: 'broken'; problems: GivenProblem[] }

/**
 * The plan that a person wrote, held against the roster; null where the text is none. As everywhere, only what shows of
 * the text counts. `from` is where the text begins in what its author wrote.
 */
export function readGivenPlan(text: string, roster: readonly AgentCard[], from?: Place): GivenPlan | null {
  const shown = cleanText(text).text
  if (!looksLikePlan(shown)) return null
  const reading = parsePlanText(shown, from)
  if (!reading.ok) {
    // Taking out what doesn't show moves lines: places are told in what was written, where they can be.
    const written = parsePlanText(text, from)
    return { kind: 'broken', problems: written.ok ? reading.problems : written.problems }
  }
  const { draft, places, notes } = reading
  const checked = checkPlan(withStandIns(draft), roster)
  if (!checked.ok)
    return { kind: 'broken', problems: checked.problems.map(sentence => ({ ...placeOf(sentence, places), sentence })) }
  const tasks = checked.tasks.map((task, index): PlanTask => {
    const given = draft.tasks[index]
    return given?.paths.length === 0 ? { ...task, paths: [] } : task
  })
  const lacking = tasks.flatMap((task): Lacking[] => {
    const parts: Lacking['parts'] = []
    if (task.kind === 'work' && task.paths.length === 0) parts.push('paths')
    if (task.doneWhen === '') parts.push('doneWhen')
    if (task.brief === '') parts.push('brief')
    return parts.length > 0 ? [{ task: task.number, parts }] : []
  })
  return lacking.length > 0 ? { kind: 'incomplete', draft, tasks, lacking, notes } : { kind: 'complete', draft, notes }
}

/** For the check: missing paths are the tech lead's to complete, and no fault. */
const withStandIns = (draft: PlanDraft): PlanDraft => ({
  ...draft,
  tasks: draft.tasks.map(task => (task.paths.length > 0 ? task : { ...task, paths: ['any'] })),
})

/** Where the task stands that a sentence of the check is about: it is the first that the sentence names. */
function placeOf(sentence: string, places: readonly Place[]): Place {
  const number = Number(/^Tasks? (\d+)/.exec(sentence)?.[1] ?? 1)
  return places[number - 1] ?? { line: 1, column: 1 }
}
