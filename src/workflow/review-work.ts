import { changedFiles } from '../domain/changed-files.js'
import { completeChecklist } from '../domain/complete-checklist.js'
import { anchorFindings } from '../domain/diff-anchor.js'
import { focusAreas } from '../domain/focus-areas.js'
import { numberedDiff } from '../domain/numbered-diff.js'
import { instructionsFor } from '../domain/instructions.js'
import { mergeReviews } from '../domain/merge-reviews.js'
import type { PlanTask } from '../domain/plan.js'
import type { Finding, Review } from '../domain/review.js'
import { inParts } from '../domain/say/cut-to.js'
import { findMarked, marked, marker } from '../domain/say/marker.js'
import { renderFinding, renderReview } from '../domain/say/review-text.js'
import type { TaskStatus } from '../domain/say/status-comment.js'
import { GitHubRefusal, type PullRequest, type ReviewComment } from '../ports.js'
import { readChangedLines } from '../domain/unified-diff.js'
import { reviewBrief } from '../team/briefs.js'
import { planForReview } from './plan-for-models.js'
import type { Approved, BranchState, Delivered } from './approved.js'
import type { Look } from './look-at-repository.js'
import type { Run } from './run.js'
import { agentWork, untilDone, workAlone } from './work.js'

/** Who reviews what no task of the plan has reviewed. */
const teamReviewer = 'code-reviewer'

/** A diff longer than this is cut in the brief; the reviewer reads the rest by file. */
const diffLimit = 200_000

/**
 * Has the reviewers of the plan (or, when it names none, the team's own) read the whole diff, and posts what they found
 * as one review, pinned to the commit that was read: what lies on lines of the diff as inline comments, the rest in its
 * body.
 */
export async function reviewWork(
  run: Run,
  look: Look,
  {
    approved,
    delivered,
    branch,
    pull,
  }: { approved: Approved; delivered: Delivered[]; branch: BranchState; pull: PullRequest },
): Promise<Review> {
  const tasks = approved.tasks.filter(task => task.kind === 'review')
  const reviews: Review[] = []
  for (const task of tasks.length > 0 ? tasks : [null]) {
    await run.show({
      phase: 'reviewing',
      pullRequest: { number: pull.number, url: pull.htmlUrl },
      tasks: changed(run.status.tasks, task, { state: 'running' }),
    })
    const before = run.cost.usd
    const id = `agent:${run.id}:review-${task?.number ?? 0}`
    const { result } = await workAlone(run, look, {
      form: 'review',
      id,
      work: key => reviewerWork(run, look, { task, approved, delivered, branch, key }),
    })
    run.note({ tasks: changed(run.status.tasks, task, { state: 'done', usd: run.cost.usd - before }) })
    reviews.push(result.review)
  }
  const review = completeChecklist(mergeReviews(reviews))
  await untilDone(run, () => post(run, look, { review, branch, pull }))
  return review
}

const changed = (tasks: TaskStatus[], of: PlanTask | null, change: Partial<TaskStatus>): TaskStatus[] =>
  tasks.map(task => (task.number === of?.number ? { ...task, ...change } : task))

async function reviewerWork(
  run: Run,
  look: Look,
  given: { task: PlanTask | null; approved: Approved; delivered: Delivered[]; branch: BranchState; key: string },
) {
  const { journal, workspaces } = run.world
  const { task, approved, delivered, branch, key } = given
  const name = task?.agent ?? teamReviewer
  const agent = look.team.agents.find(agent => agent.role === 'reviewer' && agent.name === name)
  if (!agent) throw new Error(`the team lacks ${name}`)
  const brief = await journal.step(`brief of ${key}`, async () => {
    const diff = await workspaces.diff(look.source, branch.base, branch.tree)
    const numbered = numberedDiff(diff)
    return reviewBrief({
      issue: look.clean,
      files: [],
      instructions: instructionsFor(
        look.instructions,
        delivered.flatMap(({ task }) => task.paths),
        'reviewer',
      ).texts,
      plan: planForReview(approved.plan),
      tasks: approved.tasks,
      reports: delivered,
      focus: task
        ? [`${task.title}: ${task.brief}`, `Done when: ${task.doneWhen}`]
        : ['Everything that the plan promises.'],
      areas: focusAreas(readChangedLines(diff)),
      changed: changedFiles(delivered),
      sensitive: delivered.flatMap(({ commit }) => commit?.sensitive ?? []),
      diff:
        numbered.length <= diffLimit ? numbered : `${numbered.slice(0, diffLimit)}\n… cut here; read the other files`,
    })
  })
  return agentWork(run, look, {
    title: 'review',
    role: 'reviewer',
    agent,
    brief,
    ending: { form: 'review' },
    key,
    tree: branch.tree,
    paths: [],
    protectedPaths: [],
  })
}

async function post(
  run: Run,
  look: Look,
  { review, branch, pull }: { review: Review; branch: BranchState; pull: PullRequest },
): Promise<void> {
  const { journal, github, workspaces } = run.world
  const mark = marker('review', `${run.id}:${branch.head}`)
  const partsWith = (inBody: readonly Finding[]): string[] => inParts(renderReview(review, inBody, look.links))
  const onTheirLines = async () => {
    const diff = await workspaces.diff(look.source, branch.base, branch.tree)
    const { inline, body: inBody } = anchorFindings(review.findings, diff)
    const comments: ReviewComment[] = []
    for (const { path, line, startLine, finding, suggestion } of inline) {
      const body = renderFinding(finding, suggestion, look.links)
      if (body === null) inBody.push(finding)
      else comments.push({ path, line, ...(startLine !== undefined && { startLine }), body })
    }
    return { comments, parts: partsWith(inBody) }
  }
  const more = await journal.effect('review', {
    find: async () => {
      const posted = findMarked(await github.reviews(pull.number), mark, run.world.appLogin)
      if (!posted) return null
      const variants = [(await onTheirLines()).parts, partsWith(review.findings)]
      return (variants.find(([first = '']) => posted.body.startsWith(first)) ?? []).slice(1)
    },
    create: async () => {
      const { parts, comments } = await onTheirLines()
      const send = async ([first = '', ...others]: string[], inline: ReviewComment[]): Promise<string[]> => {
        await github.createReview(pull.number, { commit: branch.head, body: marked(first, mark), comments: inline })
        return others
      }
      try {
        return await send(parts, comments)
      } catch (error) {
        // GitHub's own diff can differ from git's in what it shows; a review in the body is better than none.
        if (!(error instanceof GitHubRefusal && error.kind === 'validation') || comments.length === 0) throw error
        return await send(partsWith(review.findings), [])
      }
    },
  })
  for (const [index, text] of more.entries())
    await run.comment({ kind: 'review-part', id: `${run.id}:${branch.head}:${index + 2}`, text, on: pull.number })
}
