import { z } from 'zod'

import { created, noContent, notFound, ok, unprocessable, type Answer } from '../http/answer.js'
import { listed, numberIn } from '../http/pages.js'
import { repositoryRoute, type RepositoryCall } from '../http/routes.js'
import type { PullRequest } from '../shapes/pull.js'
import { checkBody } from '../state/changes.js'
import { REACTIONS, type Anchor, type Repository, type ReviewComment, type Thread } from '../state/types.js'
import { now } from '../state/world.js'
import { isPullRequest } from '../webhooks/pull-events.js'
import { announceReviewComment } from '../webhooks/review-events.js'
import { addReaction, listReactions, mayEdit } from './comments.js'
import { pullNumbered } from './pulls.js'
import {
  addReview,
  addReviewComment,
  anchorOrRefuse,
  reviewedCommit,
  shapePlaced,
  submit,
  visibleComments,
} from './reviews.js'

const Body = z.object({ body: z.string() })
const NewComment = z.object({
  body: z.string(),
  commit_id: z.string(),
  path: z.string(),
  line: z.int(),
  side: z.enum(['LEFT', 'RIGHT']).optional(),
  start_line: z.int().optional(),
  start_side: z.enum(['LEFT', 'RIGHT']).optional(),
})
const NewReaction = z.object({ content: z.enum(REACTIONS) })

/** Review comments by themselves: lists, single ones, replies, reactions. */
export const reviewCommentRoutes = [
  repositoryRoute({
    method: 'GET',
    template: '/pulls/{pull_number}/comments',
    app: 'pull_requests',
    person: 'read',
    run: call => {
      const issue = pullNumbered(call.repository, call.params.pull_number)
      return listed(call, visibleComments(issue, call.actor), comment => shapePlaced(call.world, issue, comment))
    },
  }),
  repositoryRoute({
    method: 'POST',
    template: '/pulls/{pull_number}/comments',
    app: 'pull_requests',
    person: 'read',
    body: NewComment,
    run: async call => {
      const { body } = call
      const issue = pullNumbered(call.repository, call.params.pull_number)
      const commit = await reviewedCommit(issue, body.commit_id)
      const place = {
        path: body.path,
        line: body.line,
        side: body.side,
        startLine: body.start_line,
        startSide: body.start_side,
      }
      const anchor = await anchorOrRefuse(issue, commit, place)
      return comment(call, { issue, anchor, thread: null })
    },
  }),
  repositoryRoute({
    method: 'POST',
    template: '/pulls/{pull_number}/comments/{comment_id}/replies',
    app: 'pull_requests',
    person: 'read',
    body: Body,
    run: call => {
      const issue = pullNumbered(call.repository, call.params.pull_number)
      const parent = visibleComments(issue, call.actor).find(each => each.id === numberIn(call.params.comment_id))
      if (parent === undefined) throw notFound()
      if (parent.thread.comments[0] !== parent) {
        throw unprocessable('Unprocessable Entity', ['Replies to replies are not supported'])
      }
      return comment(call, { issue, anchor: parent.anchor, thread: parent.thread })
    },
  }),
  repositoryRoute({
    method: 'GET',
    template: '/pulls/comments/{comment_id}',
    app: 'pull_requests',
    person: 'read',
    run: async call => {
      const { issue, found } = commentOf(call.repository, call.params.comment_id)
      return ok(await shapePlaced(call.world, issue, found))
    },
  }),
  repositoryRoute({
    method: 'PATCH',
    template: '/pulls/comments/{comment_id}',
    app: 'pull_requests',
    person: 'read',
    body: Body,
    run: async call => {
      const { issue, found } = commentOf(call.repository, call.params.comment_id)
      mayEdit(call, found)
      checkBody(call.body.body, { resource: 'PullRequestReviewComment', required: true })
      const from = found.body
      found.body = call.body.body
      found.updatedAt = found.lastEditedAt = now()
      const shape = await shapePlaced(call.world, issue, found)
      announceReviewComment(call.world, issue, {
        comment: shape,
        by: call.actor,
        action: 'edited',
        more: { changes: { body: { from } } },
      })
      return ok(shape)
    },
  }),
  repositoryRoute({
    method: 'DELETE',
    template: '/pulls/comments/{comment_id}',
    app: 'pull_requests',
    person: 'read',
    run: async call => {
      const { issue, found } = commentOf(call.repository, call.params.comment_id)
      mayEdit(call, found)
      const shape = await shapePlaced(call.world, issue, found)
      found.thread.comments = found.thread.comments.filter(each => each !== found)
      issue.pull.threads = issue.pull.threads.filter(thread => thread.comments.length > 0)
      announceReviewComment(call.world, issue, { comment: shape, by: call.actor, action: 'deleted' })
      return noContent
    },
  }),
  repositoryRoute({
    method: 'GET',
    template: '/pulls/comments/{comment_id}/reactions',
    app: 'pull_requests',
    person: 'read',
    run: call => listReactions(call, commentOf(call.repository, call.params.comment_id).found.reactions),
  }),
  repositoryRoute({
    method: 'POST',
    template: '/pulls/comments/{comment_id}/reactions',
    app: 'pull_requests',
    person: 'read',
    body: NewReaction,
    run: call => addReaction(call, commentOf(call.repository, call.params.comment_id).found.reactions),
  }),
]

/** A single comment is, as on GitHub, a review that holds nothing else. */
async function comment(
  call: RepositoryCall<string, z.infer<typeof Body>>,
  place: { issue: PullRequest; anchor: Anchor; thread: Thread | null },
): Promise<Answer> {
  const { world, actor, byApp, body } = call
  checkBody(body.body, { resource: 'PullRequestReviewComment', required: true })
  const review = addReview(world, place.issue, { author: actor, byApp, body: '', commit: place.anchor.commit })
  const made = addReviewComment(world, review, { ...place, body: body.body })
  await submit(world, { issue: place.issue, review, event: 'COMMENT', comments: [made] })
  return created(await shapePlaced(world, place.issue, made))
}

function commentOf(repository: Repository, id: string): { issue: PullRequest; found: ReviewComment } {
  const number = numberIn(id)
  for (const issue of repository.issues.values()) {
    if (!isPullRequest(issue)) continue
    const found = issue.pull.threads.flatMap(thread => thread.comments).find(each => each.id === number)
    if (found !== undefined) return { issue, found }
  }
  throw notFound()
}
