import { whatChanged } from '../domain/plan-id.js'
import { mayTouch } from '../domain/path-rules.js'
import type { PlanTask } from '../domain/plan.js'
import { replies } from '../domain/say/replies.js'
import { agentForm } from '../team/agents/agent-paths.js'
import { crewYmlPath, readIssue, type Look } from './look-at-repository.js'
import type { Proposal } from './propose-plan.js'
import type { Occurrence, Run } from './run.js'

export type Decision =
  /** `commit` is where work starts: the head of the default branch at the approval. */
  | { kind: 'approved'; by: string; tasks: PlanTask[]; commit: string }
  | { kind: 'revise'; feedback: string }
  | { kind: 'rejected'; by: string }

type Message = Extract<Occurrence, { kind: 'command' }>

/**
 * The gate: waits until someone who may decides about exactly this plan.
 *
 * An approval counts when it was written after the plan, names no other plan, and issue, included comments and
 * configuration are what they were when the plan was made. When the default branch moved, it still counts as long as
 * nothing that the plan read or may touch has changed; otherwise the plan is made anew.
 */
export async function awaitApproval(run: Run, look: Look, proposal: Proposal): Promise<Decision> {
  await run.show({
    phase: 'waiting-for-approval',
    plan: proposal.plan,
    planUrl: proposal.comment.htmlUrl,
  })
  for (;;) {
    const message = await run.next()
    if (message.kind !== 'command') continue
    const decision = await decide(run, look, proposal, message)
    if (decision) return decision
  }
}

async function decide(run: Run, look: Look, proposal: Proposal, message: Message): Promise<Decision | null> {
  const { command, comment } = message
  const by = comment.author.login
  switch (command.kind) {
    case 'approve':
      return approve(run, look, proposal, message)
    case 'revise':
      await run.obeyed(message)
      return { kind: 'revise', feedback: command.feedback }
    case 'reject':
      await run.obeyed(message)
      return { kind: 'rejected', by }
    default:
      await run.notNow(message)
      return null
  }
}

async function approve(run: Run, look: Look, proposal: Proposal, message: Message): Promise<Decision | null> {
  const { journal, workspaces, github } = run.world
  const { command, comment } = message
  if (command.kind !== 'approve') return null
  const { plan } = proposal
  const refuse = async (text: string): Promise<null> => {
    await run.reply(message, text)
    return null
  }

  if (command.planId !== undefined && command.planId !== plan.id)
    return refuse(replies.wrongPlanId(command.planId, plan.id))
  if (comment.id < proposal.comment.id) return refuse(replies.olderThanPlan(plan.id))
  const tasks = chosen(plan.tasks, command.tasks)
  if ('problem' in tasks) return refuse(tasks.problem)

  const now = await journal.step(`read again for ${comment.id}`, async () => {
    const { issue, comments } = await readIssue(run, look.issue.number)
    const before = new Set(look.comments.map(included => included.id))
    return {
      issue,
      comments: comments
        .filter(({ id }) => before.has(id))
        .map(({ id, author, body }) => ({ id, author: author.login, body })),
    }
  })
  const changed = whatChanged(proposal.digests, { issue: now.issue, comments: now.comments })
  if (changed.length > 0) return refuse(replies.issueChanged(changed))

  const head = await journal.step(`head for ${comment.id}`, async () => {
    const { defaultBranch } = look.facts
    const sha = await github.head(defaultBranch)
    if (sha === look.commit) return { sha, moved: [] }
    const fetched = await workspaces.fetch(look.source, defaultBranch)
    const changes = await workspaces.changes(look.source.repository, look.commit, fetched)
    return { sha: fetched, moved: changes.map(change => change.path) }
  })
  if (head.sha === null) return refuse(replies.branchGone(look.facts.defaultBranch))
  const concerned = head.moved.filter(path => concerns(path, proposal))
  if (concerned.length > 0) {
    await run.reply(message, replies.filesMoved(concerned))
    return {
      kind: 'revise',
      feedback: `These files changed on ${look.facts.defaultBranch} since you read them: ${concerned.join(', ')}. Read them again and change the plan where it no longer fits.`,
    }
  }
  await run.obeyed(message)
  return { kind: 'approved', by: comment.author.login, tasks: tasks.tasks, commit: head.sha }
}

/** The tasks that were approved, with nothing missing that they depend on. */
function chosen(all: PlanTask[], numbers: number[] | undefined): { tasks: PlanTask[] } | { problem: string } {
  if (!numbers) return { tasks: all }
  const unknown = numbers.filter(number => !all.some(task => task.number === number))
  if (unknown.length > 0) return { problem: replies.unknownTasks(unknown, all.length) }
  const tasks = all.filter(task => numbers.includes(task.number))
  const missing = tasks.flatMap(task =>
    task.dependsOn.filter(number => !numbers.includes(number)).map(needs => ({ task: task.number, needs })),
  )
  return missing.length > 0 ? { problem: replies.missingDependencies(missing) } : { tasks }
}

const concerns = (path: string, { plan, read }: Proposal): boolean =>
  path === crewYmlPath ||
  agentForm(path) !== null ||
  read.includes(path) ||
  plan.tasks.some(task => mayTouch(path, task.paths, []) === 'yes')
