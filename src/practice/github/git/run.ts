import { spawn } from 'node:child_process'

export interface GitRun {
  /** Sent on standard input. */
  input?: string | Buffer
  /** Added to the fixed environment, e.g. GIT_INDEX_FILE. */
  env?: Record<string, string>
  /** Exit codes that are answers, not failures. Default: only 0. */
  allow?: number[]
}

export interface GitOutput {
  code: number
  stdout: Buffer
}

/**
 * Runs git with exactly these arguments, away from every configuration of the machine and its users.
 * Throws with git's own words when it ends with a code that isn't allowed.
 */
export async function runGit(args: string[], run: GitRun = {}): Promise<GitOutput> {
  const child = spawn('git', args, { env: { ...gitEnvironment(), ...run.env }, stdio: ['pipe', 'pipe', 'pipe'] })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  // git may end before it has read everything; its exit code then says what matters.
  child.stdin.on('error', () => undefined)
  child.stdin.end(run.input ?? '')
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', exitCode => resolve(exitCode ?? -1))
  })
  if (!(run.allow ?? [0]).includes(code)) {
    throw new Error(`git ${args.join(' ')} ended with ${code}: ${Buffer.concat(stderr).toString('utf8').trim()}`)
  }
  return { code, stdout: Buffer.concat(stdout) }
}

/** What git may know of the machine: where programs are, and nothing else. */
export const gitEnvironment = (): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_NO_LAZY_FETCH: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
})
