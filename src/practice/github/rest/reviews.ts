import { z } from 'zod'

import { anchorIn, presentPlace, type WantedPlace } from '../git/anchors.js'
import { notFound, ok, unprocessable, type Answer, type Refused } from '../http/answer.js'
import { listed, numberIn } from '../http/pages.js'
import { repositoryRoute, type RepositoryCall } from '../http/routes.js'
import type { PullRequest } from '../shapes/pull.js'
import { shapeReview, shapeReviewComment } from '../shapes/review.js'
import type { Shape } from '../shapes/shape.js'
import { authoredNow, checkBody } from '../state/changes.js'
import type { Account, Anchor, Review, ReviewComment, ReviewState, Thread } from '../state/types.js'
import { nodeId, now, type World } from '../state/world.js'
import { announceReview, announceReviewComment } from '../webhooks/review-events.js'
import { pullNumbered } from './pulls.js'

const SideName = z.enum(['LEFT', 'RIGHT'])
const DraftComment = z.object({
  path: z.string(),
  body: z.string(),
  position: z.int().optional(),
  line: z.int().optional(),
  side: SideName.optional(),
  start_line: z.int().nullish(),
  start_side: SideName.nullish(),
})
type DraftComment = z.infer<typeof DraftComment>
const Event = z.enum(['APPROVE', 'REQUEST_CHANGES', 'COMMENT'])
const NewReview = z.object({
  commit_id: z.string().optional(),
  body: z.string().nullish(),
  event: Event.optional(),
  comments: z.array(DraftComment).default([]),
})
const Submission = z.object({ event: Event, body: z.string().nullish() })

/** Reviews of pull requests. */
export const reviewRoutes = [
  repositoryRoute({
    method: 'GET',
    template: '/pulls/{pull_number}/reviews',
    app: 'pull_requests',
    person: 'read',
    run: call => {
      const issue = pullNumbered(call.repository, call.params.pull_number)
      return listed(
        call,
        issue.pull.reviews.filter(review => isVisible(review, call.actor)),
        review => shapeReview(call.world, review),
      )
    },
  }),
  repositoryRoute({
    method: 'POST',
    template: '/pulls/{pull_number}/reviews',
    app: 'pull_requests',
    person: 'read',
    body: NewReview,
    run: createReview,
  }),
  repositoryRoute({
    method: 'GET',
    template: '/pulls/{pull_number}/reviews/{review_id}',
    app: 'pull_requests',
    person: 'read',
    run: call => ok(shapeReview(call.world, reviewOf(call))),
  }),
  repositoryRoute({
    method: 'POST',
    template: '/pulls/{pull_number}/reviews/{review_id}/events',
    app: 'pull_requests',
    person: 'read',
    body: Submission,
    run: async call => {
      const review = reviewOf(call)
      if (review.state !== 'PENDING')
        throw unprocessable('Unprocessable Entity', ['Can not submit a review that was submitted before'])
      const issue = pullNumbered(call.repository, call.params.pull_number)
      const comments = commentsOf(issue, review)
      const text = call.body.body ?? review.body
      checkVerdict({ event: call.body.event, text, comments: comments.length, issue, actor: call.actor })
      review.body = text
      await submit(call.world, { issue, review, event: call.body.event, comments })
      return ok(shapeReview(call.world, review))
    },
  }),
  repositoryRoute({
    method: 'DELETE',
    template: '/pulls/{pull_number}/reviews/{review_id}',
    app: 'pull_requests',
    person: 'read',
    run: call => {
      const review = reviewOf(call)
      if (review.state !== 'PENDING') throw unprocessable('Can not delete a non-pending pull request review')
      const { pull } = pullNumbered(call.repository, call.params.pull_number)
      pull.reviews = pull.reviews.filter(each => each !== review)
      pull.threads = pull.threads.filter(thread => thread.comments[0]?.review !== review)
      return ok(shapeReview(call.world, review))
    },
  }),
  repositoryRoute({
    method: 'GET',
    template: '/pulls/{pull_number}/reviews/{review_id}/comments',
    app: 'pull_requests',
    person: 'read',
    run: call => {
      const issue = pullNumbered(call.repository, call.params.pull_number)
      return listed(call, commentsOf(issue, reviewOf(call)), comment => shapePlaced(call.world, issue, comment))
    },
  }),
]

/** A review comment with its place in the pull request as it is now. */
export async function shapePlaced(world: World, issue: PullRequest, comment: ReviewComment): Promise<Shape> {
  const ends = { base: issue.pull.base.sha, head: issue.pull.head.sha }
  return shapeReviewComment(world, comment, await presentPlace(issue.repository.git, ends, comment.anchor))
}

/** Review comments of a pull request that its reader may see, oldest first. */
export const visibleComments = (issue: PullRequest, reader: Account): ReviewComment[] =>
  issue.pull.threads
    .flatMap(thread => thread.comments)
    .filter(comment => isVisible(comment.review, reader))
    .toSorted((one, other) => one.id - other.id)

/** Makes a review without comments yet, not submitted. */
export function addReview(
  world: World,
  issue: PullRequest,
  review: { author: Account; byApp: boolean; body: string; commit: string },
): Review {
  const id = world.nextId()
  const made: Review = {
    ...authoredNow(review.author, review.byApp),
    issue,
    id,
    nodeId: nodeId('PRR', id),
    body: review.body,
    state: 'PENDING',
    commit: review.commit,
    submittedAt: null,
    minimized: null,
  }
  issue.pull.reviews.push(made)
  world.nodes.set(made.nodeId, made)
  return made
}

