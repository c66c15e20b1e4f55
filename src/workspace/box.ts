import { existsSync, lstatSync, readlinkSync, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import type { CommandResult, Refusal } from '../ports.js'
import { boxEtc } from './box-etc.js'
import { boxUser } from './box-user.js'
import { captureCapped } from './capped-output.js'
import { startProcess } from './light-process.js'
import { treeInBox } from './paths.js'

/** Where commands run: bubblewrap with nothing but the system's programs, the tree, and bounded memory to write into. */
export interface Box {
  /** Runs a shell command in `tree` (an absolute real path), which is all it can change. Throws the signal's reason when that fires. */
  run(order: BoxOrder): Promise<CommandResult | Refusal>
}

interface BoxOrder {
  command: string
  tree: string
  timeoutSeconds: number
  signal: AbortSignal
}

interface BoxOptions {
  /** Where the box's /etc is made: a directory outside all trees that the box's user can reach. */
  directory: string
  /** Directories of ours that must not be seen, should they lie under what the box sees. */
  hidden: string[]
  /** Where bubblewrap is looked for; this process's PATH when left out. */
  path?: string
}

const limits = {
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

export async function createBox({
  directory,
  hidden,
  path = process.env['PATH'] ?? '/usr/bin:/bin',
}: BoxOptions): Promise<Box> {
  const etc = await boxEtc(directory)
  const walls = [...namespaces, ...system(etc), ...hidden.filter(mayBeHidden).flatMap(emptied)]
  const bwrap = found('bwrap', path)
  const setpriv = found('setpriv', path)
  const missing = !bwrap
    ? 'bubblewrap is not installed'
    : boxUser && !setpriv
      ? 'setpriv (of util-linux) is not installed'
      : null
  const asBoxUser = boxUser
    ? [setpriv ?? '', `--reuid=${boxUser.uid}`, `--regid=${boxUser.gid}`, '--clear-groups', '--']
    : []

  return {
    async run({ command, tree, timeoutSeconds, signal }) {
      signal.throwIfAborted()
      if (missing !== null) return { refused: missing }
      if (command.includes('\0')) return { refused: 'The command holds a NUL byte.' }
      if (Buffer.byteLength(command) > 100_000)
        return { refused: 'The command is longer than 100,000 bytes: write a script file and run that.' }
      const [program = '', ...args] = [
        ...[...asBoxUser, bwrap ?? '', ...walls],
        ...['--bind', tree, treeInBox, '--chdir', treeInBox, '--remount-ro', '/', '--'],
        ...limited(timeoutSeconds, command),
      ]
      return watched({ program, args, tree, timeoutSeconds, signal })
    },
  }
}

/** The program itself is started without any environment, so it is looked for here. */
function found(program: string, path: string): string | null {
  const places = path.split(':').filter(isAbsolute)
  return places.map(place => join(place, program)).find(file => existsSync(file)) ?? null
}

/**
 * Each is there for a way out that was seen or is known. The environment given to bwrap itself is empty (its own
 * process can be read inside as /proc/1/environ); what the command gets is in plain sight here and holds no secret.
 */
const namespaces = [
  ...['--unshare-all', '--unshare-user', '--disable-userns', '--cap-drop', 'ALL'],
  ...['--new-session', '--die-with-parent', '--uid', '1000', '--gid', '1000', '--hostname', 'box'],
  ...['--clearenv', '--setenv', 'HOME', '/home/crew', '--setenv', 'USER', 'crew', '--setenv', 'LANG', 'C.UTF-8'],
  ...['--setenv', 'TERM', 'dumb', '--setenv', 'TMPDIR', '/tmp', '--setenv', 'NO_COLOR', '1'],
  // Caches beside the sources would end up in commits of projects that forgot to ignore them.
  ...['--setenv', 'PYTHONDONTWRITEBYTECODE', '1'],
]

/** No program needs them, and applications in containers like to lie there with their secrets. */
const sources = ['/usr/src', '/usr/local/src']

/** Of what the box sees, only /usr can hold directories of ours. Those that hold the programs too must stay. */
function mayBeHidden(path: string): boolean {
  const within = (directory: string): boolean => path.startsWith(directory + '/')
  const holds = (program: string): boolean => program.startsWith(path + '/')
  return (
    within('/usr') && !sources.some(within) && ![process.execPath, '/usr/bin/env', '/usr/lib/os-release'].some(holds)
  )
}

/** Covers a directory with an empty one. */
const emptied = (path: string): string[] => ['--size', '4096', '--tmpfs', path, '--remount-ro', path]

function system(etc: string): string[] {
  const node = ownNode()
  return [
    ...['--ro-bind', '/usr', '/usr', ...['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'].flatMap(besideUsr)],
    ...sources.filter(path => existsSync(path)).flatMap(emptied),
    ...['--ro-bind', etc, '/etc'],
    ...(node ? ['bin', 'lib'].flatMap(part => ['--ro-bind-try', join(node, part), join(node, part)]) : []),
    ...['--setenv', 'PATH', [...(node ? [join(node, 'bin')] : []), '/usr/local/bin', '/usr/bin', '/bin'].join(':')],
    ...['--dev', '/dev', '--remount-ro', '/dev', '--proc', '/proc', '--remount-ro', '/proc'],
    ...['--size', String(64 * 1024 ** 2), '--tmpfs', '/dev/shm'],
    ...['--size', String(1024 ** 3), '--perms', '1777', '--tmpfs', '/tmp'],
    ...['--size', String(512 * 1024 ** 2), '--tmpfs', '/home', '--dir', '/home/crew'],
  ]
}

/** Nearly everywhere a link into /usr, and a link costs nothing. */
function besideUsr(name: string): string[] {
  const path = `/${name}`
  if (!existsSync(path)) return []
  return lstatSync(path).isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path]
}

/** The installation this process's node belongs to, where it is none of the system's and the box's user can reach it. */
function ownNode(): string | null {
  const bin = dirname(process.execPath)
  if (isUnderUsr(bin) || !bin.endsWith('/bin')) return null
  const prefix = dirname(bin)
  if (!boxUser) return prefix
  for (let path = process.execPath; path !== '/'; path = dirname(path)) if (!(statSync(path).mode & 0o001)) return null
  return prefix
}

const isUnderUsr = (path: string): boolean => path.startsWith('/usr/')

/**
 * The limits are set inside, where the kernel counts processes per namespace. Both streams become one, in order.
 * Whatever a command computes, it yields to the process that started it.
 */
function limited(timeoutSeconds: number, command: string): string[] {
  const shell = existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh'
  return [
    ...['/bin/sh', '-c', 'exec "$@" 2>&1', 'sh', 'nice', '-n', '10', 'prlimit'],
    `--nproc=${limits.processes}`,
    `--nofile=${limits.openFiles}`,
    `--fsize=${limits.fileSize}`,
    `--data=${limits.data}`,
    // One process may keep several processors busy for the whole time.
    `--cpu=${Math.ceil(timeoutSeconds) * 8}`,
    ...['--core=0', '--', shell, '-c', command],
  ]
}

interface Watched {
  program: string
  args: string[]
  tree: string
  timeoutSeconds: number
  signal: AbortSignal
}

function watched({ program, args, tree, timeoutSeconds, signal }: Watched): Promise<CommandResult | Refusal> {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const child = startProcess({ program, args, cwd: '/', env: {} })
    let ending: 'timeout' | 'aborted' | 'full' | null = null
    // Killing bwrap ends its process namespace, and with it every process of the command, wherever it hides.
    const end = (why: NonNullable<typeof ending>): void => {
      ending ??= why
      child.kill('SIGKILL')
    }
    const abort = (): void => end('aborted')
    const timer = setTimeout(() => end('timeout'), timeoutSeconds * 1000)
    const room = setInterval(() => {
      statfs(tree).then(
        ({ bavail, bsize }) => void (bavail * bsize < limits.floor && end('full')),
        () => undefined,
      )
    }, 500)
    const stop = (): void => {
      clearTimeout(timer)
      clearInterval(room)
      signal.removeEventListener('abort', abort)
    }
    signal.addEventListener('abort', abort, { once: true })
    const output = captureCapped(child.stdout, { head: limits.outputHead, tail: limits.outputTail })
    const complaint = captureCapped(child.stderr, { head: 1000, tail: 1000 })

    child.on('error', error => {
      stop()
      resolve({ refused: `the box could not be started: ${error.message}` })
    })
    child.on('close', (code, killedBy) => {
      stop()
      if (ending === 'aborted')
        return reject(signal.reason instanceof Error ? signal.reason : new Error('The command was stopped'))
      const failed = complaint().text.trim()
      // The command's own words all go to the other pipe: these are of bwrap, setpriv or prlimit.
      if (failed !== '' && ending === null) return resolve({ refused: `the box could not be started: ${failed}` })
      const { text, cut } = output()
      const note = ending === 'full' ? `\n[stopped: less than 256 MiB were left where the repository lies]\n` : ''
      resolve({
        exitCode: ending === null && killedBy === null ? code : null,
        output: text + note,
        cut,
        timedOut: ending === 'timeout',
        seconds: (performance.now() - began) / 1000,
      })
    })
  })
}
