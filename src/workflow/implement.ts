import { isPlain } from '../domain/approval.js'
import type { Command } from '../domain/command.js'
import { leftNoHandoff } from '../domain/handoff.js'
import { whyNever } from '../domain/path-rules.js'
import type { PlanTask } from '../domain/plan.js'
import { replies } from '../domain/say/replies.js'
import { placeOfSecret, secretsFound } from '../domain/say/secret-findings.js'
import { againNote } from '../team/prompts.js'
import { isSameLogin } from './collect-approvals.js'
import { commitTask, type CommitOutcome } from './commit-task.js'
import type { Approved, BranchState, Delivered } from './approved.js'
import type { Look } from './look-at-repository.js'
import { costOf, type AgentMade, type Occurrence } from './occurrence.js'
import type { Run } from './run.js'
import { BranchMoved } from './run-stopped.js'
import { specialistWork } from './specialist-work.js'
import type { Outdated } from './still-as-planned.js'
import type { TaskStatus } from '../domain/say/status-comment.js'
import { TaskBoard, type Ended, type TaskState } from './task-board.js'
import { failureOf, messageOf } from './work.js'

/**
 * Carries out the approved tasks: at most so many at once, each as soon as the tasks it depends on are committed, the
 * commits in plan order. Returns when all are in. A task that fails, or that wants more than its plan allows, waits for
 * a person while the others go on. What was approved must be what there is still when the first commit is made, else
 * nothing is written.
 */
export async function implement(
  run: Run,
  look: Look,
  approved: Approved,
): Promise<{ kind: 'done'; delivered: Delivered[]; branch: BranchState } | { kind: 'outdated'; changed: Outdated }> {
  const board = new TaskBoard(approved.tasks.filter(task => task.kind === 'work'))
  let branch = approved.branch
  for (;;) {
    const committed = await commitInOrder(run, look, { approved, board, branch })
    if (committed.kind === 'outdated') return committed
    branch = committed.branch
    await startReady(run, look, { approved, board, branch })
    await show(run, look, { approved, board, branch })
    if (board.count('done') === board.tasks.length) return { kind: 'done', delivered: board.delivered(), branch }
    await take(run, look, { approved, board }, await run.next())
  }
}

interface Work {
  approved: Approved
  board: TaskBoard
  branch: BranchState
}

/** Commits what has ended, as far as no earlier task is still out. */
async function commitInOrder(
  run: Run,
  look: Look,
  { approved, board, branch: before }: Work,
): Promise<{ kind: 'branch'; branch: BranchState } | { kind: 'outdated'; changed: Outdated }> {
  let branch = before
  for (const task of board.tasks) {
    const state = board.of(task)
    if (state.kind === 'done') continue
    if (state.kind !== 'ended') break
    const { ended, allowed } = state
    const fail = (why: string, kept: { ended: Ended; allowed: boolean } | null): void =>
      board.set(task, { kind: 'failed', why, forMoney: false, kept })
    let outcome: CommitOutcome
    try {
      outcome = await commitTask(run, look, { task, approved, branch, ended, allowed })
    } catch (error) {
      // GitHub refused, or was away for a day. The work is there still, so only the commit is tried again.
      fail(messageOf(error), { ended, allowed })
      break
    }
    switch (outcome.kind) {
      case 'committed':
      case 'unchanged': {
        branch = outcome.branch
        const commit = outcome.kind === 'committed' ? outcome.commit : null
        const { commands, leftOut } = ended.end
        const delivered = { task, report: ended.report, commit, commands, leftOut }
        board.set(task, { kind: 'done', delivered })
        break
      }
      case 'outside':
        board.set(task, { kind: 'asking', ended, paths: outcome.paths })
        await run.comment({
          kind: 'ask',
          id: `${run.id}:${approved.plan.version}:${task.number}:${board.attempts(task)}`,
          text: replies.outsidePaths(task, outcome.paths, isPlain(approved.proposal.needs)),
        })
        return { kind: 'branch', branch }
      case 'conflict': {
        const { paths, tree } = outcome
        board.set(task, { kind: 'waiting', again: { why: 'conflict', paths, tree } })
        return { kind: 'branch', branch }
      }
      case 'unsettled':
        fail(replies.markersLeft(outcome.paths), null)
        return { kind: 'branch', branch }
      case 'secrets': {
        const { findings } = outcome
        const again = { why: 'secret' as const, paths: findings.map(placeOfSecret) }
        board.set(task, { kind: 'failed', why: secretsFound(findings), forMoney: false, kept: null, again })
        return { kind: 'branch', branch }
      }
      case 'outdated':
        return outcome
      case 'moved-by-others':
        throw new BranchMoved(branch.name)
    }
  }
  return { kind: 'branch', branch }
}

async function startReady(run: Run, look: Look, { approved, board, branch }: Work): Promise<void> {
  for (const task of board.ready()) {
    const running = board.count('running')
    if (running >= look.config.max_parallel) return
    // What those at work may still spend is theirs; what they leave over comes back when they end.
    if (running > 0 && run.allotment(look.config) === 0) return
    const state = board.of(task)
    const again = state.kind === 'waiting' ? state.again : null
    const agent = `agent:${run.id}:v${approved.plan.version}:task-${task.number}:${board.nextAttempt(task)}`
    const { work, given } = await specialistWork(run, look, {
      task,
      approved,
      key: agent,
      tree: again?.why === 'conflict' ? again.tree : branch.tree,
      again: again && againNote(again.why, again.paths),
      earlier: board.delivered(),
    })
    board.give(task, given)
    await run.startAgent(agent, work, again)
    const conflicts = again?.why === 'conflict' ? again.paths : []
    board.set(task, { kind: 'running', agent, base: branch.tree, conflicts })
  }
}

