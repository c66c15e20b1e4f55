// @ts-check
/**
 * Starts programs on behalf of the process that started this one: see light-process.ts, its only user. Plain JavaScript
 * with nothing to load, so that it stays small, because a fork costs what the forking process weighs.
 *
 * Comes: an order (`{ id, program, args, cwd, env, input, group }`), and for its id `{ pause | resume: 'stdout' | 'stderr' }` or
 * `{ kill: signal }`. Goes: `{ id, stream, piece }` for output, and at the end `{ id, code, signal }` or, when it could
 * not be started, `{ id, error }`.
 */
import { spawn } from 'node:child_process'

/** @type {Map<number, import('node:child_process').ChildProcess>} */
const running = new Map()

process.on('message', (/** @type {any} */ message) => {
  const { id } = message
  const child = running.get(id)
  if (message.program !== undefined) start(message)
  else if (message.kill !== undefined) end(child, message.kill)
  else if (message.pause === 'stdout') child?.stdout?.pause()
  else if (message.pause === 'stderr') child?.stderr?.pause()
  else if (message.resume === 'stdout') child?.stdout?.resume()
  else if (message.resume === 'stderr') child?.stderr?.resume()
})

// Whoever gave the orders is gone, and with it everybody who would read what comes of them.
process.on('disconnect', () => {
  for (const child of running.values()) end(child, 'SIGKILL')
  process.exit()
})

// Meant for the process above (Ctrl-C reaches the whole group), which ends its work in order and then this.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})

/**
 * Those that lead a group of their own, which goes with them.
 * @type {WeakSet<import('node:child_process').ChildProcess>}
 */
const leaders = new WeakSet()

/** @param {import('node:child_process').ChildProcess | undefined} child @param {NodeJS.Signals} signal */
function end(child, signal) {
  if (!child || !leaders.has(child)) return child?.kill(signal)
  try {
    process.kill(-(child.pid ?? NaN), signal)
  } catch {
    // The whole group has ended.
  }
}

/** @param {{ id: number, program: string, args: string[], cwd: string, env: Record<string, string>, input?: string | Uint8Array, group?: boolean }} order */
function start({ id, program, args, cwd, env, input, group = false }) {
  /** @param {unknown} error */
  const failed = error => {
    running.delete(id)
    process.send?.({ id, error: error instanceof Error ? error.message : String(error) })
  }
  try {
    const stdin = input === undefined ? 'ignore' : 'pipe'
    const child = spawn(program, args, { cwd, env, detached: group, stdio: [stdin, 'pipe', 'pipe'] })
    if (group && child.pid !== undefined) {
      leaders.add(child)
      child.on('exit', () => end(child, 'SIGKILL'))
    }
    running.set(id, child)
    child.stdout?.on('data', piece => process.send?.({ id, stream: 'stdout', piece }))
    child.stderr?.on('data', piece => process.send?.({ id, stream: 'stderr', piece }))
    child.on('error', failed)
    child.on('close', (code, signal) => {
      if (running.delete(id)) process.send?.({ id, code, signal })
    })
    // It may end before it has read everything; how it ends tells the story then.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  } catch (error) {
    failed(error)
  }
}
