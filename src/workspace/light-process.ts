import { fork, type ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

export interface ProcessOrder {
  program: string
  args: string[]
  cwd: string
  /** All of its environment. */
  env: Record<string, string>
  /** For its standard input, which is empty without. */
  input?: string | Uint8Array
  /**
   * What `kill` ends, if not the program alone: the process group that it leads, which its own end ends, too; or the
   * namespace of processes that it waits for.
   */
  ends?: 'group' | 'namespace'
}

/**
 * Starts a program as `spawn` does, but from a small process that is kept for it. A fork copies the page tables of the
 * process that forks, while everything else in it waits: in a virtual machine, with 150 MB resident, that took 24 ms each
 * time that git was asked for something. From here it takes 0.2 ms of this process and 2 ms in all.
 */
export function startProcess(order: ProcessOrder): LightProcess {
  const child = new LightProcess(nextId++)
  starter ??= startStarter()
  starter.take(child, order)
  return child
}

/** As Node's own `ChildProcess`: read both streams to their ends; `close` comes after them, `error` instead of it. */
export class LightProcess extends EventEmitter<{ error: [Error]; close: [number | null, NodeJS.Signals | null] }> {
  readonly id: number
  readonly stdout = this.#stream('stdout')
  readonly stderr = this.#stream('stderr')
  readonly #paused = new Set<'stdout' | 'stderr'>()
  #tell: (message: object) => void = () => {}

  constructor(id: number) {
    super()
    this.id = id
  }

  kill(signal: NodeJS.Signals): void {
    this.#tell({ kill: signal })
  }

  #stream(name: 'stdout' | 'stderr'): Readable {
    const read = (): void => {
      if (this.#paused.delete(name)) this.#tell({ resume: name })
    }
    return new Readable({ highWaterMark: 1024 * 1024, read })
  }

  /** For the starter: where messages go from now on. */
  tellThrough(tell: (message: object) => void): void {
    this.#tell = tell
  }

  /** For the starter: something came of it. */
  took(news: News): void {
    if ('piece' in news) {
      const { stream, piece } = news
      if (this[stream].push(piece) || this.#paused.has(stream)) return
      this.#paused.add(stream)
      this.#tell({ pause: stream })
      return
    }
    this.#tell = () => {}
    if ('error' in news) {
      this.emit('error', new Error(news.error))
      return
    }
    let open = 2
    const ended = (): void => void (--open === 0 && this.emit('close', news.code, news.signal))
    for (const stream of [this.stdout, this.stderr]) stream.once('end', ended).push(null)
  }
}

type News =
  | { stream: 'stdout' | 'stderr'; piece: Buffer }
  | { code: number | null; signal: NodeJS.Signals | null }
  | { error: string }

interface Starter {
  take(child: LightProcess, order: ProcessOrder): void
}

let nextId = 1
let starter: Starter | null = null

/** Milliseconds after its last program when it ends, to be started again when there is need. */
const idleMs = 60_000

/** It ends when this process does, and doesn't keep it from ending. */
function startStarter(): Starter {
  const script = new URL('../../src/workspace/process-starter.mjs', import.meta.url)
  const process = fork(fileURLToPath(script), { env: {}, execArgv: [], serialization: 'advanced' })
  const running = new Map<number, LightProcess>()
  let idle: NodeJS.Timeout | undefined
  const hold = (): void => {
    clearTimeout(idle)
    if (running.size > 0) return process.channel?.ref()
    process.channel?.unref()
    idle = setTimeout(() => {
      if (starter === itself) starter = null
      process.disconnect()
    }, idleMs).unref()
  }
  process.unref()

  process.on('message', (message: News & { id: number }) => {
    const child = running.get(message.id)
    if (!child) return
    if (!('piece' in message)) {
      running.delete(message.id)
      hold()
    }
    child.took(message)
  })
  const gone = (why: string): void => {
    clearTimeout(idle)
    if (starter === itself) starter = null
    const left = [...running.values()]
    running.clear()
    for (const child of left) child.took({ error: `the process that starts programs ${why}` })
  }
  process.on('error', error => gone(`could not be started (${error.message})`))
  // Not `exit`: nobody waits for that where only programs of it were waited for.
  process.on('disconnect', () => gone('has ended'))

  const itself: Starter = {
    take(child, order) {
      running.set(child.id, child)
      hold()
      child.tellThrough(message => send(process, { id: child.id, ...message }))
      send(process, { id: child.id, ...order })
    },
  }
  return itself
}

/** What can't be sent was meant for a process that has just ended: those who wait are told of that. */
function send(process: ChildProcess, message: object): void {
  process.send(message, () => {})
}
