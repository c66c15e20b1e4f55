import { oneLine } from './defuse.js'
import type { Plan, PlanTask } from './plan.js'
import { nameTasks } from './task-numbers.js'

/**
 * What a maintainer must know of a new version, one sentence a change: tasks that came, went, moved or changed, the
 * budget, risks. Tasks are matched by title, and those left over by place and agent. `[]` when nothing of it differs.
 */
export function diffPlans(before: Plan, after: Plan): string[] {
  const pairs = matchTasks(before.tasks, after.tasks)
  const matchedNew = new Map(pairs.map(([old, now]) => [now.number, old]))
  const renumbered = new Map(pairs.map(([old, now]) => [old.number, now.number]))
  const gone = before.tasks.filter(task => !renumbered.has(task.number))
  return [
    ...gone.map(task => `Gone: “${oneLine(task.title, 100)}” (was task ${task.number})`),
    ...after.tasks.flatMap(task => {
      const old = matchedNew.get(task.number)
      if (!old) return [`New: task ${task.number}, “${oneLine(task.title, 100)}” (${task.agent})`]
      const changes = taskChanges(old, task, renumbered)
      return changes.length > 0 ? [`Task ${task.number}: ${changes.join('; ')}`] : []
    }),
    ...listChanges('risk', before.risks, after.risks),
    ...(before.budgetUsd === after.budgetUsd
      ? []
      : [`Budget: $${after.budgetUsd.toFixed(2)} instead of $${before.budgetUsd.toFixed(2)}`]),
  ]
}

function matchTasks(before: readonly PlanTask[], after: readonly PlanTask[]): [PlanTask, PlanTask][] {
  const pairs: [PlanTask, PlanTask][] = []
  const free = new Set(before)
  const take = (now: PlanTask, fits: (old: PlanTask) => boolean): boolean => {
    const old = [...free].find(fits)
    if (!old) return false
    free.delete(old)
    pairs.push([old, now])
    return true
  }
  const left = after.filter(now => !take(now, old => old.title.toLowerCase() === now.title.toLowerCase()))
  for (const now of left) take(now, old => old.number === now.number && old.agent === now.agent)
  return pairs
}

function taskChanges(old: PlanTask, now: PlanTask, renumbered: ReadonlyMap<number, number>): string[] {
  const needed = old.dependsOn.map(number => renumbered.get(number)).filter(number => number !== undefined)
  const added = now.paths.filter(path => !old.paths.includes(path))
  const removed = old.paths.filter(path => !now.paths.includes(path))
  return [
    old.number === now.number ? null : `was task ${old.number}`,
    old.title.toLowerCase() === now.title.toLowerCase() ? null : `now “${oneLine(now.title, 100)}”`,
    old.agent === now.agent ? null : `${now.agent} instead of ${old.agent}`,
    added.length > 0 ? `may also touch ${code(added)}` : null,
    removed.length > 0 ? `may no longer touch ${code(removed)}` : null,
    old.doneWhen === now.doneWhen ? null : `done when: ${oneLine(now.doneWhen, 200)}`,
    sameNumbers(needed, now.dependsOn)
      ? null
      : now.dependsOn.length > 0
        ? `needs ${nameTasks(now.dependsOn)}`
        : 'needs no other task',
    old.brief === now.brief ? null : 'its brief is worded anew',
  ].filter(change => change !== null)
}

const code = (paths: readonly string[]): string => paths.map(path => `\`${path.replaceAll('`', '')}\``).join(', ')

const sameNumbers = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every(number => b.includes(number))

function listChanges(thing: string, before: readonly string[], after: readonly string[]): string[] {
  return [
    ...after.filter(item => !before.includes(item)).map(item => `New ${thing}: ${oneLine(item, 200)}`),
    ...before.filter(item => !after.includes(item)).map(item => `No longer a ${thing}: ${oneLine(item, 200)}`),
  ]
}
