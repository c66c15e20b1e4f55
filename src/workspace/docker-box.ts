import { randomBytes } from 'node:crypto'
import type { Refusal } from '../ports.js'
import { boxUser } from './box-user.js'
import type { Box } from './box.js'
import { findProgram } from './find-program.js'
import { startProcess } from './light-process.js'
import { treeInBox } from './paths.js'
import { commandLimits, commandProblem, processorSeconds, runWatched } from './watched-run.js'

interface DockerOptions {
  /** This process's environment: where docker is, and which engine it talks to. */
  env?: Record<string, string | undefined>
}

/**
 * A container for every command as the box, made from the image that the repository names. The image must be on the
 * engine already: what a repository says never makes this machine fetch anything.
 */
export function createDockerBox({ env = process.env }: DockerOptions = {}): Box {
  const docker = findProgram('docker', env['PATH'] ?? '/usr/bin:/bin')
  const own = clientEnvironment(env)
  return {
    async run({ command, tree, timeoutSeconds, signal, image }) {
      signal.throwIfAborted()
      if (docker === null) return { refused: 'docker is not installed' }
      if (!image) return { refused: noImage }
      const problem = imageProblem(image) ?? commandProblem(command)
      if (problem !== null) return { refused: problem }
      const name = `issue-crew-${randomBytes(12).toString('hex')}`
      const user = boxUser ?? { uid: process.getuid?.() ?? 1000, gid: process.getgid?.() ?? 1000 }
      return runWatched({
        argv: [docker, ...dockerArguments({ command, tree, timeoutSeconds, image, name, user })],
        env: own,
        ...{ tree, timeoutSeconds, signal },
        // Those of docker's own; it warns on stderr of what the kernel lacks, too.
        isFailure: code => code === 125 || code === 126 || code === 127,
        // Its client has gone; the container is the engine's, and goes on without it.
        afterEnding: () => removeContainer(docker, name, own),
      })
    },
  }
}

/** What is said where a repository names no image. */
export const noImage = 'commands run in containers here, and `.github/crew.yml` names no image (`commands.image`)'

/** Asks the engine whether it is there. Null when it is, else why there can be no containers. */
export async function dockerProblem({ env = process.env }: DockerOptions = {}): Promise<string | null> {
  const docker = findProgram('docker', env['PATH'] ?? '/usr/bin:/bin')
  if (docker === null) return 'docker is not installed'
  const args = ['version', '--format', '{{.Server.Version}}']
  const { code, said } = await ended({ program: docker, args, env: clientEnvironment(env) })
  return code === 0 ? null : `docker's engine does not answer: ${said.slice(0, 300)}`
}

export interface DockerOrder {
  command: string
  tree: string
  timeoutSeconds: number
  image: string
  /** Of the container, so that it can be removed. */
  name: string
  /** The owner of the tree: never root. */
  user: { uid: number; gid: number }
}

/** The arguments of one `docker run`. Everything that an image or the engine's configuration could leave open is said. */
export function dockerArguments({ command, tree, timeoutSeconds, image, name, user }: DockerOrder): string[] {
  const owned = `uid=${user.uid},gid=${user.gid}`
  return [
    ...['run', '--rm', '--init', '--name', name, '--pull', 'never', '--log-driver', 'none', '--no-healthcheck'],
    ...['--network', 'none', '--ipc', 'private', '--hostname', 'box'],
    ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--user', `${user.uid}:${user.gid}`],
    ...['--read-only', '--mount', `type=bind,source=${tree},target=${treeInBox}`, '--workdir', treeInBox],
    ...['--tmpfs', '/tmp:rw,exec,nosuid,nodev,size=1g,mode=1777'],
    ...['--tmpfs', `/home/crew:rw,exec,nosuid,nodev,size=512m,${owned}`, '--shm-size', '64m'],
    ...['--pids-limit', `${commandLimits.processes}`, '--memory', '4g', '--memory-swap', '4g', '--cpu-shares', '512'],
    ...['--ulimit', `nofile=${commandLimits.openFiles}`, '--ulimit', `fsize=${commandLimits.fileSize}`],
    ...['--ulimit', `cpu=${processorSeconds(timeoutSeconds)}`, '--ulimit', 'core=0'],
    ...['HOME=/home/crew', 'USER=crew', 'LANG=C.UTF-8', 'TERM=dumb', 'TMPDIR=/tmp', 'NO_COLOR=1'].flatMap(asEnv),
    ...asEnv('PYTHONDONTWRITEBYTECODE=1'),
    // Whatever the image would start of itself is not what was asked for.
    ...['--entrypoint', '/bin/sh', image],
    ...[
      '-c',
      'if [ -x /bin/bash ]; then exec /bin/bash -c "$1" 2>&1; else exec /bin/sh -c "$1" 2>&1; fi',
      'sh',
      command,
    ],
  ]
}

