import type { CrewConfig } from '../domain/crew-yml.js'
import type { CostPart } from '../domain/run-record.js'
import { addCosts, noCost, type Cost } from '../domain/usage.js'
import type { AgentWork } from '../team/agent-work.js'

/** What one run may spend, has spent, and what its agents at work may still spend. */
export class Purse {
  /** US dollars that the run may spend; approved with the plan, raised by `/budget`. */
  budgetUsd = 0
  /** What the repository allows all its runs for a day, US dollars; null where it leaves that to the operator. */
  repositoryUsdPerDay: number | null = null
  /** What the configuration says of {@link budgetUsd}. */
  #configuredUsd = 0
  #cost: Cost = noCost
  /** US dollars, by the workflow id of the agent. */
  readonly #allotted = new Map<string, { usd: number; part: string }>()
  readonly #parts = new Map<string, CostPart>()

  get cost(): Cost {
    return this.#cost
  }

  /** Takes the configured budget, unless a person has set another one by `/budget`. */
  configure(config: Pick<CrewConfig, 'budget_usd' | 'budget_usd_per_day'>): void {
    if (this.budgetUsd === this.#configuredUsd) this.budgetUsd = config.budget_usd
    this.#configuredUsd = config.budget_usd
    this.repositoryUsdPerDay = config.budget_usd_per_day ?? null
  }

  /** Dollars that an agent starting now may spend, when one may spend `atMost`. */
  allotment(atMost: number): number {
    const taken = [...this.#allotted.values()].reduce((sum, { usd }) => sum + usd, 0)
    return Math.max(0, Math.min(atMost, this.budgetUsd - this.#cost.usd - taken))
  }

  allot(id: string, { limits, title, agent, ending }: AgentWork): void {
    const part = `${title} by ${agent}`
    this.#allotted.set(id, { usd: limits.usd, part })
    if (!this.#parts.has(part)) this.#parts.set(part, { kind: partKinds[ending.form], agent, usd: 0 })
  }

  /** What each agent's part of the run has cost, all its tries together. */
  get parts(): CostPart[] {
    return [...this.#parts.values()]
  }

  /** Agents that have not been paid for yet. */
  atWork(): string[] {
    return [...this.#allotted.keys()]
  }

  takeBack(): void {
    this.#allotted.clear()
  }

  /** Counts what an agent has cost, once. */
  pay(id: string, cost: Cost): void {
    const part = this.#parts.get(this.#allotted.get(id)?.part ?? '')
    if (!this.#allotted.delete(id)) return
    this.#cost = addCosts(this.#cost, cost)
    if (part) part.usd += cost.usd
  }
}

const partKinds = { plan: 'plan', report: 'task', review: 'review' } as const
