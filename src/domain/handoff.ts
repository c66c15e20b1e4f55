import type { PlanTask } from './plan.js'
import type { Report } from './report.js'

/** What a task's brief held beside its own part of the plan. */
export interface Given {
  /** Numbers of the tasks whose hand-offs it got. */
  handoffs: number[]
  /** Paths of the repository's own instructions. */
  instructions: string[]
  /** Files that stood in it in full. */
  files: string[]
  /** Files of its paths that were too long for it. */
  tooLong: string[]
}

/** "None.", "n/a", "Nothing further needed": words that fill the field and tell nobody anything. */
const empty =
  /^(?:no|none|nil|nothing|n\/?a|not applicable|nothing (?:else|more|special|further|to (?:add|report|hand (?:over|on|off)))|(?:no|none|nothing)(?: further| special| more)?(?: needs?| hand-?offs?| work)?(?: is)?(?: needed| required| necessary)?|tbd|todo|done|ok|see (?:above|report|the report))?$/

/** Whether a hand-off ("Next specialist needs") holds nothing that anybody could go by. */
export const saysNothing = (needs: readonly string[]): boolean =>
  needs.every(item =>
    empty.test(
      item
        .toLowerCase()
        .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')
        .replace(/\s+/g, ' '),
    ),
  )

/**
 * The tasks that build on what a task made, among those that are carried out. A review is none of them: it reads the
 * commits themselves.
 */
export const dependentsOf = (task: PlanTask, tasks: readonly PlanTask[]): PlanTask[] =>
  tasks.filter(other => other.kind === 'work' && other.dependsOn.includes(task.number))

/** A task whose dependents have nothing from it to go by, though its specialist was asked. */
export const leftNoHandoff = (task: PlanTask, report: Report, tasks: readonly PlanTask[]): boolean =>
  saysNothing(report.nextSpecialistNeeds) && dependentsOf(task, tasks).length > 0
