import { defusePlain } from '../defuse-plain.js'
import type { PlanTask } from '../plan.js'
import type { Report } from '../report.js'

/** What a task's commit is made of. */
export interface CommitFacts {
  task: Pick<PlanTask, 'number' | 'title' | 'agent'>
  /** How many tasks the plan has. */
  of: number
  planId: string
  run: string
  /** Logins of those who approved. */
  approvedBy: readonly string[]
  report: Report
  issue: number
}

/**
 * A subject of at most 72 characters, what was made, and the trailers by which git finds the run, the plan, the task,
 * the agent and the approval (`git log --format='%(trailers)'`). Nothing in it mentions, refers or closes.
 */
export function commitMessage({ task, of, planId, run, approvedBy, report, issue }: CommitFacts): string {
  const body = report.sections.flatMap(({ heading, items }) => [
    `${defusePlain(heading, 80)}:`,
    ...items.slice(0, 12).map(item => `- ${defusePlain(item, 200)}`),
  ])
  return [
    defusePlain(task.title, 72) || `Task ${task.number}`,
    '',
    `For issue ${issue}, task ${task.number} of ${of}.`,
    '',
    ...body.slice(0, 40).map(line => (isTrailer(line) ? ` ${line}` : line)),
    '',
    `Crew-Run: ${trailerValue(run)}`,
    `Crew-Plan: ${trailerValue(planId)}`,
    `Crew-Task: ${task.number}/${of}`,
    `Crew-Agent: ${trailerValue(task.agent)}`,
    ...approvedBy.map(login => `Approved-by: ${trailerValue(login)}`),
  ].join('\n')
}

/** A line of a model's that git or GitHub could read as a trailer ("Co-authored-by: …"). */
const isTrailer = (line: string): boolean => /^[A-Za-z][\w-]*-[\w-]*\s*:/.test(line)

const trailerValue = (value: string): string => value.replace(/\s+/g, ' ').trim()
