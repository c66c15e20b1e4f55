import { startProcess } from './light-process.js'

/** One run of git. Whoever calls gives fixed options and checked object names: nothing from outside becomes an option. */
export interface GitCall {
  /** The trusted git directory, outside every worktree. */
  gitDir: string
  args: string[]
  worktree?: { tree: string; index: string; excludes: string }
  /** Opens the network for this one process: to `url`, with `token` in its environment and nowhere else. */
  remote?: { url: string; token: string | null; allowHttp: boolean }
  input?: string | Uint8Array
  /** Further environment, for things git takes no option for. */
  env?: Record<string, string>
  /** Further configuration of this one process. */
  config?: Record<string, string>
  /** Exit codes that are answers rather than failures; `[0]` when left out. */
  expect?: number[]
  timeoutSeconds?: number
  /** Called with every piece of output instead of gathering it; `false` ends the process, which then counts as done. */
  onOutput?: (piece: Buffer) => boolean
}

interface GitResult {
  code: number
  stdout: Buffer
}

/** Git ended otherwise than expected. The message holds git's own words and never a token. */
export class GitError extends Error {
  override readonly name = 'GitError'
  /** Null when it had to be killed. */
  readonly code: number | null
  /** What git said, with tokens taken out. */
  readonly said: string
  readonly timedOut: boolean
  constructor(command: string, end: { code: number | null; said: string; timedOut: boolean; seconds: number }) {
    const how = end.timedOut ? `did not end within ${end.seconds} s` : `failed (${end.code ?? 'killed'})`
    super(`git ${command} ${how}: ${end.said.trim().slice(0, 2000) || 'no message'}`)
    this.code = end.code
    this.said = end.said
    this.timedOut = end.timedOut
  }
}

const mostOutput = 256 * 1024 * 1024

/**
 * Runs git so that nothing in a tree or on the machine can change what it does: an environment made from nothing, no
 * system or user configuration, no hooks, monitors, filters or prompts, and no protocol unless `remote` opens one.
 * Missing objects are an error at once; they are never fetched behind the caller's back. Throws {@link GitError}.
 */
