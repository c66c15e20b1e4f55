import { inlineCode, linkText } from '../code-markdown.js'
import { defuse, defuseCell } from '../defuse.js'
import { type Given, saysNothing } from '../handoff.js'
import { nameTasks } from '../task-numbers.js'
import type { SetupOutcome } from '../setup.js'
import type { Cost } from '../usage.js'
import { commentLimit, cutTo } from './cut-to.js'
import { costLine, money, shortSha } from './figures.js'
import { bullets, folded, paths, sections } from './lists.js'
import { renderSetup } from './setup-text.js'

/** Where a run is. */
export type Phase =
  | 'looking'
  | 'planning'
  | 'waiting-for-approval'
  /** The tech lead asked questions, or a task wants what its plan doesn't allow. */
  | 'asking'
  | 'working'
  | 'paused-failed'
  | 'opening-pull-request'
  | 'reviewing'
  | 'done'
  | 'rejected'
  | 'cancelled'
  /** It never came to a plan. */
  | 'refused'
  /** Ended before its goal: somebody else pushed, or nothing came of it. */
  | 'stopped'

/**
 * Where a task is. `ended`: its agent is ready, the commit is not made yet. `unchanged`: done, and there was nothing to
 * commit. `asking`: it wants a path that the plan doesn't name. `skipped`: not approved for this run.
 */
export type TaskState =
  'waiting' | 'running' | 'ended' | 'done' | 'unchanged' | 'asking' | 'failed' | 'skipped' | 'cancelled'

export interface TaskStatus {
  number: number
  title: string
  agent: string
  state: TaskState
  /** Its commit, once there is one. */
  commit?: { sha: string; url: string }
  /** What it cost so far, US dollars. */
  usd?: number
  /** A few words on the state: which paths it asks for, why it failed. */
  note?: string
  /** Once it is done: what its brief held, and the hand-off it left. */
  handed?: { given: Given | null; left: string[] }
}

/** Everything that the status comment shows. Survives JSON. */
export interface RunStatus {
  phase: Phase
  /** Empty before a plan is approved. */
  tasks: TaskStatus[]
  cost: Cost
  /** What is being waited out, or how it ended, in one sentence; null when there is nothing to say. */
  notice: string | null
  /** What went wrong, as text for people; shown with how to go on. */
  failure: string | null
  /** What came of the repository's setup, once it has ended. */
  setup?: SetupOutcome | null
  plan?: { id: string; version: number; budgetUsd: number }
  planUrl?: string
  /** US dollars, once `/budget` changed what the plan says. */
  budgetUsd?: number
  branch?: { name: string; url?: string } | null
  pullRequest?: { number: number; url: string } | null
}

/** The one comment that is edited in place: where the run is, what it waits for, the table of tasks, their hand-offs. */
export function renderStatus(status: RunStatus): string {
  const above = sections(
    `### ${headline(status)}`,
    status.notice !== null && `${isFinal(status.phase) ? '' : '⏳ '}${defuse(status.notice)}`,
    status.failure !== null && renderFailure(status),
    status.setup && renderSetup(status.setup),
    status.tasks.length > 0 && renderTasks(status),
  )
  const below = renderFoot(status)
  return sections(above, renderHandoffs(status.tasks, commentLimit - above.length - below.length), below)
}

function headline({ phase, plan, planUrl, tasks, pullRequest }: RunStatus): string {
  const planId = plan ? `plan ${inlineCode(plan.id)}` : 'the plan'
  const planName = planUrl === undefined ? planId : `[${planId}](${planUrl})`
  const pull = pullRequest ? `[pull request ${pullRequest.number}](${pullRequest.url})` : 'the pull request'
  switch (phase) {
    // One headline for both, which follow each other within seconds: it saves an edit of the comment in every run.
    case 'looking':
    case 'planning':
      return '🧭 Reading the repository and making a plan'
    case 'asking':
      return tasks.some(task => task.state === 'asking')
        ? '✋ Waiting for your decision'
        : '❓ Waiting for your answers'
    case 'waiting-for-approval':
      return `✋ Waiting for \`/approve\` of ${planName}`
    case 'working':
      return tasks.length === 0
        ? '🔨 Working'
        : `🔨 Working: ${tasks.filter(task => isOver(task.state)).length} of ${tasks.length} tasks done`
    case 'paused-failed':
      return '⏸️ Paused: something failed'
    case 'opening-pull-request':
      return '📬 Opening the pull request'
    case 'reviewing':
      return `🔍 The reviewer is reading ${pull}`
    case 'done':
      return `✅ Done: ${pull} is ready for you`
    case 'rejected':
      return '🚫 Rejected: nothing was written'
    case 'cancelled':
      return '🛑 Cancelled'
    case 'refused':
      return '🚫 Not started'
    case 'stopped':
      return '🛑 Stopped'
  }
}

