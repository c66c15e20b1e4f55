import { inlineCode } from '../domain/code-markdown.js'
import { mayCommand } from '../domain/issue.js'
import { pathsOf, type Plan } from '../domain/plan.js'
import { accessLostText } from '../domain/say/access-lost.js'
import { branchName } from '../domain/say/pull-request.js'
import { replies } from '../domain/say/replies.js'
import { walletText } from '../domain/say/wallet-text.js'
import { isOver, type TaskStatus } from '../domain/say/status-comment.js'
import type { Approved, BranchState, Delivered } from './approved.js'
import { awaitApproval } from './await-approval.js'
import { implement } from './implement.js'
import { lookAtRepository, type Look } from './look-at-repository.js'
import { openPullRequest, readyPullRequest } from './open-pull-request.js'
import type { Answered } from './clarify.js'
import { tooManyPlans } from './plans-per-hour.js'
import { proposePlan, type Revision } from './propose-plan.js'
import { reviewWork } from './review-work.js'
import { Run } from './run.js'
import { AccessLost, BranchMoved, RunStopped } from './run-stopped.js'
import { setUp } from './set-up.js'
import type { Outdated } from './still-as-planned.js'
import { unfoundNames } from './unfound-names.js'
import { messageOf, untilDone } from './work.js'
import type { RunEnd, RunInput, World } from './world.js'

/**
 * The way of one issue, from its label to a reviewed pull request:
 *
 * 1. The labeller must be allowed to write; then the issue is acknowledged.
 * 2. The repository and the issue are read.
 * 3. The tech lead makes a plan, which is posted.
 * 4. Nothing is written until somebody who may approves exactly this plan; a revision or a rejection ends the wait, too.
 * 5. Setup runs where the repository has one. Specialists carry out the tasks; each becomes one commit on the branch. When, before the first of them, what was
 *    approved is no longer what there is, all begins again at 2.
 * 6. A draft pull request opens, the reviewer reads the whole of it, and it is ready for people.
 *
 * Whatever people want meanwhile (cancel, status, retry) reaches it through the run's inbox.
 */
