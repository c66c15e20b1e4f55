import { shapeComment, shapeIssue } from '../shapes/issue.js'
import type { Shape } from '../shapes/shape.js'
import type { Account, Issue, IssueComment } from '../state/types.js'
import type { World } from '../state/world.js'
import { announce } from './announce.js'
import { announcePull, isPullRequest } from './pull-events.js'

/** Tells of something that happened to an issue; for a pull request, as an event of that. */
export async function announceIssue(
  world: World,
  issue: Issue,
  news: { action: string; by: Account; more?: Shape },
): Promise<void> {
  if (isPullRequest(issue)) return announcePull(world, issue, news)
  announce(world, issue.repository, {
    event: 'issues',
    action: news.action,
    by: news.by,
    payload: { issue: shapeIssue(world, issue), ...news.more },
  })
}

/** Tells of a comment on an issue or in the conversation of a pull request. */
export function announceComment(
  world: World,
  comment: IssueComment,
  news: { action: 'created' | 'edited' | 'deleted'; by: Account; more?: Shape },
): void {
  announce(world, comment.issue.repository, {
    event: 'issue_comment',
    action: news.action,
    by: news.by,
    payload: { issue: shapeIssue(world, comment.issue), comment: shapeComment(world, comment), ...news.more },
  })
}