export function git(call: GitCall): Promise<GitResult> {
  const seconds = call.timeoutSeconds ?? 120
  return new Promise((resolve, reject) => {
    const child = startProcess({
      program: 'git',
      args: call.args,
      cwd: call.worktree?.tree ?? call.gitDir,
      env: environment(call),
      ...(call.input !== undefined && { input: call.input }),
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    let outLength = 0
    let errLength = 0
    let timedOut = false
    let stopped = false
    const timer = setTimeout(() => {
      timedOut = true
      child.kill('SIGKILL')
    }, seconds * 1000)

    child.stdout.on('data', (piece: Buffer) => {
      if (stopped) return
      if (call.onOutput) {
        stopped = !call.onOutput(piece)
      } else {
        out.push(piece)
        outLength += piece.length
      }
      if (stopped || outLength > mostOutput) child.kill('SIGKILL')
    })
    child.stderr.on('data', (piece: Buffer) => {
      errLength += piece.length
      if (errLength < 64 * 1024) err.push(piece)
    })
    child.on('error', error => {
      clearTimeout(timer)
      reject(new Error(`git could not be started (${error.message}): install git 2.38 or newer`, { cause: error }))
    })
    child.on('close', code => {
      clearTimeout(timer)
      if (stopped && !timedOut) return resolve({ code: 0, stdout: Buffer.alloc(0) })
      if (code !== null && (call.expect ?? [0]).includes(code)) return resolve({ code, stdout: Buffer.concat(out) })
      const said = outLength > mostOutput ? 'more output than 256 MiB' : Buffer.concat(err).toString()
      reject(
        new GitError(call.args[0] ?? '', { code, said: withoutToken(said, call.remote?.token), timedOut, seconds }),
      )
    })
  })
}

/** Output of a call as text without the newline at its end. */
export async function gitText(call: GitCall): Promise<string> {
  return (await git(call)).stdout.toString().replace(/\n$/, '')
}

/** Splits NUL-terminated output. */
export function records(output: Buffer): string[] {
  const text = output.toString()
  return text === '' ? [] : text.replace(/\0$/, '').split('\0')
}

/** Throws unless `name` is a full object name: the only thing of a caller's that stands where git reads a revision. */
export function objectName(name: string): string {
  if (!/^[0-9a-f]{40}$/.test(name)) throw new Error(`Not a full object name: ${JSON.stringify(name)}`)
  return name
}

/** As `2.39.5`. Throws, saying what to install, where there is none. */
export async function gitVersion(): Promise<string> {
  const words = await gitText({ gitDir: '/', args: ['version'] })
  return /\d+\.\d+(\.\d+)?/.exec(words)?.[0] ?? '0'
}

const trustedConfig: Record<string, string> = {
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'core.attributesFile': '/dev/null',
  'core.excludesFile': '/dev/null',
  'core.protectHFS': 'true',
  'core.protectNTFS': 'true',
  'core.symlinks': 'true',
  'core.fileMode': 'true',
  'core.autocrlf': 'false',
  'core.safecrlf': 'false',
  'core.quotePath': 'false',
  'core.looseCompression': '1',
  'credential.helper': '',
  'diff.ignoreSubmodules': 'all',
  'submodule.recurse': 'false',
  'index.version': '2',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'protocol.allow': 'never',
  'merge.directoryRenames': 'false',
}

function environment(call: GitCall): Record<string, string> {
  const config = {
    ...trustedConfig,
    ...(call.worktree && { 'core.excludesFile': call.worktree.excludes }),
    ...(call.remote ? remoteConfig(call.remote) : {}),
    ...call.config,
  }
  const settings = Object.entries(config).flatMap(([key, value], n) => [
    [`GIT_CONFIG_KEY_${n}`, key],
    [`GIT_CONFIG_VALUE_${n}`, value],
  ])
  return {
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: '/nonexistent',
    LANG: 'C',
    LC_ALL: 'C',
    GIT_DIR: call.gitDir,
    ...(call.worktree ? { GIT_WORK_TREE: call.worktree.tree, GIT_INDEX_FILE: call.worktree.index } : {}),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_CONFIG_COUNT: String(Object.keys(config).length),
    ...(Object.fromEntries(settings) as Record<string, string>),
    ...call.env,
  }
}

/** `origin` and its token exist only in the process that talks to it: the clone's own configuration names no remote. */
function remoteConfig({ url, token, allowHttp }: NonNullable<GitCall['remote']>): Record<string, string> {
  const { origin } = checkedUrl(url, allowHttp)
  const basic = token === null ? null : Buffer.from(`x-access-token:${token}`).toString('base64')
  return {
    'remote.origin.url': url,
    'remote.origin.promisor': 'true',
    'remote.origin.partialclonefilter': 'blob:none',
    'protocol.https.allow': 'always',
    ...(allowHttp ? { 'protocol.http.allow': 'always' } : {}),
    'http.lowSpeedLimit': '1000',
    'http.lowSpeedTime': '60',
    ...(basic === null ? {} : { [`http.${origin}/.extraHeader`]: `Authorization: Basic ${basic}` }),
  }
}

function checkedUrl(url: string, allowHttp: boolean): URL {
  if (!URL.canParse(url)) throw new Error('The clone URL is not a URL')
  const parsed = new URL(url)
  if (parsed.protocol !== 'https:' && !(allowHttp && parsed.protocol === 'http:'))
    throw new Error(`The clone URL begins with ${parsed.protocol}//; only https:// is allowed`)
  if (parsed.username !== '' || parsed.password !== '')
    throw new Error('The clone URL holds a user name or password; tokens are given apart from it')
  return parsed
}

function withoutToken(text: string, token: string | null | undefined): string {
  if (!token) return text
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64')
  return text.replaceAll(token, '***').replaceAll(basic, '***')
}