/** Adds a comment to a review: in a thread that is there, or in a new one. */
export function addReviewComment(
  world: World,
  review: Review,
  comment: { issue: PullRequest; body: string; anchor: Anchor; thread: Thread | null },
): ReviewComment {
  const id = world.nextId()
  const thread: Thread = comment.thread ?? {
    issue: comment.issue,
    nodeId: nodeId('PRRT', id),
    resolvedBy: null,
    comments: [],
  }
  const made: ReviewComment = {
    ...authoredNow(review.author, review.byApp),
    thread,
    review,
    id,
    nodeId: nodeId('PRRC', id),
    body: comment.body,
    anchor: comment.anchor,
    lastEditedAt: null,
    minimized: null,
    reactions: [],
  }
  thread.comments.push(made)
  if (comment.thread === null) {
    comment.issue.pull.threads.push(thread)
    world.nodes.set(thread.nodeId, thread)
  }
  world.nodes.set(made.nodeId, made)
  return made
}

/** Makes a review public and tells of it and of each of its comments. */
export async function submit(
  world: World,
  submission: { issue: PullRequest; review: Review; event: z.infer<typeof Event>; comments: ReviewComment[] },
): Promise<void> {
  const { issue, review, event, comments } = submission
  review.state = STATE[event]
  review.submittedAt = review.updatedAt = issue.updatedAt = now()
  announceReview(world, issue, review)
  for (const comment of comments) {
    announceReviewComment(world, issue, { comment: await shapePlaced(world, issue, comment), by: review.author })
  }
}

/** The anchor of a wanted place; throws 422 as GitHub does, for the whole request. */
export async function anchorOrRefuse(issue: PullRequest, commit: string, wanted: WantedPlace): Promise<Anchor> {
  const anchor = await anchorIn(issue.repository.git, { base: issue.pull.base.sha, commit }, wanted)
  if ('refused' in anchor) throw unprocessable('Unprocessable Entity', [anchor.refused])
  return anchor
}

/** A commit that belongs to the pull request (its head when none is named); throws 422. */
export async function reviewedCommit(issue: PullRequest, sha: string | undefined): Promise<string> {
  const { base, head } = issue.pull
  if (sha === undefined || sha === head.sha) return head.sha
  const own = await issue.repository.git.log(head.sha, { from: base.sha })
  if (!own.includes(sha)) throw unprocessable('Unprocessable Entity', ['commit_id is not part of the pull request'])
  return sha
}

const wantedPlace = (comment: DraftComment): WantedPlace => ({
  path: comment.path,
  line: comment.line,
  side: comment.side,
  startLine: comment.start_line ?? undefined,
  startSide: comment.start_side ?? undefined,
  position: comment.position,
})

const STATE = { APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: 'COMMENTED' } satisfies Record<
  z.infer<typeof Event>,
  ReviewState
>

const isVisible = (review: Review, reader: Account): boolean => review.state !== 'PENDING' || review.author === reader

const commentsOf = (issue: PullRequest, review: Review): ReviewComment[] =>
  issue.pull.threads.flatMap(thread => thread.comments).filter(comment => comment.review === review)

function reviewOf(call: RepositoryCall<'pull_number' | 'review_id', unknown>): Review {
  const { pull } = pullNumbered(call.repository, call.params.pull_number)
  const review = pull.reviews.find(each => each.id === numberIn(call.params.review_id))
  if (review === undefined || !isVisible(review, call.actor)) throw notFound()
  return review
}

async function createReview(call: RepositoryCall<'pull_number', z.infer<typeof NewReview>>): Promise<Answer> {
  const { world, actor, byApp, body } = call
  const issue = pullNumbered(call.repository, call.params.pull_number)
  const text = body.body ?? ''
  checkBody(text, { resource: 'PullRequestReview', required: false })
  if (body.event !== undefined) {
    checkVerdict({ event: body.event, text, comments: body.comments.length, issue, actor })
  } else if (issue.pull.reviews.some(review => review.state === 'PENDING' && review.author === actor)) {
    throw unprocessable('Unprocessable Entity', ['User can only have one pending review per pull request'])
  }
  const commit = await reviewedCommit(issue, body.commit_id)
  // All places are looked up before anything is made: one that is outside the diff refuses the whole review.
  const anchors = []
  for (const comment of body.comments) {
    checkBody(comment.body, { resource: 'PullRequestReviewComment', required: true })
    anchors.push(await anchorOrRefuse(issue, commit, wantedPlace(comment)))
  }
  const review = addReview(world, issue, { author: actor, byApp, body: text, commit })
  const comments = anchors.map((anchor, index) =>
    addReviewComment(world, review, { issue, body: body.comments[index]?.body ?? '', anchor, thread: null }),
  )
  if (body.event !== undefined) await submit(world, { issue, review, event: body.event, comments })
  return ok(shapeReview(world, review))
}

function checkVerdict(verdict: {
  event: z.infer<typeof Event>
  text: string
  comments: number
  issue: PullRequest
  actor: Account
}): void {
  const { event, text, comments, issue, actor } = verdict
  const refuse = (words: string): Refused => unprocessable('Unprocessable Entity', [words])
  if (issue.author === actor && event === 'APPROVE') throw refuse('Can not approve your own pull request')
  if (issue.author === actor && event === 'REQUEST_CHANGES')
    throw refuse('Can not request changes on your own pull request')
  const empty = text.trim() === ''
  if (empty && (event === 'REQUEST_CHANGES' || (event === 'COMMENT' && comments === 0)))
    throw refuse("Body can't be blank")
}
