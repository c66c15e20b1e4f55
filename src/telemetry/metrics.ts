import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Usage } from '../domain/usage.js'

/** How things stand on the database, asked whenever metrics are read. */
export interface StandingNow {
  runs: { state: string; count: number }[]
  deliveriesWaiting: number
  oldestDeliverySeconds: number
  runsWaitingForPlace: number
  oldestPlaceSeconds: number
  agentsAtWork: number
}

/** What this process counts. No label names a repository, an issue or a run: there would be a series for each, for ever. */
export interface Metrics {
  modelCalled(call: { model: string; role: string; seconds: number; outcome: 'answered' | 'failed' }): void
  modelUsed(used: { model: string; role: string; usage: Usage; usd: number }): void
  gitHubAsked(request: {
    purpose: string
    status: number | null
    seconds: number
    installation: number | null
    remaining: number | null
  }): void
  /** A request to GitHub had to wait for its installation's budget. */
  waitedForBudget(seconds: number): void
  stepRetried(workflow: string): void
  /** All of it in Prometheus' text format. */
  text(): Promise<{ type: string; text: string }>
}

const modelSeconds = [0.5, 1, 2, 5, 10, 20, 40, 80, 160, 320, 640]

/** @param standing reads what is the same for all processes on one database; while it fails, those gauges are left out. */
export function createMetrics(standing: () => Promise<StandingNow>): Metrics {
  const register = new Registry()
  const registers = [register]
  collectDefaultMetrics({ register })
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name: `issue_crew_${name}`, help, labelNames, registers })
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
    new Gauge({ name: `issue_crew_${name}`, help, labelNames, registers })

  const answered = new Histogram({
    name: 'issue_crew_model_call_seconds',
    help: 'How long calls of the model took, by how they ended',
    labelNames: ['model', 'role', 'outcome'],
    buckets: modelSeconds,
    registers,
  })
  const tokens = counter('model_tokens_total', 'Tokens that the model counted', ['model', 'role', 'kind'])
  const cost = counter('model_cost_usd_total', 'US dollars that calls of the model cost', ['model', 'role'])
  const requests = counter('github_requests_total', 'Requests to GitHub, by what they were for', ['purpose', 'status'])
  const waited = new Histogram({
    name: 'issue_crew_github_request_seconds',
    help: 'How long GitHub took until the head of its answer',
    labelNames: ['purpose'],
    registers,
  })
  const budget = new Histogram({
    name: 'issue_crew_github_budget_wait_seconds',
    help: 'How long requests to GitHub have to wait to keep within its limits',
    buckets: [0.1, 0.5, 1, 5, 30, 120, 600, 1800, 3600],
    registers,
  })
  const remaining = gauge('github_rate_limit_remaining', 'Requests left of an installation’s hour', ['installation'])
  const retries = counter('step_retries_total', 'Steps that failed and wait for another try', ['workflow'])

  const runs = gauge('runs', 'Runs by state, over all processes; ended ones until retention deletes them', ['state'])
  const deliveries = gauge('deliveries_waiting', 'Deliveries that are kept and not begun yet')
  const oldest = gauge('deliveries_oldest_seconds', 'For how long the first delivery in line has waited')
  const places = gauge('runs_waiting_for_place', 'Runs that wait for a place among those at work')
  const oldestPlace = gauge('place_oldest_seconds', 'For how long the first run in line for a place has waited')
  const agents = gauge('agents_at_work', 'Agents at work, over all processes')
  const reachable = gauge('database_up', 'Whether the database answered when this was read')

  async function readStanding(): Promise<void> {
    for (const one of [runs, deliveries, oldest, places, oldestPlace, agents]) one.reset()
    const now = await standing().catch(() => null)
    reachable.set(now ? 1 : 0)
    if (!now) {
      for (const one of [deliveries, oldest, places, oldestPlace, agents]) one.remove()
      return
    }
    for (const { state, count } of now.runs) runs.set({ state }, count)
    deliveries.set(now.deliveriesWaiting)
    oldest.set(now.oldestDeliverySeconds)
    places.set(now.runsWaitingForPlace)
    oldestPlace.set(now.oldestPlaceSeconds)
    agents.set(now.agentsAtWork)
  }

  return {
    modelCalled: ({ seconds, ...labels }) => answered.observe(labels, seconds),
    modelUsed({ model, role, usage, usd }) {
      const kinds = {
        input: usage.inputTokens,
        output: usage.outputTokens,
        cache_read: usage.cacheReadTokens,
        cache_write: usage.cacheWriteTokens,
      }
      for (const [kind, count] of Object.entries(kinds)) tokens.inc({ model, role, kind }, count)
      cost.inc({ model, role }, usd)
    },
    gitHubAsked({ purpose, status, seconds, installation, remaining: left }) {
      requests.inc({ purpose, status: status === null ? 'none' : String(status) })
      waited.observe({ purpose }, seconds)
      if (installation !== null && left !== null) remaining.set({ installation: String(installation) }, left)
    },
    waitedForBudget: seconds => budget.observe(seconds),
    stepRetried: workflow => retries.inc({ workflow }),
    async text() {
      await readStanding()
      return { type: register.contentType, text: await register.metrics() }
    },
  }
}
