import type { Case } from './cases.js'
import type { Verdict } from './run-case.js'

/** A line for each group of cases, in Markdown. */
export function table(all: Case[], verdicts: Verdict[]): string {
  const groups = [...new Set(all.map(({ group }) => group))]
  const rows = groups.flatMap(group => {
    const ran = verdicts.filter(verdict => verdict.group === group)
    if (ran.length === 0) return []
    const failed = ran.filter(({ faults }) => faults.length > 0).length
    const again = Math.max(...ran.map(({ sentAgain }) => sentAgain))
    const people = ran.filter(({ needed }) => needed.length > 0).length
    const seconds = ran.reduce((sum, verdict) => sum + verdict.seconds, 0) / ran.length
    return [[group, ran.length, ran.length - failed, failed, people, again, seconds.toFixed(1)].map(String)]
  })
  const head = [
    'what goes wrong',
    'cases',
    'passed',
    'failed',
    'needed people',
    'model calls sent again, most',
    's each',
  ]
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map(row => row[column]?.length ?? 0)))
  const line = (cells: string[]): string => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map(width => '-'.repeat(width))), ...rows.map(line)].join('\n')
}
