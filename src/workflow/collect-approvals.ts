import { isPlain, stillNeeded, teamsOf, type ApprovalNeeds, type Approver } from '../domain/approval.js'
import { mayCommand } from '../domain/issue.js'
import type { PlanTask } from '../domain/plan.js'
import { renderCounted } from '../domain/say/approval.js'
import { replies } from '../domain/say/replies.js'
import type { Proposal } from './propose-plan.js'
import type { Occurrence } from './occurrence.js'
import type { Run } from './run.js'

type Message = Extract<Occurrence, { kind: 'command' }>

/** Approvals of one plan so far, one a person. */
export type Given = { login: string; tasks: PlanTask[] }[]

export type Collected = { kind: 'complete'; by: string[]; tasks: PlanTask[] } | { kind: 'waiting'; say: string }

/**
 * Counts one more approval. The plan is approved once all that the repository's configuration asks for has come together;
 * who approved earlier must be allowed to still. What runs are the tasks that all of them approved.
 */
export async function collect(
  run: Run,
  { plan, needs }: Pick<Proposal, 'plan' | 'needs'>,
  given: Given,
  { message, tasks }: { message: Message; tasks: PlanTask[] },
): Promise<Collected> {
  const { login } = message.comment.author
  if (isPlain(needs)) return { kind: 'complete', by: [login], tasks }
  const at = `for ${message.comment.id}`
  const again = given.some(one => isSameLogin(one.login, login))
  const lost: string[] = []
  for (const one of given.filter(one => !isSameLogin(one.login, login)))
    if (!(await mayStill(run, one.login, at))) lost.push(one.login)
  const standing = given.filter(one => !isSameLogin(one.login, login) && !lost.includes(one.login))
  given.splice(0, given.length, ...standing, { login, tasks })

  const seen = await membershipsOf(run, needs, given, at)
  const missing = stillNeeded(needs, seen.approvers)
  if (missing.people > 0 || missing.team !== null || missing.owners.length > 0) {
    const { unseen } = seen
    const say = renderCounted({ planId: plan.id, needs, missing, count: given.length, again, lost, unseen })
    return { kind: 'waiting', say }
  }
  const agreed = plan.tasks.filter(task => given.every(one => one.tasks.some(({ number }) => number === task.number)))
  return agreed.some(task => task.kind === 'work')
    ? { kind: 'complete', by: given.map(one => one.login), tasks: agreed }
    : {
        kind: 'waiting',
        say: replies.nothingAgreed(given.map(one => ({ login: one.login, tasks: numbers(one.tasks) }))),
      }
}

async function mayStill(run: Run, login: string, at: string): Promise<boolean> {
  const { journal, github } = run.world
  return mayCommand(await journal.step(`permission of ${login} ${at}`, () => github.permissionOf(login)))
}

/** In which of the teams that matter they are now, and of which of these the App may not know. */
async function membershipsOf(
  run: Run,
  needs: ApprovalNeeds,
  given: Given,
  at: string,
): Promise<{ approvers: Approver[]; unseen: string[] }> {
  const { journal, github } = run.world
  const approvers: Approver[] = []
  const unseen = new Set<string>()
  for (const { login } of given) {
    const teams: string[] = []
    for (const team of teamsOf(needs)) {
      const membership = await journal.step(`${login} in ${team} ${at}`, () => github.membership(team, login))
      if (membership === 'member') teams.push(team)
      if (membership === 'unseen') unseen.add(team)
    }
    approvers.push({ login, teams })
  }
  return { approvers, unseen: [...unseen] }
}

export const isSameLogin = (one: string | null, other: string): boolean => one?.toLowerCase() === other.toLowerCase()

const numbers = (tasks: readonly PlanTask[]): number[] => tasks.map(({ number }) => number)
