import type { PlanTask } from '../domain/plan.js'
import { describeOutcome, replies } from '../domain/say/replies.js'
import { againNote } from '../team/prompts.js'
import { commitTask } from './commit-task.js'
import type { Approved, BranchState, Delivered } from './approved.js'
import type { Look } from './look-at-repository.js'
import { BranchMoved, type Occurrence, type Run } from './run.js'
import { specialistWork } from './specialist-work.js'
import type { TaskStatus } from '../domain/say/status-comment.js'
import { TaskBoard, type TaskState } from './task-board.js'

/**
 * Carries out the approved tasks: at most so many at once, each as soon as the tasks it depends on are committed, the
 * commits in plan order. Returns when all are in. A task that fails, or that wants more than its plan allows, waits for
 * a person while the others go on.
 */
export async function implement(
  run: Run,
  look: Look,
  approved: Approved,
): Promise<{ delivered: Delivered[]; branch: BranchState }> {
  const board = new TaskBoard(approved.tasks.filter(task => task.kind === 'work'))
  let branch = approved.branch
  for (;;) {
    branch = await commitInOrder(run, look, { approved, board, branch })
    await startReady(run, look, { approved, board, branch })
    await show(run, look, { approved, board, branch })
    if (board.count('done') === board.tasks.length) return { delivered: board.delivered(), branch }
    await take(run, board, await run.next())
  }
}

interface Work {
  approved: Approved
  board: TaskBoard
  branch: BranchState
}

/** Commits what has ended, as far as no earlier task is still out. */
async function commitInOrder(run: Run, look: Look, { approved, board, branch }: Work): Promise<BranchState> {
  for (const task of board.tasks) {
    const state = board.of(task)
    if (state.kind === 'done') continue
    if (state.kind !== 'ended') return branch
    const { ended, allowed } = state
    const outcome = await commitTask(run, look, { task, approved, branch, ended, allowed })
    switch (outcome.kind) {
      case 'committed':
      case 'unchanged': {
        branch = outcome.branch
        const commit = outcome.kind === 'committed' ? outcome.commit : null
        board.set(task, {
          kind: 'done',
          delivered: {
            task,
            report: ended.report,
            commit,
            commands: ended.end.commands,
            usd: ended.end.outcome.cost.usd,
          },
        })
        break
      }
      case 'outside':
        board.set(task, { kind: 'asking', ended, paths: outcome.paths })
        await run.comment({
          kind: 'ask',
          id: `${run.id}:${task.number}:${board.attempts(task)}`,
          text: replies.outsidePaths(task, outcome.paths),
        })
        return branch
      case 'conflict':
        await start(run, look, {
          approved,
          board,
          branch,
          task,
          tree: outcome.tree,
          again: againNote('conflict', outcome.paths),
        })
        return branch
      case 'moved-by-others':
        throw new BranchMoved(branch.name)
    }
  }
  return branch
}

async function startReady(run: Run, look: Look, work: Work): Promise<void> {
  for (const task of work.board.ready()) {
    if (work.board.count('running') >= look.config.max_parallel) return
    const state = work.board.of(task)
    const again = state.kind === 'waiting' ? state.again : null
    await start(run, look, { ...work, task, tree: work.branch.tree, again })
  }
}

async function start(
  run: Run,
  look: Look,
  { approved, board, branch, task, tree, again }: Work & { task: PlanTask; tree: string; again: string | null },
): Promise<void> {
  const agent = `agent:${run.id}:task-${task.number}:${board.nextAttempt(task)}`
  const given = { task, plan: approved.plan, key: agent, tree, again, earlier: board.delivered() }
  await run.startAgent(agent, await specialistWork(run, look, given))
  board.set(task, { kind: 'running', agent, base: branch.tree })
}

async function take(run: Run, board: TaskBoard, message: Occurrence): Promise<void> {
  if (message.kind === 'command') return obey(run, board, message)
  const task = board.workedOnBy(message.id)
  if (!task) return
  const state = board.of(task)
  if (state.kind === 'running') board.set(task, ending(message, state.base))
  await run.discard(message.id)
}

function ending(message: Exclude<Occurrence, { kind: 'command' }>, base: string): TaskState {
  if (message.kind === 'agent-broke') return { kind: 'failed', why: message.detail }
  const { outcome } = message.end
  if (outcome.kind !== 'finished') return { kind: 'failed', why: describeOutcome(outcome) }
  if (outcome.result.form !== 'report') return { kind: 'failed', why: 'ended without a report' }
  return { kind: 'ended', ended: { end: message.end, report: outcome.result.report, base }, allowed: false }
}

/** `/retry [task]`, `/budget amount`, and `/approve task` for one that asks. */
async function obey(run: Run, board: TaskBoard, message: Extract<Occurrence, { kind: 'command' }>): Promise<void> {
  const { command } = message
  const named =
    command.kind === 'approve' ? command.tasks : command.kind === 'retry' && command.task ? [command.task] : undefined
  let obeyed = command.kind === 'budget'
  if (command.kind === 'budget') run.budgetUsd = command.usd
  for (const task of board.tasks.filter(task => !named || named.includes(task.number))) {
    const state = board.of(task)
    if (state.kind === 'asking' && command.kind === 'approve')
      board.set(task, { kind: 'ended', ended: state.ended, allowed: true })
    else if (state.kind === 'asking' && command.kind === 'retry')
      board.set(task, { kind: 'waiting', again: againNote('outside', state.paths) })
    else if (state.kind === 'failed' && (command.kind === 'retry' || command.kind === 'budget'))
      board.set(task, { kind: 'waiting', again: null })
    else continue
    obeyed = true
  }
  await (obeyed ? run.obeyed(message) : run.notNow(message))
}

async function show(run: Run, look: Look, { approved, board, branch }: Work): Promise<void> {
  const failures = board.tasks.flatMap(task => {
    const state = board.of(task)
    return state.kind === 'failed' ? [replies.taskFailed(task, state.why)] : []
  })
  const idle = board.count('running') === 0
  await run.show({
    phase: idle && board.count('asking') > 0 ? 'asking' : idle && failures.length > 0 ? 'paused-failed' : 'working',
    failure: failures.length > 0 ? failures.join('\n') : null,
    tasks: approved.plan.tasks.map(task => taskStatus(task, look, board)),
    ...(branch.head !== branch.base && {
      branch: { name: branch.name, url: `${look.facts.htmlUrl}/tree/${branch.name}` },
    }),
  })
}

function taskStatus(task: PlanTask, { facts }: Look, board: TaskBoard): TaskStatus {
  const { number, title, agent } = task
  const status = (state: TaskStatus['state'], more: Partial<TaskStatus> = {}): TaskStatus => ({
    number,
    title,
    agent,
    state,
    ...more,
  })
  if (!board.tasks.includes(task)) return status(task.kind === 'review' ? 'waiting' : 'skipped')
  const state = board.of(task)
  switch (state.kind) {
    case 'waiting':
      return status('waiting')
    case 'running':
      return status('running')
    case 'ended':
      return status('ended')
    case 'asking':
      return status('asking')
    case 'failed':
      return status('failed')
    case 'done': {
      const { commit, usd } = state.delivered
      return commit
        ? status('done', { usd, commit: { sha: commit.sha, url: `${facts.htmlUrl}/commit/${commit.sha}` } })
        : status('unchanged', { usd })
    }
  }
}
