import { shapeSimplePull, type PullRequest } from '../shapes/pull.js'
import { shapeReview } from '../shapes/review.js'
import type { Shape } from '../shapes/shape.js'
import type { Account, Review } from '../state/types.js'
import type { World } from '../state/world.js'
import { announce } from './announce.js'

/** Tells that a review was submitted. */
export function announceReview(world: World, issue: PullRequest, review: Review): void {
  announce(world, issue.repository, {
    event: 'pull_request_review',
    action: 'submitted',
    by: review.author,
    // Webhooks write a review's state in lower case, unlike REST.
    payload: {
      review: { ...shapeReview(world, review), state: review.state.toLowerCase() },
      pull_request: shapeSimplePull(world, issue),
    },
  })
}

/** Tells of a new review comment, in the shape that it is answered with. */
export function announceReviewComment(
  world: World,
  issue: PullRequest,
  news: { comment: Shape; by: Account; action?: string; more?: Shape },
): void {
  announce(world, issue.repository, {
    event: 'pull_request_review_comment',
    action: news.action ?? 'created',
    by: news.by,
    payload: { comment: news.comment, pull_request: shapeSimplePull(world, issue), ...news.more },
  })
}
