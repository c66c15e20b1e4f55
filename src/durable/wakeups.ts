/** Why a step's signal fired. */
export class WorkflowCancelled extends Error {
  override readonly name = 'WorkflowCancelled'
}
export class EngineStopped extends Error {
  override readonly name = 'EngineStopped'
}

/** What breaks off a step of a workflow. */
interface Watched {
  work: AbortController
  waits: AbortController
}

/** What may wake a workflow of this process that works or waits: mail, its cancellation, the engine's stop. */
export class Wakeups {
  readonly #watched = new Map<string, Set<Watched>>()
  readonly #waiting = new Map<string, Set<() => void>>()
  #leaving: EngineStopped | null = null
  #stopped = false

  /** Nothing new is begun any more. */
  get leaving(): boolean {
    return this.#leaving !== null
  }

  get stopped(): boolean {
    return this.#stopped
  }

  /**
   * `work` fires when the workflow is cancelled, is another execution's (`replaced`), or the engine stops; `waits` also as
   * soon as the engine is about to.
   */
  watch(workflow: string, replaced: AbortSignal): { work: AbortSignal; waits: AbortSignal; release(): void } {
    const watched = { work: new AbortController(), waits: new AbortController() }
    const leave = enter(this.#watched, workflow, watched)
    const abort = () => breakOff(watched, replaced.reason)
    replaced.addEventListener('abort', abort, { once: true })
    if (replaced.aborted) abort()
    if (this.#leaving) watched.waits.abort(this.#leaving)
    if (this.#stopped) watched.work.abort(this.#leaving)
    return {
      work: watched.work.signal,
      waits: watched.waits.signal,
      release: () => {
        leave()
        replaced.removeEventListener('abort', abort)
      },
    }
  }

  /** `promise` resolves when mail may have come, and rejects with the signal's reason when that fires. */
  awaitMail(workflow: string, signal: AbortSignal): { promise: Promise<void>; forget(): void } {
    const { promise, resolve, reject } = deferred()
    const leave = enter(this.#waiting, workflow, resolve)
    const abort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    // Nobody may be waiting for it any more when it is rejected.
    promise.catch(() => {})
    return {
      promise,
      forget: () => {
        leave()
        signal.removeEventListener('abort', abort)
      },
    }
  }

  /** Ids of workflows with a step that works or waits. */
  get inStep(): string[] {
    return [...this.#watched.keys()]
  }

  /** Ids of the workflows that a cancellation or a message would wake. */
  interested(): { inCancellation: string[]; inMail: string[] } {
    return { inCancellation: [...this.#watched.keys()], inMail: [...this.#waiting.keys()] }
  }

  mailCame(workflow: string): void {
    for (const wake of this.#waiting.get(workflow) ?? []) wake()
  }

  cancelled(workflow: string): void {
    const reason = new WorkflowCancelled(`The workflow "${workflow}" was cancelled.`)
    for (const watched of this.#watched.get(workflow) ?? []) breakOff(watched, reason)
  }

  /** Breaks off what only waits; steps at work may come to their end. */
  leave(): void {
    this.#leaving ??= new EngineStopped('The engine is stopping; this step is taken up again at the next start.')
    for (const { waits } of this.#everyWatched()) waits.abort(this.#leaving)
  }

  /** Breaks off everything. */
  stop(): void {
    this.leave()
    this.#stopped = true
    for (const watched of this.#everyWatched()) breakOff(watched, this.#leaving)
  }

  #everyWatched(): Watched[] {
    return [...this.#watched.values()].flatMap(some => [...some])
  }
}

function breakOff({ work, waits }: Watched, reason: unknown): void {
  waits.abort(reason)
  work.abort(reason)
}

function enter<T>(map: Map<string, Set<T>>, key: string, value: T): () => void {
  const values = map.get(key) ?? new Set<T>()
  map.set(key, values.add(value))
  return () => {
    values.delete(value)
    if (values.size === 0 && map.get(key) === values) map.delete(key)
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void; reject: (reason: Error) => void } {
  let resolve: () => void = () => {}
  let reject: (reason: Error) => void = () => {}
  const promise = new Promise<void>((settle, fail) => {
    resolve = settle
    reject = fail
  })
  return { promise, resolve, reject }
}