async function take(
  run: Run,
  look: Look,
  { approved, board }: Pick<Work, 'approved' | 'board'>,
  message: Occurrence,
): Promise<void> {
  if (message.kind === 'command') return obey(run, { approved, board }, message)
  if (message.kind === 'setup-ended') return
  const task = board.workedOnBy(message.id)
  if (!task) return
  const state = board.of(task)
  if (state.kind !== 'running') return
  board.spend(task, costOf(message).usd)
  board.set(task, ending(run, look, message, state))
  await run.discard(message.id)
}

function ending(
  run: Run,
  look: Look,
  message: AgentMade,
  { base, conflicts }: Extract<TaskState, { kind: 'running' }>,
): TaskState {
  const failed = (why: string, forMoney = false): TaskState => ({ kind: 'failed', why, forMoney, kept: null })
  if (message.kind === 'agent-broke') return failed(message.detail)
  const { end } = message
  if (end.outcome.kind !== 'finished') {
    const { why, forMoney } = failureOf(run, look, end.outcome)
    return failed(why, forMoney)
  }
  if (end.outcome.result.form !== 'report') return failed('ended without a report')
  return { kind: 'ended', ended: { end, report: end.outcome.result.report, base, conflicts }, allowed: false }
}

/** `/retry [task]`, `/budget amount`, and `/approve task` for one that asks. */
async function obey(
  run: Run,
  { approved, board }: Pick<Work, 'approved' | 'board'>,
  message: Extract<Occurrence, { kind: 'command' }>,
): Promise<void> {
  const { command } = message
  const named =
    command.kind === 'approve' ? command.tasks : command.kind === 'retry' && command.task ? [command.task] : undefined
  if (command.kind === 'approve' && board.count('asking') > 0) {
    const { needs } = approved.proposal
    if (!isPlain(needs)) return run.reply(message, replies.outsideNeedsPlan())
    if (isSameLogin(needs.notBy, message.comment.author.login)) return run.reply(message, replies.authorMayNot())
  }
  let obeyed = command.kind === 'budget'
  if (command.kind === 'budget') run.budgetUsd = command.usd
  for (const task of board.tasks.filter(task => !named || named.includes(task.number))) {
    const next = afterCommand(command, board.of(task))
    if (!next) continue
    board.set(task, next)
    obeyed = true
  }
  await (obeyed ? run.obeyed(message) : run.notNow(message))
}

/** What a command makes of a task in that state; null when the command isn't for it. */
function afterCommand(command: Command, state: TaskState): TaskState | null {
  if (state.kind === 'asking' && command.kind === 'approve')
    return state.paths.some(path => whyNever(path) !== null)
      ? null
      : { kind: 'ended', ended: state.ended, allowed: true }
  if (state.kind === 'asking' && command.kind === 'retry')
    return { kind: 'waiting', again: { why: 'outside', paths: state.paths } }
  if (state.kind !== 'failed') return null
  if (command.kind !== 'retry' && !(command.kind === 'budget' && state.forMoney)) return null
  return state.kept ? { kind: 'ended', ...state.kept } : { kind: 'waiting', again: state.again ?? null }
}

async function show(run: Run, look: Look, { approved, board, branch }: Work): Promise<void> {
  const failures = board.tasks.flatMap(task => {
    const state = board.of(task)
    if (state.kind !== 'failed') return []
    return [state.forMoney ? state.why : replies.taskFailed(task, state.why)]
  })
  const idle = board.count('running') === 0
  const over = board.count('done') === board.tasks.length && branch.head !== branch.base
  await run.show({
    phase: over
      ? 'opening-pull-request'
      : idle && board.count('asking') > 0
        ? 'asking'
        : idle && failures.length > 0
          ? 'paused-failed'
          : 'working',
    failure: failures.length > 0 ? [...new Set(failures)].join('\n') : null,
    tasks: approved.plan.tasks.map(task => taskStatus(task, look, { approved, board })),
    ...(branch.head !== branch.base && {
      branch: { name: branch.name, url: `${look.facts.htmlUrl}/tree/${branch.name}` },
    }),
  })
}

function taskStatus(task: PlanTask, { facts }: Look, { approved, board }: Omit<Work, 'branch'>): TaskStatus {
  const { number, title, agent } = task
  const worked = board.tasks.includes(task)
  const usd = worked ? board.spent(task) : 0
  const status = (state: TaskStatus['state'], more: Partial<TaskStatus> = {}): TaskStatus => ({
    number,
    title,
    agent,
    state,
    ...(usd > 0 && { usd }),
    ...more,
  })
  if (!worked) return status(approved.tasks.includes(task) ? 'waiting' : 'skipped')
  const state = board.of(task)
  switch (state.kind) {
    case 'waiting':
    case 'ended':
      return status(state.kind)
    case 'running':
      return status('running', state.conflicts.length > 0 ? { note: replies.settles(state.conflicts) } : {})
    case 'asking':
      return status('asking', { note: state.paths.join(', ') })
    case 'failed':
      return status('failed')
    case 'done': {
      const { commit, report } = state.delivered
      const told = {
        ...(leftNoHandoff(task, report, approved.tasks) && { note: 'left no hand-off' }),
        handed: { given: board.given(task), left: report.nextSpecialistNeeds },
      }
      return commit
        ? status('done', { commit: { sha: commit.sha, url: `${facts.htmlUrl}/commit/${commit.sha}` }, ...told })
        : status('unchanged', told)
    }
  }
}
