import { cleanText } from '../domain/hidden-text.js'
import type { RunRecord } from '../domain/run-record.js'
import type { RunInput, World } from './world.js'

/** A run's entry in the book of runs, where the others find it. */
export class RunEntry {
  readonly #world: World
  #record: RunRecord

  constructor({ repository, issue }: RunInput, world: World) {
    this.#world = world
    this.#record = {
      id: world.journal.id,
      repository: repository.id,
      issue: { number: issue.number, title: cleanText(issue.title).text },
      asking: false,
      plan: null,
      pullRequest: null,
      costs: null,
    }
  }

  /** `what` names the step. */
  async write(what: string, change: Partial<Omit<RunRecord, 'id' | 'repository'>>): Promise<void> {
    this.#record = { ...this.#record, ...change }
    const record = this.#record
    await this.#world.journal.step(`entry: ${what}`, () => this.#world.runs.put(record))
  }
}
