import { reportDifferences } from '../domain/compare-report.js'
import { mayTouch } from '../domain/path-rules.js'
import { costLine, count } from '../domain/say/figures.js'
import { describeDifference } from '../domain/say/pull-request.js'
import { describeOutcome } from '../domain/say/replies.js'
import { renderReport } from '../domain/say/report-text.js'
import { renderReview } from '../domain/say/review-text.js'
import type { FileChange } from '../ports.js'
import type { AgentEnd, AgentWork } from '../team/agent-work.js'
import { readable } from './narrate.js'
import type { Terminal } from './terminal.js'

/** What one agent came to alone. */
export interface TaskEnd {
  work: AgentWork
  end: AgentEnd
  changes: FileChange[]
  /** Unified diff of all that it changed. */
  diff: string
  commandsOff: string | null
}

/** What `--json` says of it. */
export function taskFacts({ work, end, changes, diff, commandsOff }: TaskEnd, source: string) {
  const { outcome } = end
  const result = outcome.kind === 'finished' ? outcome.result : null
  return {
    agent: work.agent,
    source,
    model: work.model,
    outcome: outcome.kind,
    detail: outcome.kind === 'finished' ? null : describeOutcome(outcome),
    report: result?.form === 'report' ? result.report : null,
    review: result?.form === 'review' ? result.review : null,
    differences: differencesOf({ end, changes, commandsOff }),
    files: changes.map(({ path, status, added, deleted }) => ({ path, status, added, deleted })),
    outside: outsideOf(work, changes),
    diff,
    commands: end.commands,
    read: end.read,
    turns: outcome.turns,
    cost: outcome.cost,
  }
}

/** Shows report or review, diff and cost. `patch` is the file that holds the diff. */
export function showTask(given: TaskEnd, patch: { file: string; top: string }, terminal: Terminal): void {
  const { work, end, changes, diff } = given
  const { say, paint } = terminal
  const { outcome } = end
  const heading = (text: string): void => say(`\n${paint('bold', text)}\n`)
  if (outcome.kind !== 'finished') heading(paint('red', `${work.agent} ${describeOutcome(outcome)}`))
  else if (outcome.result.form === 'report') {
    heading('Its report')
    say(readable(renderReport(outcome.result.report)))
  } else if (outcome.result.form === 'review') {
    heading('Its review')
    say(readable(renderReview(outcome.result.review, outcome.result.review.findings)))
  }
  const differences = differencesOf(given)
  if (differences.length > 0) {
    heading('Where the report and the record differ')
    say(differences.map(difference => `- ${readable(difference)}`).join('\n'))
  }
  const outside = outsideOf(work, changes)
  if (outside.length > 0) {
    heading('Changed, but in a run never committed without asking')
    say(outside.map(path => `- ${path}`).join('\n'))
  }
  heading(changes.length === 0 ? 'It changed nothing' : `Its diff (${count(changes.length, 'file')})`)
  if (changes.length > 0) say(diff.trimEnd())
  heading('What it took')
  say(`${costLine(outcome.cost)} · ${count(outcome.turns, 'turn')} of ${work.model}`)
  if (changes.length > 0) say(`\nTo have it in your checkout:\ngit -C ${patch.top} apply ${patch.file}`)
}

function differencesOf({ end, changes, commandsOff }: Pick<TaskEnd, 'end' | 'changes' | 'commandsOff'>): string[] {
  const { outcome } = end
  if (outcome.kind !== 'finished' || outcome.result.form !== 'report') return []
  const commands = commandsOff === null ? end.commands : null
  return reportDifferences(outcome.result.report, { files: changes, commands }).map(describeDifference)
}

/** What commands changed beside the paths that it may write. */
const outsideOf = ({ mayWrite }: AgentWork, changes: FileChange[]): string[] =>
  changes.map(change => change.path).filter(path => mayTouch(path, mayWrite.paths, mayWrite.protectedPaths) !== 'yes')