export async function issueToPullRequest(input: RunInput, world: World): Promise<RunEnd> {
  const run = new Run(input, world)
  try {
    // 1
    const permission = await world.journal.step(`permission of ${input.by.login}`, () =>
      world.github.permissionOf(input.by.login),
    )
    if (input.by.type !== 'User' || !mayCommand(permission))
      return { kind: 'refused', why: `${input.by.login} may not write`, cost: run.cost }
    await run.acknowledge()
    await run.openStatus()

    // 2, 3, 4, 5
    let version = 1
    let revision: Revision | null = null
    const answered: Answered[] = []
    let worked: Worked | null = null
    while (!worked) {
      const seen = await lookAtRepository(run)
      if (seen.kind === 'refused') return await refuse(run, seen.why)
      const { look } = seen
      run.purse.configure(look.config)
      const tooMany = version === 1 && answered.length === 0 ? await tooManyPlans(run, 'plan 1') : null
      if (tooMany !== null) return await refuse(run, walletText.noPlanYet(world.limits.plansPerHour, tooMany))
      const proposed = await proposePlan(run, look, { version, revision, answered })
      if (proposed.kind === 'answered') {
        answered.push(proposed.answered)
        continue
      }
      const { proposal } = proposed
      const decision = await awaitApproval(run, look, proposal)
      switch (decision.kind) {
        case 'rejected':
          await run.show({ phase: 'rejected', notice: replies.rejected(decision.by, decision.reason) })
          return { kind: 'rejected', cost: run.cost }
        case 'revise':
          revision = {
            previous: proposal,
            feedback: decision.feedback,
            ...(decision.by !== undefined && { by: decision.by }),
          }
          version++
          break
        case 'approved': {
          const { by, tasks, commit } = decision
          const tree = await world.journal.step('base tree', () => world.workspaces.treeOf(look.source, commit))
          const name = await freeBranchName(run, look)
          const branch = { name, base: commit, head: commit, tree }
          await run.entry.write('approved', { plan: { paths: pathsOf(tasks), approved: true } })
          const setup = await setUp(run, look, { version: proposal.plan.version, commit, tasks })
          const approved = { plan: proposal.plan, proposal, tasks, by, branch, setup }
          const outcome = await implement(run, look, approved)
          if (outcome.kind === 'done') worked = { look, approved, ...outcome }
          else {
            if (outcome.changed.kind === 'branch')
              return await stop(run, replies.branchGoneSince(look.facts.defaultBranch))
            revision = { previous: proposal, feedback: await tellOutdated(run, proposal.plan, outcome.changed) }
            version++
          }
        }
      }
    }
    const { look, approved, delivered, branch } = worked
    if (branch.head === branch.base) {
      const notDone = delivered.flatMap(({ task, report }) => report.notDone.map(item => ({ task: task.number, item })))
      return await stop(run, replies.nothingChanged(notDone))
    }

    // 6
    const unfound = await unfoundNames(run, look, { delivered, branch })
    const facts = { look, approved, delivered, unfound }
    const pull = await untilDone(run, () => openPullRequest(run, { ...facts, review: null }, branch))
    await run.entry.write('pull request', { pullRequest: pull.number })
    const review = await reviewWork(run, look, { approved, delivered, branch, pull })
    await untilDone(run, () => readyPullRequest(run, { ...facts, review }, pull))
    await run.entry.write('done', { costs: run.purse.parts })
    await run.show({ phase: 'done' })
    return { kind: 'done', pullRequest: pull.number, plan: approved.plan, review, cost: run.cost }
  } catch (error) {
    if (error instanceof BranchMoved) return stop(run, replies.branchMoved(error.branch))
    if (error instanceof AccessLost) {
      const done = run.status.tasks.filter(({ state }) => isOver(state)).map(({ number }) => number)
      const why = accessLostText(error, done)
      await run.entry.write('access lost', { ended: why })
      return stop(run, why)
    }
    if (error instanceof RunStopped) {
      await run.stopAgents()
      await run.show({
        phase: 'cancelled',
        notice: replies.stopped(error.by.login, error.how),
        failure: null,
        tasks: givenUp(run.status.tasks),
      })
      return { kind: 'cancelled', cost: run.cost }
    }
    // Whoever waits for it must not wait for ever. The engine, too, learns of it, and what runs it logs it.
    await stop(run, replies.broke(messageOf(error)))
    throw error
  }
}

interface Worked {
  look: Look
  approved: Approved
  delivered: Delivered[]
  branch: BranchState
}

/** Ends the work on a plan that no longer holds, and says why. Returns what the tech lead is told. */
async function tellOutdated(run: Run, plan: Plan, changed: Exclude<Outdated, { kind: 'branch' }>): Promise<string> {
  await run.stopAgents()
  run.note({ tasks: [], failure: null, setup: null })
  const what = changed.kind === 'issue' ? changed.what : changed.paths.map(inlineCode)
  await run.comment({ kind: 'outdated', id: `${run.id}:${plan.version}`, text: replies.outdated(plan.id, what) })
  return `Since you made this plan, this has changed: ${what.join(', ')}. Read it again and change the plan where it no longer fits.`
}

/** The branch of an earlier run of the issue stays as it is: the next one is called `…-2`. */
function freeBranchName(run: Run, look: Look): Promise<string> {
  const { journal, github } = run.world
  const first = branchName(look.issue.number, look.clean.title)
  return journal.step('name of the branch', async () => {
    let name = first
    for (let number = 2; (await github.head(name)) !== null; number++) name = `${first}-${number}`
    return name
  })
}

/** Says why there will be no plan, and ends. */
async function refuse(run: Run, why: string): Promise<RunEnd> {
  await run.show({ phase: 'refused', failure: why })
  return { kind: 'refused', why, cost: run.cost }
}

async function stop(run: Run, why: string): Promise<RunEnd> {
  await run.stopAgents()
  await run.show({ phase: 'stopped', failure: why, notice: null, tasks: givenUp(run.status.tasks) })
  return { kind: 'stopped', why, cost: run.cost }
}

/** The tasks of a run that ends before its goal. */
const givenUp = (tasks: TaskStatus[]): TaskStatus[] =>
  tasks.map(task => (isOver(task.state) ? task : { ...task, state: 'cancelled' }))
