import { inlineCode } from '../code-markdown.js'
import { defuse, defuseCell } from '../defuse.js'
import type { Cost } from '../usage.js'
import { costLine, money, shortSha } from './figures.js'
import { sections } from './lists.js'

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
  plan?: { id: string; version: number; budgetUsd: number }
  planUrl?: string
  /** US dollars, once `/budget` changed what the plan says. */
  budgetUsd?: number
  branch?: { name: string; url?: string } | null
  pullRequest?: { number: number; url: string } | null
}

/** The one comment that is edited in place: where the run is, what it waits for, and the table of tasks. */
export function renderStatus(status: RunStatus): string {
  return sections(
    `### ${headline(status)}`,
    status.notice !== null && `${isFinal(status.phase) ? '' : '⏳ '}${defuse(status.notice)}`,
    status.failure !== null && renderFailure(status),
    status.tasks.length > 0 && renderTasks(status.tasks),
    renderFoot(status),
  )
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

function renderTasks(tasks: readonly TaskStatus[]): string {
  const rows = tasks.map(({ number, title, agent, state, note, commit, usd }) => {
    const now = note === undefined ? stateNames[state] : `${stateNames[state]}: ${defuseCell(note, 120)}`
    const sha = commit ? `[${inlineCode(shortSha(commit.sha))}](${commit.url})` : '–'
    return `| ${number}. ${defuseCell(title, 80)} | ${agent} | ${now} | ${sha} | ${usd === undefined ? '–' : money(usd)} |`
  })
  return ['| Task | Agent | State | Commit | Cost |', '|---|---|---|---|---:|', ...rows].join('\n')
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
