import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import type { CommandResult, Refusal } from '../ports.js'
import { captureCapped } from './capped-output.js'
import { startProcess } from './light-process.js'

/** What one command of an agent may take, in whichever box. */
export const commandLimits = {
  processes: 512,
  openFiles: 4096,
  /** Bytes of one file. */
  fileSize: 512 * 1024 ** 2,
  /** Bytes of one process's own memory. Address space can't be limited: node and others reserve far more than they use. */
  data: 4 * 1024 ** 3,
  /** Bytes of output that are kept: some from its beginning, more from its end. */
  outputHead: 10_000,
  outputTail: 20_000,
  /** Bytes that must stay free where the trees lie. */
  floor: 256 * 1024 ** 2,
}

/** Seconds of processor time: one process may keep several processors busy for the whole time. */
export const processorSeconds = (timeoutSeconds: number): number => Math.ceil(timeoutSeconds) * 8

/** Why a command can't be passed on at all; null when it can. */
export function commandProblem(command: string): string | null {
  if (command.includes('\0')) return 'The command holds a NUL byte.'
  if (Buffer.byteLength(command) > 100_000)
    return 'The command is longer than 100,000 bytes: write a script file and run that.'
  return null
}

/**
 * The command with limits on each of its processes. Both streams become one, in order. Whatever a command computes, it
 * yields to the process that started it. `processes` null: the kernel would count those of the whole user.
 */
export function withinLimits(
  command: string,
  { timeoutSeconds, processes }: { timeoutSeconds: number; processes: number | null },
): string[] {
  const shell = existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh'
  return [
    ...['/bin/sh', '-c', 'exec "$@" 2>&1', 'sh', 'nice', '-n', '10', 'prlimit'],
    ...(processes === null ? [] : [`--nproc=${processes}`]),
    `--nofile=${commandLimits.openFiles}`,
    `--fsize=${commandLimits.fileSize}`,
    `--data=${commandLimits.data}`,
    `--cpu=${processorSeconds(timeoutSeconds)}`,
    ...['--core=0', '--', shell, '-c', command],
  ]
}

export interface WatchedRun {
  argv: string[]
  env?: Record<string, string>
  cwd?: string
  /** What has to be ended with its first process. */
  ends?: 'group' | 'namespace'
  /** Where the disk must not run full. */
  tree: string
  timeoutSeconds: number
  signal: AbortSignal
  /** Whether words on stderr with that exit code mean that the box itself failed; always when left out. */
  isFailure?: (exitCode: number | null) => boolean
  /** Called where it had to be ended, once its first process has gone. */
  afterEnding?: () => Promise<void>
}

/** Runs a program until it ends, its time is over, its signal fires or the disk runs full. Throws the signal's reason. */
export function runWatched(run: WatchedRun): Promise<CommandResult | Refusal> {
  const { argv, tree, timeoutSeconds, signal, env = {}, cwd = '/', ends } = run
  const [program = '', ...args] = argv
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const child = startProcess({ program, args, cwd, env, ...(ends && { ends }) })
    let ending: 'timeout' | 'aborted' | 'full' | null = null
    const end = (why: NonNullable<typeof ending>): void => {
      ending ??= why
      child.kill('SIGKILL')
    }
    const abort = (): void => end('aborted')
    const timer = setTimeout(() => end('timeout'), timeoutSeconds * 1000)
    const room = setInterval(() => {
      statfs(tree).then(
        ({ bavail, bsize }) => void (bavail * bsize < commandLimits.floor && end('full')),
        () => undefined,
      )
    }, 500)
    const stop = (): void => {
      clearTimeout(timer)
      clearInterval(room)
      signal.removeEventListener('abort', abort)
    }
    signal.addEventListener('abort', abort, { once: true })
    const output = captureCapped(child.stdout, { head: commandLimits.outputHead, tail: commandLimits.outputTail })
    const complaint = captureCapped(child.stderr, { head: 1000, tail: 1000 })

    const closed = (code: number | null, killedBy: NodeJS.Signals | null): void => {
      if (ending === 'aborted')
        return reject(signal.reason instanceof Error ? signal.reason : new Error('The command was stopped'))
      const failed = complaint().text.trim()
      // The command's own words all go to the other pipe: these are of what is around it.
      if (failed !== '' && ending === null && (run.isFailure?.(code) ?? true))
        return resolve({ refused: `the box could not be started: ${failed}` })
      const { text, cut } = output()
      const note = ending === 'full' ? `\n[stopped: less than 256 MiB were left where the repository lies]\n` : ''
      resolve({
        exitCode: ending === null && killedBy === null ? code : null,
        output: text + note,
        cut,
        timedOut: ending === 'timeout',
        seconds: (performance.now() - began) / 1000,
      })
    }
    child.on('error', error => {
      stop()
      resolve({ refused: `the box could not be started: ${error.message}` })
    })
    child.on('close', (code, killedBy) => {
      stop()
      if (ending === null || !run.afterEnding) return closed(code, killedBy)
      const then = (): void => closed(code, killedBy)
      run.afterEnding().then(then, then)
    })
  })
}
