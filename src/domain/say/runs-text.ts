import type { AgentView, RunView, StepView } from '../run-view.js'
import { count, money } from './figures.js'

/** A list of runs, a line each under a heading. */
export function renderRuns(runs: readonly RunView[]): string {
  const rows = runs.map(run => [
    run.id,
    issueOf(run),
    run.state,
    duration(run.seconds),
    run.usd === 0 ? '–' : money(run.usd),
    cut(plain(run.issue.title), 60),
  ])
  return table(['RUN', 'ISSUE', 'STATE', 'FOR', 'COST', 'TITLE'], rows)
}

/** Everything about one run. Of many steps the newest only, unless `allSteps`. */
export function renderRun(
  { run, agents, steps }: { run: RunView; agents: readonly AgentView[]; steps: readonly StepView[] },
  { allSteps }: { allSteps: boolean },
): string {
  const facts = [
    ['issue', `${issueOf(run)}, ${plain(run.issue.title)}`],
    ['', run.issue.url],
    ['state', run.state],
    ['begun', run.begun],
    run.ended === null ? ['for', duration(run.seconds)] : ['ended', `${run.ended}, after ${duration(run.seconds)}`],
    ['cost', money(run.usd)],
    run.pullRequest !== null && ['pull', run.pullRequest],
    run.notice !== null && ['note', plain(run.notice)],
    run.failure !== null && ['failed', plain(run.failure)],
  ].filter(fact => fact !== false)
  const shown = allSteps ? steps : steps.slice(-stepsShown)
  const parts = [
    run.id,
    indented(columns(facts)),
    run.tasks.length > 0 && 'Tasks',
    indented(columns(run.tasks.map(({ number, state, agent, title }) => [String(number), state, agent, plain(title)]))),
    agents.length > 0 && 'Agents',
    indented(
      columns(
        agents.map(({ id, agent, work, state, turns, usd, seconds, failure }) => [
          work,
          agent,
          failure === null ? state : `${state}: ${cut(plain(failure), 120)}`,
          count(turns, 'turn'),
          money(usd),
          duration(seconds),
          id,
        ]),
      ),
    ),
    steps.length > shown.length ? `Steps, the newest ${shown.length} of ${steps.length} (--steps shows all)` : 'Steps',
    indented(
      columns(
        shown.map(({ number, name, at, milliseconds, failure }) => [
          String(number),
          at ?? '–',
          `${milliseconds} ms`,
          failure === null ? plain(name) : `${plain(name)}: failed: ${cut(plain(failure), 200)}`,
        ]),
      ),
    ),
  ]
  return parts.filter(part => part !== false && part !== '').join('\n')
}

const stepsShown = 15

/** What the verbs of `issue-crew runs` answer. */
export const runsText = {
  none: (all: boolean): string =>
    all ? 'There are no runs.' : 'No run is under way, broken or halted. --all lists those that have ended, too.',
  unknown: (id: string): string =>
    `There is no run ${plain(id)}. \`issue-crew runs list --all\` has all that are known.`,
  unknownState: (state: string, known: readonly string[]): string =>
    `There is no state ${plain(state)}. There are: ${known.join(', ')}.`,
  /** `processes` of the App are at work on the database. */
  heardLater: (processes: number): string =>
    processes > 0
      ? 'It has not come to that yet: it ends as soon as what it does now is over.'
      : 'No App is running on this database: it hears of it at the next start.',
  ended: (run: RunView): string =>
    `${run.id} (${issueOf(run)}) has ended already: ${run.state}. Nothing was done to it.`,
  isHalted: (run: RunView): string =>
    `${run.id} (${issueOf(run)}) stands still: the engine was told to stop it, so that it hears nothing. \`issue-crew runs resume ${run.id}\` has it go on; then it can be cancelled.`,
  cancelled: (run: RunView): string =>
    `${run.id} (${issueOf(run)}) was cancelled. Its agents have stopped, and its status comment says so; commits that were made stay on their branch.`,
  toldToCancel: (run: RunView): string => `${run.id} (${issueOf(run)}) was told to end.`,
  toldToRetry: (run: RunView): string =>
    `${run.id} (${issueOf(run)}) was told to try again what failed, or to look again whether it may go on, as /retry does.`,
  nothingToRetry: (run: RunView): string =>
    `Nothing of ${run.id} (${issueOf(run)}) has failed or waits for leave: it is ${run.state}. Nothing was done to it.`,
  begunAnew: (run: RunView): string =>
    `${run.id} (${issueOf(run)}) had ended as ${run.state}. A new run of its issue was begun, as if the label were put on again by the same person; it looks and plans anew.`,
  anotherRuns: (run: RunView, other: RunView): string =>
    `${run.id} (${issueOf(run)}) has ended as ${run.state}, and ${other.id} is at work on its issue: it is ${other.state}. Nothing was done.`,
  resumed: (id: string): string => `${id} goes on after its last recorded step.`,
  notHalted: (id: string, state: string): string =>
    `${id} doesn't stand still: it is ${state}. Only what the engine was told to stop can be resumed; what has failed is tried again by \`issue-crew runs retry\`.`,
} as const

const issueOf = ({ repository: { owner, name }, issue }: RunView): string => `${owner}/${name}#${issue.number}`

/** What others wrote must not steer a terminal, nor break a line. */
const plain = (text: string): string =>
  text
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .replace(/\p{Cf}/gu, '')
    .trim()

const cut = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`)

/** `45 s`, `12 min`, `3 h 20 min`, `2 d 5 h` */
function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 90) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

const table = (heading: string[], rows: string[][]): string => columns([heading, ...rows])

function columns(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => (row[column] ?? '').length)))
  return rows
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const indented = (text: string): string => (text === '' ? '' : text.replace(/^/gm, '  '))
