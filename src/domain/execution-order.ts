import type { PlanTask } from './plan.js'

/**
 * The waves in which a plan can be carried out: each wave's tasks need only tasks of earlier waves, and stand as early
 * as that allows. Reviews read the whole pull request, so they come last, one after the other. Task numbers, ascending
 * within a wave. Dependencies on tasks that are not in `tasks` (an approval of some) are taken as met.
 */
export function stages(tasks: readonly Pick<PlanTask, 'number' | 'dependsOn' | 'kind'>[]): number[][] {
  const waveOf = new Map<number, number>()
  const work = tasks.filter(task => task.kind === 'work').sort((a, b) => a.number - b.number)
  // Dependencies point at lower numbers only, so one pass in plan order finds every wave.
  for (const task of work)
    waveOf.set(task.number, Math.max(0, ...task.dependsOn.map(number => (waveOf.get(number) ?? -1) + 1)))
  const waves: number[][] = []
  for (const [number, wave] of waveOf) (waves[wave] ??= []).push(number)
  const reviews = tasks.filter(task => task.kind === 'review').map(task => [task.number])
  return [...waves, ...reviews.sort(([a = 0], [b = 0]) => a - b)]
}

/**
 * Which of the wished tasks lack a task that they depend on, directly or through others, in what was wished together
 * with what is done already. `[]` when the wish can be carried out as it is.
 */
export function missingDependencies(
  tasks: readonly Pick<PlanTask, 'number' | 'dependsOn'>[],
  wished: readonly number[],
): { task: number; needs: number[] }[] {
  const all = new Map(tasks.map(task => [task.number, task]))
  return wished.flatMap(number => {
    const needs = new Set<number>()
    const queue = [...(all.get(number)?.dependsOn ?? [])]
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (needs.has(next)) continue
      needs.add(next)
      queue.push(...(all.get(next)?.dependsOn ?? []))
    }
    const missing = [...needs].filter(need => !wished.includes(need)).sort((a, b) => a - b)
    return missing.length > 0 ? [{ task: number, needs: missing }] : []
  })
}
