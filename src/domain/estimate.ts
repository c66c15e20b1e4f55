import type { PlanTask } from './plan.js'
import type { CostPart } from './run-record.js'

/** What a plan will probably cost, by what runs of the repository have cost. Survives JSON. */
export interface Estimate {
  /** Finished runs that it is drawn from. */
  runs: number
  /** What a task cost in them, US dollars. */
  task: { middle: number; from: number; to: number }
  /** For the whole run, with what planning has cost already. */
  usd: number
}

/** So many of its own has an agent whose costs are counted apart from everybody's. */
const enough = 3

/**
 * The middle of what each task's agent has cost so far, or of what anybody has where there is too little of that agent;
 * reviews likewise, of which every run has one. Null where nothing is known.
 */
export function estimateCost(
  tasks: readonly PlanTask[],
  { history, spentUsd }: { history: readonly (readonly CostPart[])[]; spentUsd: number },
): Estimate | null {
  const parts = history.flat()
  const costs = (kind: CostPart['kind'], agent?: string): number[] =>
    parts.filter(part => part.kind === kind && (agent ?? part.agent) === part.agent).map(({ usd }) => usd)
  const all = costs('task')
  if (all.length === 0) return null

  const likely = (kind: 'task' | 'review', agent: string): number => {
    const own = costs(kind, agent)
    return middle(own.length >= enough ? own : costs(kind))
  }
  const planned = tasks.map(task => likely(task.kind === 'review' ? 'review' : 'task', task.agent))
  const review = tasks.some(task => task.kind === 'review') ? 0 : middle(costs('review'))
  return {
    runs: history.length,
    task: { middle: middle(all), from: Math.min(...all), to: Math.max(...all) },
    usd: [spentUsd, ...planned, review].reduce((sum, usd) => sum + usd, 0),
  }
}

/** The median; 0 of nothing. */
function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
  return (lower + upper) / 2
}
