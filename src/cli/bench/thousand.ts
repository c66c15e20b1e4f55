import { gatherCrowd, type Crowd } from './crowd.js'
import { rounded } from './figures.js'
import { count, mb, scenario } from './scenario.js'

interface CrowdFigures {
  issues: number
  finished: number
  seconds: number
  /** GitHub's minutes for one of the scenario's. */
  timesAsFast: number
  /** Requests that GitHub refused for a limit. */
  refused: number
  requests: { all: number; content: number }
  /** Plans that came after a plan for a later issue of their repository; pull requests, after one whose plan came later. */
  outOfOrder: { plans: number; pulls: number }
  memory: { share: number; rssBytes: number; heapBytes: number }[]
  cpuSeconds: number
}

const shares = [0.1, 0.25, 0.5, 0.75, 1]

/** Ten installations with five repositories each, whose limits are GitHub's own with time going faster. */
const crowdOf = (issuesEach: number, timesAsFast: number) =>
  scenario<CrowdFigures>({
    title: `${50 * issuesEach} labelled issues over fifty repositories, GitHub's limits on, an hour of them in ${Math.round(3600 / timesAsFast)} s`,
    async measure() {
      const ms = (real: number): number => Math.ceil(real / timesAsFast)
      const issues = 50 * issuesEach
      const crowd = await gatherCrowd({
        installations: 10,
        repositoriesEach: 5,
        issuesEach,
        approves: true,
        github: {
          writeSpacingMs: ms(1_000),
          budgets: {
            content: [
              { requests: 72, ms: ms(60_000) },
              { requests: 450, ms: ms(3_600_000) },
            ],
            points: [{ requests: 40, ms: ms(60_000) }],
          },
        },
        rateLimits: {
          perHour: 5_000,
          contentPerMinute: 80,
          contentPerHour: 500,
          pointsPerMinute: 900,
          timesAsFast,
        },
        // One after the other in a repository, so that an order can be seen.
        limits: { runsAtOnce: { repository: 1, installation: 5 }, statusSpacingMs: ms(3_000) },
      })
      try {
        const began = performance.now()
        const memory: CrowdFigures['memory'] = []
        const labelled = crowd.label()
        for (const share of shares) {
          await crowd.reach(crowd.ready, Math.ceil(share * issues))
          const { rssBytes, heapBytes } = await crowd.crew.memory()
          memory.push({ share, rssBytes, heapBytes })
        }
        await labelled
        const seconds = rounded((performance.now() - began) / 1000)
        const { cpuMs } = await crowd.crew.memory()
        return {
          issues,
          finished: new Set(crowd.ready).size,
          seconds,
          timesAsFast,
          refused: crowd.refusals(),
          requests: crowd.requests(),
          outOfOrder: orders(crowd),
          memory,
          cpuSeconds: rounded(cpuMs / 1000),
        }
      } finally {
        await crowd.close()
      }
    },
    rows: figures => {
      const { issues, finished, seconds, refused, requests, memory, cpuSeconds } = figures
      return [
        { what: 'finished', measured: count(finished), target: count(issues) },
        { what: 'requests refused for a limit', measured: count(refused), target: '0' },
        { what: 'plans out of the order of their issues', measured: count(figures.outOfOrder.plans), target: '0' },
        {
          what: 'pull requests out of the order of their plans',
          measured: count(figures.outOfOrder.pulls),
          target: '0',
        },
        ...memory.map(({ share, rssBytes, heapBytes }) => ({
          what: `memory of the App at ${Math.round(share * 100)} %`,
          measured: `${mb(rssBytes)} (heap ${mb(heapBytes)})`,
        })),
        { what: 'time, and the App’s processor time', measured: `${count(seconds)} s, ${count(cpuSeconds)} s` },
        { what: 'requests, content-creating ones', measured: `${count(requests.all)}, ${count(requests.content)}` },
      ]
    },
  })

export const hundred = crowdOf(2, 60)
export const thousand = crowdOf(20, 10)

function orders({ planned, opened }: Crowd): CrowdFigures['outOfOrder'] {
  const numberOf = (issue: string): number => Number(issue.split('#')[1])
  return {
    plans: outOfOrder(planned, numberOf),
    pulls: outOfOrder(opened, issue => planned.indexOf(issue)),
  }
}

/** How many came after one of their repository that should come later. */
function outOfOrder(issues: string[], place: (issue: string) => number): number {
  const latest = new Map<string, number>()
  return issues.filter(issue => {
    const [repository = ''] = issue.split('#')
    const before = latest.get(repository) ?? -1
    latest.set(repository, Math.max(before, place(issue)))
    return place(issue) < before
  }).length
}
