import { existsSync, lstatSync, readlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { CommandResult, Refusal } from '../ports.js'
import { boxEtc } from './box-etc.js'
import { canReach, setprivMissing, switchToBoxUser } from './box-user.js'
import { findProgram } from './find-program.js'
import { treeInBox } from './paths.js'
import { throughWayOut, wayOutMounts, type WayOut } from './setup/way-out.js'
import { commandLimits, commandProblem, runWatched, withinLimits } from './watched-run.js'

/** Where commands run. What it keeps them from is the business of each kind: bubblewrap, docker, or nothing at all. */
export interface Box {
  /** Runs a shell command in `tree` (an absolute real path), which is all it should change. Throws the signal's reason when that fires. */
  run(order: BoxOrder): Promise<CommandResult | Refusal>
}

export interface BoxOrder {
  command: string
  tree: string
  timeoutSeconds: number
  signal: AbortSignal
  /** The container image that the repository names; only the docker box asks for it. */
  image?: string | null
  /** Opens the registries to the command; only bubblewrap knows of it. */
  wayOut?: Pick<WayOut, 'directory'>
}

interface BoxOptions {
  /** Where the box's /etc is made: a directory outside all trees that the box's user can reach. */
  directory: string
  /** Directories of ours that must not be seen, should they lie under what the box sees. */
  hidden: string[]
  /** Where bubblewrap is looked for; this process's PATH when left out. */
  path?: string
}

/** Bubblewrap as the box: no network, an empty environment, a read-only system, nothing else of the host. */
export async function createBox({
  directory,
  hidden,
  path = process.env['PATH'] ?? '/usr/bin:/bin',
}: BoxOptions): Promise<Box> {
  const etc = await boxEtc(directory)
  const walls = [...namespaces, ...system(etc), ...hidden.filter(mayBeHidden).flatMap(emptied)]
  const bwrap = findProgram('bwrap', path)
  const asBoxUser = switchToBoxUser(path)
  const missing = bwrap ? (asBoxUser === null ? setprivMissing : null) : 'bubblewrap is not installed'

  return {
    async run({ command, tree, timeoutSeconds, signal, wayOut }) {
      signal.throwIfAborted()
      const refused = missing ?? commandProblem(command)
      if (refused !== null) return { refused }
      const argv = [
        ...[...(asBoxUser ?? []), bwrap ?? '', ...walls],
        ...(wayOut ? wayOutMounts(wayOut) : []),
        ...['--bind', tree, treeInBox, '--chdir', treeInBox, '--remount-ro', '/', '--'],
        ...(wayOut ? throughWayOut() : []),
        // Set inside, where the kernel counts processes per namespace.
        ...withinLimits(command, { timeoutSeconds, processes: commandLimits.processes }),
      ]
      // With its process namespace goes every process of the command, wherever it hides.
      return runWatched({ argv, tree, timeoutSeconds, signal, ends: 'namespace' })
    },
  }
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
  return canReach(process.execPath) ? dirname(bin) : null
}

const isUnderUsr = (path: string): boolean => path.startsWith('/usr/')
