import { globsMayMeet } from './glob-overlap.js'
import { pathsOf, type PlanTask } from './plan.js'
import type { RunRecord } from './run-record.js'

/** What goes on in a repository beside a run. Survives JSON. */
export interface Neighbours {
  /** Open pull requests of earlier runs of the same issue, newest first. */
  pullRequests: { number: number; url: string }[]
  /** Runs of other issues that have a plan, oldest first. */
  runs: Neighbour[]
}

export interface Neighbour extends NonNullable<RunRecord['plan']> {
  issue: RunRecord['issue']
}

/** Runs whose plans may touch what these tasks may, each with the tasks' paths that meet theirs. */
export function meetingRuns(
  tasks: readonly PlanTask[],
  runs: readonly Neighbour[],
): { run: Neighbour; paths: string[] }[] {
  const own = pathsOf(tasks)
  return runs
    .map(run => ({ run, paths: own.filter(path => run.paths.some(other => globsMayMeet(path, other))) }))
    .filter(({ paths }) => paths.length > 0)
}
