// @ts-check
/**
 * Starts programs on behalf of the process that started this one: see light-process.ts, its only user. Plain JavaScript
 * with nothing to load, so that it stays small, because a fork costs what the forking process weighs.
 *
 * Comes: an order (`{ id, program, args, cwd, env, input, ends }`), and for its id `{ pause | resume: 'stdout' | 'stderr' }` or
 * `{ kill: signal }`. Goes: `{ id, stream, piece }` for output, and at the end `{ id, code, signal }` or, when it could
 * not be started, `{ id, error }`.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

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
  for (const child of running.values()) {
    end(child, 'SIGKILL')
    child.kill('SIGKILL')
  }
  process.exit()
})

// Meant for the process above (Ctrl-C reaches the whole group), which ends its work in order and then this.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})

/**
 * What has to be ended with those that don't stand for themselves alone.
 * @type {WeakMap<import('node:child_process').ChildProcess, 'group' | 'namespace'>}
 */
const endings = new WeakMap()

/** @param {import('node:child_process').ChildProcess | undefined} child @param {NodeJS.Signals} signal */
function end(child, signal) {
  const ends = child && endings.get(child)
  if (ends === 'group') kill(-(child?.pid ?? NaN), signal)
  else if (ends !== 'namespace') child?.kill(signal)
  else {
    // The kernel lets a namespace's first process go only after all others there have: the program, which waits for
    // it, is a witness of that. Were the program ended instead, the others would follow whenever they are next run.
    const first = childrenOf(child?.pid)
    first.forEach(pid => kill(pid, signal))
    if (first.length === 0) child?.kill(signal)
    else setTimeout(() => child?.kill(signal), 5000).unref()
  }
}

/** @param {number} pid @param {NodeJS.Signals} signal */
function kill(pid, signal) {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended.
  }
}

/** @param {number | undefined} pid @returns {number[]} */
function childrenOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

/** @param {{ id: number, program: string, args: string[], cwd: string, env: Record<string, string>, input?: string | Uint8Array, ends?: 'group' | 'namespace' }} order */
function start({ id, program, args, cwd, env, input, ends }) {
  /** @param {unknown} error */
  const failed = error => {
    running.delete(id)
    process.send?.({ id, error: error instanceof Error ? error.message : String(error) })
  }
  try {
    const stdin = input === undefined ? 'ignore' : 'pipe'
    const child = spawn(program, args, { cwd, env, detached: ends === 'group', stdio: [stdin, 'pipe', 'pipe'] })
    if (ends && child.pid !== undefined) endings.set(child, ends)
    if (ends === 'group') child.on('exit', () => end(child, 'SIGKILL'))
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
