/** The project compiled into a temporary directory, for what needs a process of its own (to kill it, mostly). */
export interface CompiledSources {
  /** Path of a compiled module, as in `path('src/durable/engine.js')` or `path('test/support/durable-worker.js')`. */
  path(module: string): string
  remove(): Promise<void>
}

/** Takes some tenths of a second: types are stripped, not checked. */
export function compileSources(): Promise<CompiledSources>
