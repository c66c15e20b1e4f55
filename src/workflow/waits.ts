import { replies } from '../domain/say/replies.js'
import { walletText } from '../domain/say/wallet-text.js'
import type { RepositoryRef } from '../domain/repository.js'
import type { Wait } from '../domain/wait.js'
import type { AgentMessage, RunMessage, World } from './world.js'

/** What a run and its agents wait for, as long as they do, and the run's place among those at work. */
export class Waits {
  readonly #world: World
  readonly #repository: RepositoryRef
  /** What keeps the run itself from GitHub. */
  #own: string | null = null
  /** By workflow id. */
  readonly #agents = new Map<string, Wait>()
  /** Its agents take the place with their first call. */
  #mayHavePlace = false

  constructor(world: World, repository: RepositoryRef) {
    this.#world = world
    this.#repository = repository
  }

  own(detail: string | null): void {
    this.#own = detail
  }

  agentStarts(): void {
    this.#mayHavePlace = true
  }

  /** Returns whether there is anything new to show. */
  async agent(id: string, wait: Wait | null): Promise<boolean> {
    if (wait === null) return this.#agents.delete(id)
    this.#agents.set(id, wait)
    // Somebody else, who may still spend something today, may need it.
    if (wait.for === 'day') await this.#leave()
    return true
  }

  agentsGone(): void {
    this.#agents.clear()
  }

  /** Whether any agent waits for what a person, or another run, may give. */
  get forLeave(): boolean {
    return [...this.#agents.values()].some(wait => wait.for !== 'model')
  }

  /** Has agents at work look again whether they may go on. One that isn't waiting yet hears it when it is. */
  async goOn(agents: Iterable<string>): Promise<void> {
    for (const id of agents) await this.#world.journal.send(id, { kind: 'go-on' } satisfies AgentMessage)
  }

  /** Leaves the place to other runs, while nobody works for this one. */
  async leavePlace(): Promise<void> {
    if (!this.#mayHavePlace) return
    this.#mayHavePlace = false
    await this.#leave()
  }

  async #leave(): Promise<void> {
    const { journal, wallet } = this.#world
    const others = await journal.step('leave the place', () => wallet.leave(journal.id, this.#repository))
    for (const other of others) await journal.send(other, { kind: 'go-on' } satisfies RunMessage)
  }

  /** The newest of them, for people. */
  notice(): string | null {
    if (this.#own !== null) return replies.waiting(this.#own)
    const wait = [...this.#agents.values()].at(-1)
    return wait === undefined ? null : waitText(wait)
  }
}

function waitText(wait: Wait): string {
  switch (wait.for) {
    case 'model':
      return replies.waiting(wait.detail)
    case 'place':
      return walletText.waitsForPlace(wait)
    case 'day':
      return walletText.dayBudgetReached(wait)
  }
}
