import type { PlanTask } from '../domain/plan.js'
import { replies } from '../domain/say/replies.js'
import { walletText } from '../domain/say/wallet-text.js'
import { refusedPlan } from './given-plan.js'
import { collect, isSameLogin, type Given } from './collect-approvals.js'
import type { Look } from './look-at-repository.js'
import { tooManyPlans } from './plans-per-hour.js'
import type { Proposal } from './propose-plan.js'
import type { Occurrence } from './occurrence.js'
import type { Run } from './run.js'
import { presentState } from './still-as-planned.js'

export type Decision =
  /** `commit` is where work starts: the head of the default branch at the approval. */
  | { kind: 'approved'; by: string[]; tasks: PlanTask[]; commit: string }
  /** `by` is who wrote the feedback, when it was somebody. */
  | { kind: 'revise'; feedback: string; by?: string }
  | { kind: 'rejected'; by: string; reason?: string }

type Message = Extract<Occurrence, { kind: 'command' }>

/**
 * The gate: waits until someone who may decides about exactly this plan.
 *
 * An approval counts when it was written after the plan, names no other plan, and the plan's own comment, the issue and
 * the comments that the plan includes are what they were when it was made. When the default branch moved, it still
 * counts as long as nothing that the plan read or may touch has changed; otherwise the plan is made anew. Where the
 * configuration asks for more than one approval, they are collected; another version of the plan has none.
 */
export async function awaitApproval(run: Run, look: Look, proposal: Proposal): Promise<Decision> {
  await run.show({
    phase: 'waiting-for-approval',
    plan: proposal.plan,
    planUrl: proposal.comment.htmlUrl,
  })
  const given: Given = []
  for (;;) {
    const message = await run.next()
    if (message.kind !== 'command') continue
    const decision = await decide(run, look, { proposal, given }, message)
    if (decision) return decision
  }
}

interface Gate {
  proposal: Proposal
  given: Given
}

async function decide(run: Run, look: Look, gate: Gate, message: Message): Promise<Decision | null> {
  const { command, comment } = message
  const by = comment.author.login
  switch (command.kind) {
    case 'approve':
      return approve(run, look, gate, { message, command })
    case 'revise':
      if (await refusedPlan(run, look, message)) return null
      if (await refusedForNow(run, message)) return null
      await run.obeyed(message)
      return { kind: 'revise', feedback: command.feedback, by }
    case 'reject':
      await run.obeyed(message)
      return { kind: 'rejected', by, ...(command.reason !== undefined && { reason: command.reason }) }
    case 'budget':
      run.budgetUsd = command.usd
      await run.obeyed(message)
      await run.show({})
      return null
    default:
      await run.notNow(message)
      return null
  }
}

/** Whether the issue has had too many plans of late; then that, and how long it holds, has been said. */
async function refusedForNow(run: Run, message: Message): Promise<boolean> {
  const again = await tooManyPlans(run, `plan for ${message.comment.id}`)
  if (again !== null) await run.reply(message, walletText.noMorePlans(run.world.limits.plansPerHour, again))
  return again !== null
}

async function approve(
  run: Run,
  look: Look,
  { proposal, given }: Gate,
  { message, command }: { message: Message; command: Extract<Message['command'], { kind: 'approve' }> },
): Promise<Decision | null> {
  const { comment } = message
  const { plan } = proposal
  const refuse = async (text: string): Promise<null> => {
    await run.reply(message, text)
    return null
  }

  const { planId } = command
  if (planId !== undefined && proposal.voided.includes(planId)) return refuse(replies.planVoided(planId, plan.id))
  if (planId !== undefined && planId !== plan.id) return refuse(replies.wrongPlanId(planId, plan.id))
  if (comment.id < proposal.comment.id) return refuse(replies.olderThanPlan(plan.id))
  const tasks = chosen(plan.tasks, command.tasks)
  if ('problem' in tasks) return refuse(tasks.problem)

  if (isSameLogin(proposal.needs.notBy, comment.author.login)) return refuse(replies.authorMayNot())

  const present = await presentState(run, look, proposal, `read again for ${comment.id}`)
  switch (present.kind) {
    case 'plan':
      return refuse(replies.planChanged())
    case 'issue':
      return refuse(replies.issueChanged(present.what))
    case 'branch':
      return refuse(replies.branchGone(look.facts.defaultBranch))
    case 'files':
      await run.reply(message, replies.filesMoved(present.paths))
      return { kind: 'revise', feedback: rereadWhatChanged(present.paths, look.facts.defaultBranch) }
    case 'same':
  }
  const collected = await collect(run, proposal, given, { message, tasks: tasks.tasks })
  if (collected.kind === 'waiting') return refuse(collected.say)
  await run.obeyed(message)
  return { kind: 'approved', by: collected.by, tasks: collected.tasks, commit: present.commit }
}

/** The tasks that were approved, with nothing missing that they depend on. */
function chosen(all: PlanTask[], numbers: number[] | undefined): { tasks: PlanTask[] } | { problem: string } {
  if (!numbers) return { tasks: all }
  const unknown = numbers.filter(number => !all.some(task => task.number === number))
  if (unknown.length > 0) return { problem: replies.unknownTasks(unknown, all.length) }
  const tasks = all.filter(task => numbers.includes(task.number))
  const missing = tasks
    .map(task => ({ task: task.number, needs: task.dependsOn.filter(number => !numbers.includes(number)) }))
    .filter(({ needs }) => needs.length > 0)
  if (missing.length > 0) return { problem: replies.missingDependencies(missing) }
  return tasks.some(task => task.kind === 'work') ? { tasks } : { problem: replies.noWork() }
}

/** For the tech lead. */
const rereadWhatChanged = (paths: string[], branch: string): string =>
  `These files changed on ${branch} since you read them: ${paths.join(', ')}. Read them again and change the plan where it no longer fits.`