const asEnv = (setting: string): string[] => ['--env', setting]

/** Why a name can't be an image's; null when it can. What begins with `-` would be an option. */
export const imageProblem = (image: string): string | null =>
  /^[a-z0-9][\w.\-/:@]{0,250}$/i.test(image)
    ? null
    : `${JSON.stringify(image.slice(0, 100))} can't be the name of an image`

/** The client finds its engine by these; none of them reaches the container. */
function clientEnvironment(env: Record<string, string | undefined>): Record<string, string> {
  const names = ['PATH', 'HOME', 'XDG_RUNTIME_DIR', 'DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CONFIG']
  const given = [...names, 'DOCKER_TLS_VERIFY', 'DOCKER_CERT_PATH'].map(name => [name, env[name]] as const)
  return Object.fromEntries(given.filter((entry): entry is [string, string] => entry[1] !== undefined))
}

async function removeContainer(docker: string, name: string, env: Record<string, string>): Promise<void> {
  await ended({ program: docker, args: ['rm', '--force', '--volumes', name], env })
}

/** How a short run of docker's client ended; it is given half a minute. */
function ended(order: {
  program: string
  args: string[]
  env: Record<string, string>
}): Promise<{ code: number | null; said: string }> {
  return new Promise(resolve => {
    const child = startProcess({ ...order, cwd: '/' })
    const timer = setTimeout(() => child.kill('SIGKILL'), 30_000)
    let said = ''
    child.stdout.resume()
    child.stderr.on('data', (piece: Buffer) => void (said.length < 2000 && (said += piece.toString())))
    const over = (code: number | null, what: string): void => {
      clearTimeout(timer)
      resolve({ code, said: what.trim() })
    }
    child.on('error', error => over(null, error.message))
    child.on('close', code => over(code, said))
  })
}

/** Tries in a container of an image what must not be possible there. Null when it holds. */
export async function proveImage(box: Box, order: { tree: string; image: string }): Promise<string | null> {
  const result = await box.run({
    ...order,
    command: attempts,
    timeoutSeconds: 60,
    signal: new AbortController().signal,
  })
  if (isRefusal(result)) return result.refused
  const failed = result.output.split('\n').flatMap(line => (line.startsWith('FAILED ') ? [line.slice(7)] : []))
  if (!result.output.includes('DONE')) failed.push(`its proof ended early (${result.output.trim().slice(-300)})`)
  return failed.length === 0 ? null : `a container of ${order.image} does not hold: ${failed.join('; ')}`
}

const isRefusal = (result: object): result is Refusal => 'refused' in result

/** For any shell, and with what the smallest images have. */
const attempts = `
touch .crew-proof && rm .crew-proof || echo "FAILED the repository can't be written to"
while read -r name rest; do case "$name" in *:) [ "$name" = lo: ] || echo "FAILED there is a network interface";; esac; done </proc/net/dev
while read -r name value rest; do case "$name" in
  Uid:) [ "$value" != 0 ] || echo "FAILED commands run as root";;
  CapEff:|CapPrm:|CapBnd:) [ "$value" = 0000000000000000 ] || echo "FAILED commands have capabilities";;
  NoNewPrivs:) [ "$value" = 1 ] || echo "FAILED commands can gain privileges";;
esac; done </proc/self/status
for place in / /etc /usr /bin; do ( : >"$place/crew-proof" ) 2>/dev/null && echo "FAILED $place can be written to"; done
( : >>/proc/sys/kernel/domainname ) 2>/dev/null && echo "FAILED kernel settings can be changed"
[ -S /var/run/docker.sock ] && echo "FAILED docker's own socket can be seen"
echo DONE
`
