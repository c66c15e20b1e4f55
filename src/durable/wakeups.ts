/** Why a step's signal fired. */
export class WorkflowCancelled extends Error {
  override readonly name = 'WorkflowCancelled'
}
export class EngineStopped extends Error {
  override readonly name = 'EngineStopped'
}

/** What may wake a workflow of this process that works or waits: mail, its cancellation, the engine's stop. */
export class Wakeups {
  readonly #watched = new Map<string, Set<AbortController>>()
  readonly #waiting = new Map<string, Set<() => void>>()
  #stopped: EngineStopped | null = null

  get stopped(): boolean {
    return this.#stopped !== null
  }

  /** A signal that fires when the workflow is cancelled or the engine stops. */
  watch(workflow: string): { signal: AbortSignal; release(): void } {
    const controller = new AbortController()
    if (this.#stopped) controller.abort(this.#stopped)
    const release = enter(this.#watched, workflow, controller)
    return { signal: controller.signal, release }
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

  /** Ids of the workflows that a cancellation or a message would wake. */
  interested(): { inCancellation: string[]; inMail: string[] } {
    return { inCancellation: [...this.#watched.keys()], inMail: [...this.#waiting.keys()] }
  }

  mailCame(workflow: string): void {
    for (const wake of this.#waiting.get(workflow) ?? []) wake()
  }

  cancelled(workflow: string): void {
    const reason = new WorkflowCancelled(`The workflow "${workflow}" was cancelled.`)
    for (const controller of this.#watched.get(workflow) ?? []) controller.abort(reason)
  }

  stop(): void {
    this.#stopped = new EngineStopped('The engine is stopping; this step is taken up again at the next start.')
    for (const controllers of this.#watched.values()) {
      for (const controller of controllers) controller.abort(this.#stopped)
    }
  }
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
