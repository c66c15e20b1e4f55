import { setTimeout as sleep } from 'node:timers/promises'
import { findMarked, marked, marker } from '../domain/say/marker.js'
import { GitHubRefusal, TransientError } from '../ports.js'
import type { World } from './world.js'

/** The one comment of a run that is edited in place. */
export class StatusComment {
  readonly #world: World
  readonly #issue: number
  readonly #mark: string
  /** Null where it isn't there yet, or GitHub takes no comments, as in an archived repository: the run goes on without. */
  #id: number | null = null
  #shown = ''
  #edits = 0
  /** When this process edited it last: milliseconds since 1970. Only steps look at it. */
  #editedAt = 0

  /** `world` is the run's own, whose journal tells nobody of its waits: this is where they are told. */
  constructor(world: World, issue: number) {
    this.#world = world
    this.#issue = issue
    this.#mark = marker('status', world.journal.id)
  }

  async open(text: string): Promise<void> {
    this.#shown = text
    this.#id = await this.#world.journal.effect('status comment', {
      find: async () => (await this.#posted())?.id ?? null,
      create: () => this.#post(text),
    })
  }

  /**
   * Makes the comment say something else, if it doesn't say so already. One that isn't there is posted: GitHub may have
   * refused it once, or the run ends before it was opened, and people must learn why.
   */
  async edit(text: string): Promise<void> {
    const id = this.#id
    if (text === this.#shown) return
    this.#shown = text
    this.#id = await this.#world.journal.step(`status ${++this.#edits}`, signal =>
      id === null ? this.#putAnew(text, signal) : this.#put(id, text, signal),
    )
  }

  /** As {@link edit}, but where GitHub can't be reached now, the comment stays as it is. */
  async tryToEdit(text: string): Promise<void> {
    const id = this.#id
    if (id === null || text === this.#shown) return
    const done = await this.#world.journal.step(`status ${++this.#edits}`, async signal => {
      try {
        return await this.#put(id, text, signal)
      } catch (error) {
        if (error instanceof TransientError) return null
        throw error
      }
    })
    if (done === null) return
    this.#id = done
    this.#shown = text
  }

  /** Returns the comment's id: another one when somebody has deleted it, as a run must not go on unseen. */
  async #put(id: number, text: string, signal: AbortSignal): Promise<number> {
    await this.#apart(signal)
    try {
      await this.#world.github.updateComment(id, marked(text, this.#mark))
      return id
    } catch (error) {
      // What the run is there for goes on all the same.
      if (!(error instanceof GitHubRefusal)) throw error
      if (error.kind !== 'not-found') return id
      return (await this.#putAnew(text, signal)) ?? id
    }
  }

  async #putAnew(text: string, signal: AbortSignal): Promise<number | null> {
    // An earlier try of this may have posted it.
    const posted = await orRefused(this.#posted())
    return posted ? this.#put(posted.id, text, signal) : this.#post(text)
  }

  /** Waits until the last edit has stood for a while. */
  async #apart(signal: AbortSignal): Promise<void> {
    const ms = this.#editedAt + this.#world.limits.statusSpacingMs - Date.now()
    if (ms > 0) await sleep(ms, undefined, { signal })
    this.#editedAt = Date.now()
  }

  async #posted() {
    const { github, appLogin } = this.#world
    return findMarked(await github.comments(this.#issue), this.#mark, appLogin)
  }

  async #post(text: string): Promise<number | null> {
    const comment = await orRefused(this.#world.github.createComment(this.#issue, marked(text, this.#mark)))
    return comment?.id ?? null
  }
}

/** What it resolves with, or null where GitHub said no and nothing depends on it. Within a step only: there it is GitHub's. */
export async function orRefused<T>(request: Promise<T>): Promise<T | null> {
  try {
    return await request
  } catch (error) {
    if (error instanceof GitHubRefusal) return null
    throw error
  }
}
