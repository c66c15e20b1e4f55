import { nameTasks } from '../task-numbers.js'
import type { Edge } from './execution-steps.js'
import type { ReadOrder } from './read-order.js'
import type { PlanTextProblem } from './source-lines.js'
import type { TextTask } from './task-blocks.js'

/** Tasks in the order in which they can be done, each with the tasks it needs, by their numbers in the text. */
export interface Ordered {
  tasks: { task: TextTask; needs: number[] }[]
  notes: string[]
  problems: PlanTextProblem[]
}

/**
 * What each task needs: what it says itself, else what the execution order says, else the task before it where nothing
 * says anything. The two must not contradict each other.
 */
export function orderTasks(tasks: readonly TextTask[], order: ReadOrder | null): Ordered {
  const numbers = tasks.map(task => task.number)
  const own: Edge[] = tasks.flatMap(task =>
    (task.needs ?? []).map(needs => ({
      task: task.number,
      needs,
      line: task.needsAt.line,
      column: task.needsAt.column,
    })),
  )
  const unknown = own.filter(edge => !numbers.includes(edge.needs))
  const problems: PlanTextProblem[] = unknown.map(({ line, column, needs }) => ({
    line,
    column,
    found: `task ${needs}`,
    expected: `tasks of this plan, by number: ${numbers.join(', ')}`,
  }))
  const { edges, note, missing } = stated(tasks, order)
  problems.push(...missing)
  if (problems.length > 0) return { tasks: [], notes: [], problems }
  const circle = findCircle([...own, ...(order?.edges ?? []), ...edges])
  if (circle) return { tasks: [], notes: [], problems: [circle] }

  const needsOf = (task: TextTask): number[] => {
    const all = task.needs ?? edges.filter(edge => edge.task === task.number).map(edge => edge.needs)
    return [...new Set(all)]
  }
  const sorted = sortByNeed(tasks.map(task => ({ task, needs: needsOf(task) })))
  const isRenumbered = sorted.some(({ task }, index) => task.number !== index + 1)
  const was = sorted.map(({ task }) => task.number).join(', ')
  return {
    tasks: sorted,
    notes: [
      ...(note === null ? [] : [note]),
      ...(isRenumbered ? [`The tasks are numbered anew, in the order in which they are done; they were ${was}.`] : []),
    ],
    problems: [],
  }
}

/** What is said of tasks that say nothing themselves. */
function stated(
  tasks: readonly TextTask[],
  order: ReadOrder | null,
): { edges: Edge[]; note: string | null; missing: PlanTextProblem[] } {
  if (order && order.placed.size > 0) {
    const lost = tasks.filter(task => task.needs === null && !order.placed.has(task.number))
    const missing = lost.map(({ line, column, number }) => ({
      line,
      column,
      found: `task ${number}, which the execution order doesn’t name`,
      expected: 'a place in the execution order, or a line `Needs: task 1` or `Needs: no other task` below the task',
    }))
    return { edges: order.edges, note: null, missing }
  }
  if (tasks.length < 2 || tasks.some(task => task.needs !== null)) return { edges: [], note: null, missing: [] }
  const numbers = tasks.map(task => task.number).sort((a, b) => a - b)
  const edges = tasks.flatMap(({ number, line, column }) => {
    const before = numbers[numbers.indexOf(number) - 1]
    return before === undefined ? [] : [{ task: number, needs: before, line, column }]
  })
  return { edges, note: 'No order is given, so the tasks follow one another.', missing: [] }
}

/** One circle, told where the last of what makes it is said. */
function findCircle(edges: readonly Edge[]): PlanTextProblem | null {
  const done = new Set<number>()
  const walk = (task: number, way: readonly Edge[]): readonly Edge[] | null => {
    const from = way.findIndex(edge => edge.task === task)
    if (from >= 0) return way.slice(from)
    if (done.has(task)) return null
    for (const edge of edges) {
      if (edge.task !== task) continue
      const found = walk(edge.needs, [...way, edge])
      if (found) return found
    }
    done.add(task)
    return null
  }
  for (const { task } of edges) {
    const circle = walk(task, [])
    if (!circle) continue
    const last = circle.reduce((a, b) => (a.line > b.line || (a.line === b.line && a.column > b.column) ? a : b))
    const tour = [...circle.map(edge => edge.task), circle[0]?.task ?? task]
    const found = tour.map(number => `task ${number}`).join(', which waits for ')
    return { line: last.line, column: last.column, found, expected: 'an order in which no task waits for itself' }
  }
  return null
}

/** Every task behind what it needs, and otherwise by number. The numbers hold no circle. */
function sortByNeed(tasks: readonly { task: TextTask; needs: number[] }[]): { task: TextTask; needs: number[] }[] {
  const left = [...tasks].sort((a, b) => a.task.number - b.task.number)
  const sorted: typeof left = []
  const done = new Set<number>()
  while (left.length > 0) {
    const at = left.findIndex(({ needs }) => needs.every(number => done.has(number)))
    const [next] = left.splice(at, 1)
    if (at < 0 || !next) throw new Error(`${nameTasks(left.map(({ task }) => task.number))} wait for each other`)
    sorted.push(next)
    done.add(next.task.number)
  }
  return sorted
}