/** Nothing more happens with such a task. */
export const isOver = (state: TaskState): boolean => state === 'done' || state === 'unchanged' || state === 'skipped'

const stateNames: Readonly<Record<TaskState, string>> = {
  waiting: '⚪ waiting',
  running: '🔵 working',
  ended: '🔵 committing',
  done: '🟢 done',
  unchanged: '🟢 done, nothing to change',
  asking: '✋ asks you',
  failed: '🔴 failed',
  skipped: '➖ left out',
  cancelled: '🛑 cancelled',
}

/** Each title leads to the plan's comment, where the task's brief stands. */
function renderTasks({ tasks, planUrl }: RunStatus): string {
  const rows = tasks.map(({ number, title, agent, state, note, commit, usd }) => {
    const now = note === undefined ? stateNames[state] : `${stateNames[state]}: ${defuseCell(note, 120)}`
    const sha = commit ? `[${inlineCode(shortSha(commit.sha))}](${commit.url})` : '–'
    const name = defuseCell(title, 80, { hosts: [] })
    const linked = planUrl === undefined ? name : `[${linkText(name)}](${planUrl})`
    return `| ${number}. ${linked} | ${agent} | ${now} | ${sha} | ${usd === undefined ? '–' : money(usd)} |`
  })
  return ['| Task | Agent | State | Commit | Cost |', '|---|---|---|---|---:|', ...rows].join('\n')
}

/** What every finished task was given and left, folded, each cut to its share of what room there is. */
function renderHandoffs(tasks: readonly TaskStatus[], room: number): string | null {
  const done = tasks.filter(({ handed }) => handed !== undefined)
  const share = Math.min(handoffLimit.most, Math.floor(room / done.length) - 100)
  if (done.length === 0 || share < handoffLimit.least) return null
  return done.map(task => folded(`Hand-off of task ${task.number}`, renderHandoff(task, share))).join('\n')
}

/** Characters of one task's hand-off: enough for a full one, and twelve of them fit. */
const handoffLimit = { least: 300, most: 6000 }

function renderHandoff({ handed, commit }: TaskStatus, limit: number): string {
  const { given, left } = handed ?? { given: null, left: [] }
  const rest = commit ? `: [${inlineCode(shortSha(commit.sha))}](${commit.url}) holds what was made` : ''
  return cutTo(
    sections(
      saysNothing(left) ? 'It left nothing for the next specialist.' : `**Next specialist needs**\n${bullets(left)}`,
      given && `**It was given**\n${renderGiven(given)}`,
    ),
    limit,
    `_The rest was too long for this comment${rest}._`,
  )
}

function renderGiven({ handoffs, instructions, files, tooLong }: Given): string {
  const lines = [
    'its part of the plan and the issue',
    handoffs.length > 0 && `what ${nameTasks(handoffs)} left`,
    instructions.length > 0 && `instructions: ${paths(instructions)}`,
    files.length > 0 && `in full: ${paths(files)}`,
    tooLong.length > 0 && `by name only, being long: ${paths(tooLong)}`,
  ]
  return lines
    .filter(line => line !== false)
    .map(line => `- ${line}`)
    .join('\n')
}

function renderFailure({ phase, failure }: RunStatus): string {
  const text = defuse(failure ?? '')
  return isFinal(phase) ? text : `${text}\n\n\`/retry\` tries again from where it stopped, \`/cancel\` ends the run.`
}

const isFinal = (phase: Phase): boolean => ['done', 'rejected', 'cancelled', 'refused', 'stopped'].includes(phase)

function renderFoot({ cost, plan, budgetUsd = plan?.budgetUsd, branch, pullRequest }: RunStatus): string {
  const name = branch && inlineCode(branch.name)
  const place = branch && !pullRequest ? `Branch ${branch.url === undefined ? name : `[${name}](${branch.url})`}` : null
  const costs = cost.calls === 0 ? null : `Cost: ${costLine(cost, budgetUsd)}`
  return `<sub>${[place, costs, '`/help` lists the commands'].filter(part => part !== null).join(' · ')}</sub>`
}
