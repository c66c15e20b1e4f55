import { cleanText } from '../domain/hidden-text.js'
import type { RunRecord, RunStanding } from '../domain/run-record.js'
import type { RunStatus } from '../domain/say/status-comment.js'
import type { RunInput, World } from './world.js'

/** A run's entry in the book of runs, where the others find it. */
export class RunEntry {
  readonly #world: World
  #record: RunRecord
  #standings = 0

  constructor({ repository, issue }: RunInput, world: World) {
    this.#world = world
    this.#record = {
      id: world.journal.id,
      repository: repository.id,
      issue: { number: issue.number, title: cleanText(issue.title).text },
      asking: false,
      plan: null,
      ended: null,
      pullRequest: null,
      costs: null,
      standing: { phase: 'looking', notice: null, failure: null, tasks: [] },
    }
  }

  /** Writes down what the run shows, where that is something else than before. */
  async stand({ phase, notice, failure, tasks }: RunStatus): Promise<void> {
    const standing: RunStanding = {
      phase,
      notice,
      failure,
      tasks: tasks.map(({ number, title, agent, state }) => ({ number, title, agent, state })),
    }
    if (this.#standings > 0 && JSON.stringify(standing) === JSON.stringify(this.#record.standing)) return
    await this.write(`standing ${++this.#standings}`, { standing })
  }

  /** `what` names the step. */
  async write(what: string, change: Partial<Omit<RunRecord, 'id' | 'repository'>>): Promise<void> {
    this.#record = { ...this.#record, ...change }
    const record = this.#record
    await this.#world.journal.step(`entry: ${what}`, () => this.#world.runs.put(record))
  }
}
