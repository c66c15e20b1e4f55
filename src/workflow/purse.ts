import { addCosts, noCost, type Cost } from '../domain/usage.js'

/** What one run may spend, has spent, and what its agents at work may still spend. */
export class Purse {
  /** US dollars that the run may spend; approved with the plan, raised by `/budget`. */
  budgetUsd = 0
  /** What the configuration says of it. */
  #configuredUsd = 0
  #cost: Cost = noCost
  /** US dollars, by the workflow id of the agent. */
  readonly #allotted = new Map<string, number>()

  get cost(): Cost {
    return this.#cost
  }

  /** Takes the configured budget, unless a person has set another one by `/budget`. */
  configure(usd: number): void {
    if (this.budgetUsd === this.#configuredUsd) this.budgetUsd = usd
    this.#configuredUsd = usd
  }

  /** Dollars that an agent starting now may spend, when one may spend `atMost`. */
  allotment(atMost: number): number {
    const taken = [...this.#allotted.values()].reduce((sum, usd) => sum + usd, 0)
    return Math.max(0, Math.min(atMost, this.budgetUsd - this.#cost.usd - taken))
  }

  allot(agent: string, usd: number): void {
    this.#allotted.set(agent, usd)
  }

  /** Agents that have not been paid for yet. */
  atWork(): string[] {
    return [...this.#allotted.keys()]
  }

  takeBack(): void {
    this.#allotted.clear()
  }

  /** Counts what an agent has cost, once. */
  pay(agent: string, cost: Cost): void {
    if (!this.#allotted.delete(agent)) return
    this.#cost = addCosts(this.#cost, cost)
  }
}
