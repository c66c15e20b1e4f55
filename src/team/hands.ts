import type { ToolCall } from '../domain/conversation.js'
import type { SecretFilter } from '../domain/secret.js'
import type { Workspaces, Worktree } from '../ports.js'
import type { AgentWork } from './agent-work.js'
import { carryOut } from './carry-out.js'
import { writesFiles } from './tools.js'

interface HandsWorld {
  workspaces: Workspaces
  secrets: SecretFilter
}

/** What a worktree holds: a tree, and on it what these calls write. */
export interface Held {
  tree: string
  since: ToolCall[]
}

/** What the worktree holds after `calls`, where `tree` was taken of it or nothing was. */
export const next = ({ tree, since }: Held, taken: string | null, calls: ToolCall[]): Held =>
  taken === null
    ? { tree, since: [...since, ...calls.filter(call => writesFiles(call.name))] }
    : { tree: taken, since: [] }

/** The directory the agent works in, and what this process knows of its state. */
export class Hands {
  readonly #work: AgentWork
  readonly #world: HandsWorld
  #worktree: Worktree | null = null
  /** What the directory surely holds; null when that isn't known. */
  #held: Held | null = null

  constructor(work: AgentWork, world: HandsWorld) {
    this.#work = work
    this.#world = world
  }

  /** The worktree, holding that: after a restart, or after a step that was cut off, it is put back. */
  async reach(wanted: Held, signal: AbortSignal): Promise<Worktree> {
    const { setup, worktree } = this.#work
    const { source, key, tree: base } = worktree
    if (!this.#worktree) {
      const opened = await this.#world.workspaces.open(source, key, base, setup && { setup, signal })
      this.#worktree = opened
      if (opened.fresh) this.#held = { tree: base, since: [] }
    }
    const { tree, since } = wanted
    if (this.#held?.tree !== tree || this.#held.since.length !== since.length) {
      await this.#worktree.reset(tree)
      await carryOut(since, { ...this.#work, worktree: this.#worktree, secrets: this.#world.secrets, signal })
    }
    this.#held = wanted
    return this.#worktree
  }

  /** From here until {@link hold} its state isn't recorded. */
  changed(): void {
    this.#held = null
  }

  hold(now: Held): void {
    this.#held = now
  }
}
