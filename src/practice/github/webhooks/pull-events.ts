import { pullFacts } from '../git/pull-facts.js'
import { shapePull, type PullRequest } from '../shapes/pull.js'
import type { Shape } from '../shapes/shape.js'
import type { Account, Issue } from '../state/types.js'
import type { World } from '../state/world.js'
import { announce } from './announce.js'

export const isPullRequest = (issue: Issue): issue is PullRequest => issue.pull !== null

/** `pull-request` with what git says of it now. */
export async function currentPull(world: World, issue: PullRequest): Promise<Shape> {
  const { git } = issue.repository
  return shapePull(world, issue, await pullFacts(git, issue.pull.base.sha, issue.pull.head.sha))
}

/** Tells of something that happened to a pull request itself. */
export async function announcePull(
  world: World,
  issue: PullRequest,
  news: { action: string; by: Account; more?: Shape },
): Promise<void> {
  announce(world, issue.repository, {
    event: 'pull_request',
    action: news.action,
    by: news.by,
    payload: { number: issue.number, pull_request: await currentPull(world, issue), ...news.more },
  })
}
