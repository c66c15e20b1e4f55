import type { Unfound } from '../domain/asked-names.js'
import { pullRequestTitle, renderPullRequest, reportsInFull, type PullRequestView } from '../domain/say/pull-request.js'
import type { Review } from '../domain/review.js'
import { GitHubRefusal, type PullRequest } from '../ports.js'
import type { Approved, BranchState, Delivered } from './approved.js'
import type { Look } from './look-at-repository.js'
import type { Run } from './run.js'

/** What the pull request tells of: computed from git and from what was approved, never from what a model claims. */
export interface PullRequestFacts {
  look: Look
  approved: Approved
  delivered: Delivered[]
  unfound: Unfound[]
  review: Review | null
}

/**
 * Opens the pull request as a draft, once: the branch's open one, whoever opened it, is found again. Reports that are too
 * long for its body are in comments on it.
 */
export async function openPullRequest(run: Run, facts: PullRequestFacts, branch: BranchState): Promise<PullRequest> {
  const { journal, github } = run.world
  const present = () => github.pullRequestOf(branch.name)
  const pull = await journal.effect('pull request', {
    find: present,
    create: async () => {
      try {
        return await github.createPullRequest({
          title: pullRequestTitle(facts.look.clean),
          body: renderPullRequest(viewOf(run, facts)),
          branch: branch.name,
          base: facts.look.facts.defaultBranch,
          draft: true,
        })
      } catch (error) {
        // A person was quicker: theirs gets the body and the review.
        const opened = error instanceof GitHubRefusal && error.kind === 'exists' ? await present() : null
        if (!opened) throw error
        return opened
      }
    },
  })
  for (const [index, text] of reportsInFull(viewOf(run, facts)).entries())
    await run.comment({ kind: 'reports', id: `${run.id}:${index + 1}`, text, on: pull.number })
  return pull
}

/** Says the reviewer's verdict in the pull request and takes it out of draft. */
export async function readyPullRequest(run: Run, facts: PullRequestFacts, pull: PullRequest): Promise<void> {
  const { journal, github } = run.world
  await journal.step('pull request body', () =>
    github.updatePullRequest(pull.number, { body: renderPullRequest(viewOf(run, facts)) }),
  )
  await journal.effect('ready for review', {
    find: async () => ((await github.pullRequest(pull.number)).draft ? null : true),
    create: async () => {
      if (pull.draft) await github.markReady(pull.nodeId)
      return true
    },
  })
}

function viewOf(run: Run, { look, approved, delivered, unfound, review }: PullRequestFacts): PullRequestView {
  return {
    htmlUrl: look.facts.htmlUrl,
    issue: look.clean,
    plan: { ...approved.plan, budgetUsd: run.budgetUsd },
    approvedBy: approved.by,
    tasks: approved.plan.tasks.map(task => {
      const done = delivered.find(one => one.task.number === task.number)
      return {
        task,
        report: done?.report ?? null,
        commit: done?.commit ?? null,
        commands: done?.commands ?? [],
        leftOut: done?.leftOut ?? [],
        approved: approved.tasks.includes(task),
      }
    }),
    review,
    cost: run.cost,
    unfound,
    commandsOff: look.commandsOff,
    unboxed: run.world.workspaces.sandbox === 'none',
    setup: approved.setup?.outcome ?? null,
    links: look.links,
  }
}
