import type { Report } from './report.js'

/** What the host knows of a task's work, from git and from the commands that it ran itself. */
export interface HostFacts {
  files: readonly { path: string; status: 'added' | 'modified' | 'deleted' }[]
  /** Commands in the order in which they ran; null when none can run on this machine. */
  commands: readonly { command: string; exitCode: number | null }[] | null
}

/** One thing that a report says and the host does not find, or the other way round. */
export type Difference =
  | { kind: 'claimed-file'; path: string }
  | { kind: 'unnamed-file'; path: string; status: 'added' | 'modified' | 'deleted' }
  | { kind: 'check-never-ran'; command: string }
  | { kind: 'check-ended-otherwise'; command: string; claimed: 'passed' | 'failed'; exitCode: number | null }

/**
 * Holds a specialist's report against what happened. Files are compared as paths, where a directory named with a `/` at
 * its end covers what lies in it. A check counts as run when a command that ran holds its text; the last such run
 * decides how it ended.
 */
export function reportDifferences(report: Report, facts: HostFacts): Difference[] {
  const claimed = report.files.map(file => file.trim().replace(/^(?:\.\/)+/, ''))
  const covers = (claim: string, path: string): boolean =>
    claim === path || (claim.endsWith('/') && path.startsWith(claim))
  return [
    ...claimed
      .filter(claim => !facts.files.some(({ path }) => covers(claim, path)))
      .map(path => ({ kind: 'claimed-file' as const, path })),
    ...facts.files
      .filter(({ path }) => !claimed.some(claim => covers(claim, path)))
      .map(({ path, status }) => ({ kind: 'unnamed-file' as const, path, status })),
    ...report.checks.flatMap(check => checkDifference(check, facts.commands)),
  ]
}

function checkDifference({ command, result }: Report['checks'][number], ran: HostFacts['commands']): Difference[] {
  if (result === 'not run') return []
  const wanted = squeeze(command)
  const last = ran?.findLast(one => squeeze(one.command).includes(wanted))
  if (!last) return [{ kind: 'check-never-ran', command }]
  if ((last.exitCode === 0) === (result === 'passed')) return []
  // A chain of commands fails for reasons of its own: only a run of this very command contradicts the report.
  if (squeeze(last.command) !== wanted && result === 'passed' && last.exitCode !== 0) return []
  return [{ kind: 'check-ended-otherwise', command, claimed: result, exitCode: last.exitCode }]
}

const squeeze = (command: string): string => command.replace(/\s+/g, ' ').trim()
