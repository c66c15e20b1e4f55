import type { Review, ReviewComment } from '../state/types.js'
import type { World } from '../state/world.js'
import { issueUrl, pullLinks, shapeAuthored, shapeRollup } from './issue.js'
import { apiUrl } from './repository.js'
import type { Shape } from './shape.js'

/** `pull-request-review`. */
export function shapeReview(world: World, review: Review): Shape {
  const { user, author_association } = shapeAuthored(world, review.issue.repository, review)
  const page = `${issueUrl(world, review.issue)}#pullrequestreview-${review.id}`
  const pullUrl = pullLinks(world, review.issue).url
  return {
    id: review.id,
    node_id: review.nodeId,
    user,
    body: review.body,
    state: review.state,
    html_url: page,
    pull_request_url: pullUrl,
    author_association,
    _links: { html: { href: page }, pull_request: { href: pullUrl } },
    ...(review.submittedAt === null ? {} : { submitted_at: review.submittedAt }),
    commit_id: review.commit,
  }
}

/** Where a comment is in the pull request's present diff; null when its lines are gone. */
export interface PresentPlace {
  commit: string
  line: number
  startLine: number | null
  position: number
}

/** `pull-request-review-comment` (and `review-comment`). `place` null: outdated. */
export function shapeReviewComment(world: World, comment: ReviewComment, place: PresentPlace | null): Shape {
  const { issue } = comment.thread
  const { anchor } = comment
  const url = `${apiUrl(world, issue.repository)}/pulls/comments/${comment.id}`
  const page = `${issueUrl(world, issue)}#discussion_r${comment.id}`
  const pullUrl = pullLinks(world, issue).url
  const first = comment.thread.comments[0]
  const { performed_via_github_app: _, ...authored } = shapeAuthored(world, issue.repository, comment)
  return {
    id: comment.id,
    node_id: comment.nodeId,
    url,
    html_url: page,
    pull_request_url: pullUrl,
    pull_request_review_id: comment.review.id,
    diff_hunk: anchor.hunk,
    path: anchor.path,
    body: comment.body,
    ...authored,
    commit_id: place?.commit ?? anchor.commit,
    original_commit_id: anchor.commit,
    position: place?.position ?? null,
    original_position: anchor.position,
    line: place?.line ?? null,
    original_line: anchor.line,
    side: anchor.side,
    start_line: place?.startLine ?? null,
    original_start_line: anchor.startLine,
    start_side: anchor.startSide,
    subject_type: 'line',
    ...(first === undefined || first === comment ? {} : { in_reply_to_id: first.id }),
    reactions: shapeRollup(url, comment.reactions),
    _links: { self: { href: url }, html: { href: page }, pull_request: { href: pullUrl } },
  }
}
