import { estimateCost, type Estimate } from '../domain/estimate.js'
import type { Neighbour, Neighbours } from '../domain/neighbours.js'
import type { Plan } from '../domain/plan.js'
import { GitHubRefusal } from '../ports.js'
import type { Run } from './run.js'

/** Pull requests of earlier runs that are looked at. Who labels an issue more often knows of them. */
const mostPullRequests = 3

/**
 * What goes on beside this run, from what the App itself knows. GitHub is asked only where an earlier run of the issue
 * came to a pull request: whether it is open still.
 */
export async function lookAround(run: Run, name: string): Promise<Neighbours> {
  const { journal, runs, github } = run.world
  const { repository, issue } = run.input
  return journal.step(`look around for ${name}`, async () => {
    const pullRequests: Neighbours['pullRequests'] = []
    const known = await runs.pullRequestsOf(repository.id, issue.number)
    for (const number of known.slice(0, mostPullRequests)) {
      const pull = await github.pullRequest(number).catch(gone)
      if (pull?.state === 'open') pullRequests.push({ number, url: pull.htmlUrl })
    }
    return { pullRequests, runs: await neighbourRuns(run) }
  })
}

/** The runs of other issues, once more: some may have come to a plan since. */
export const lookAtRunsAgain = (run: Run, name: string): Promise<Neighbour[]> =>
  run.world.journal.step(`runs beside ${name}`, () => neighbourRuns(run))

/** What finished runs of the repository let one expect of a plan. */
export const estimate = (run: Run, { version, tasks }: Plan): Promise<Estimate | null> =>
  run.world.journal.step(`estimate of plan ${version}`, async () => {
    const history = await run.world.runs.costsOf(run.input.repository.id)
    return estimateCost(tasks, { history, spentUsd: run.cost.usd })
  })

async function neighbourRuns({ input, world }: Run): Promise<Neighbour[]> {
  const records = await world.runs.underWay(input.repository.id)
  return records.flatMap(({ issue, plan }) => (plan && issue.number !== input.issue.number ? [{ issue, ...plan }] : []))
}

function gone(error: unknown): null {
  if (error instanceof GitHubRefusal && error.kind === 'not-found') return null
  throw error
}
