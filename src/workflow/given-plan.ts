import { readGivenPlan, type GivenPlan } from '../domain/plan-text/given-plan.js'
import { describeLacking, firstProblem, type Given } from '../domain/say/given-plan.js'
import { replies } from '../domain/say/replies.js'
import type { Look } from './look-at-repository.js'
import { planForModels } from './plan-for-models.js'
import type { Occurrence } from './occurrence.js'
import type { Run } from './run.js'

/** A plan that a person wrote, in a comment or in the issue, that the next version is to be. */
export interface PlanWish {
  /** What the plan comment says of it; null where it can't be read and the tech lead plans by itself. */
  given: Given | null
  /** To post as it is, or to have completed. */
  read: Exclude<GivenPlan, { kind: 'broken' }> | null
  /** Sentences for the plan comment. */
  notes: string[]
}

const noWish: PlanWish = { given: null, read: null, notes: [] }

/**
 * The plan that people gave for a version: in what they wrote for it, the newest first, or for the first version in the
 * issue. One in the issue that can't be read is said in the plan: there is no gate yet at which its author could be
 * answered.
 */
export function wishedPlan(
  look: Look,
  { comments, isFirst }: { comments: readonly { text: string; by: string }[]; isFirst: boolean },
): PlanWish {
  const roster = look.team.agents
  for (const { text, by } of comments) {
    const read = readGivenPlan(text, roster)
    if (read && read.kind !== 'broken') return wish(read, { by, where: 'comment' })
  }
  const inIssue = isFirst ? readGivenPlan(look.issue.body, roster) : null
  if (!inIssue) return noWish
  if (inIssue.kind !== 'broken') return wish(inIssue, { by: look.issue.author.login, where: 'issue' })
  return { ...noWish, notes: [replies.issuePlanBroken(firstProblem(inIssue.problems))] }
}

const wish = (read: NonNullable<PlanWish['read']>, by: Pick<Given, 'by' | 'where'>): PlanWish => ({
  given: { ...by, completed: read.kind === 'incomplete' ? read : null },
  read,
  notes: read.notes,
})

/** For the tech lead: the plan to keep, and what it is to add. */
export function completion({ given }: PlanWish): { plan: string; feedback: string } | null {
  if (!given?.completed) return null
  const { draft, lacking } = given.completed
  const origin =
    given.where === 'comment'
      ? 'A maintainer gave this plan, to be carried out as it is.'
      : 'This plan stands in the issue. Where the issue only quotes it as an example, plan as usual; otherwise it is to be carried out as it is.'
  return {
    plan: planForModels(draft),
    feedback: `${origin} Keep its tasks, their titles, agents and order and every text that it has, word for word, and add only what it lacks: ${describeLacking(lacking)}. Where it can't work so, say it under \`risks\` instead of changing it.`,
  }
}

/**
 * Whether a `/revise` holds a plan that can't be read or doesn't hold; then its author has been told where, and nothing
 * else has happened.
 */
export async function refusedPlan(
  run: Run,
  look: Look,
  message: Extract<Occurrence, { kind: 'command' }>,
): Promise<boolean> {
  if (message.command.kind !== 'revise') return false
  const { feedback, at } = message.command
  const given = readGivenPlan(feedback, look.team.agents, at)
  if (given?.kind !== 'broken') return false
  await run.reply(message, replies.planBroken(given.problems))
  return true
}
