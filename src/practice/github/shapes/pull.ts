import type { PullFacts } from '../git/pull-facts.js'
import type { Issue, Pull } from '../state/types.js'
import type { World } from '../state/world.js'
import { shapeAccount } from './account.js'
import { pullLinks, shapeAuthored, shapeLabel } from './issue.js'
import { apiUrl, shapeRepository } from './repository.js'
import type { Shape } from './shape.js'

/** A pull request: an issue that has what a pull request has. */
export type PullRequest = Issue & { pull: Pull }

/** `pull-request-simple`: as lists show it. */
export function shapeSimplePull(world: World, issue: PullRequest): Shape {
  const { repository, pull } = issue
  const api = apiUrl(world, repository)
  const links = pullLinks(world, issue)
  const { performed_via_github_app: _, ...authored } = shapeAuthored(world, repository, issue)
  const urls = {
    issue_url: `${api}/issues/${issue.number}`,
    commits_url: `${links.url}/commits`,
    review_comments_url: `${links.url}/comments`,
    review_comment_url: `${api}/pulls/comments{/number}`,
    comments_url: `${api}/issues/${issue.number}/comments`,
    statuses_url: `${api}/statuses/${pull.head.sha}`,
  }
  return {
    id: pull.id,
    node_id: issue.nodeId,
    ...links,
    ...urls,
    number: issue.number,
    state: issue.state,
    locked: false,
    active_lock_reason: null,
    title: issue.title,
    body: issue.body,
    ...authored,
    closed_at: issue.closedAt,
    merged_at: null,
    merge_commit_sha: null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: issue.labels.map(label => shapeLabel(world, repository, label)),
    milestone: null,
    draft: pull.draft,
    head: shapeEnd(world, issue, pull.head),
    base: shapeEnd(world, issue, pull.base),
    auto_merge: null,
    _links: {
      self: { href: links.url },
      html: { href: links.html_url },
      issue: { href: urls.issue_url },
      comments: { href: urls.comments_url },
      review_comments: { href: urls.review_comments_url },
      review_comment: { href: urls.review_comment_url },
      commits: { href: urls.commits_url },
      statuses: { href: urls.statuses_url },
    },
  }
}

/** `pull-request`: with what must be computed from git. */
export function shapePull(world: World, issue: PullRequest, facts: PullFacts): Shape {
  return {
    ...shapeSimplePull(world, issue),
    merged: false,
    mergeable: facts.mergeable,
    rebaseable: facts.mergeable,
    mergeable_state: mergeableState(issue, facts),
    merged_by: null,
    comments: issue.comments.length,
    review_comments: issue.pull.threads.reduce((sum, thread) => sum + thread.comments.length, 0),
    maintainer_can_modify: issue.pull.maintainerCanModify,
    commits: facts.commits,
    additions: facts.additions,
    deletions: facts.deletions,
    changed_files: facts.files,
  }
}

function mergeableState(issue: PullRequest, facts: PullFacts): string {
  if (facts.mergeable === null) return 'unknown'
  if (!facts.mergeable) return 'dirty'
  return issue.pull.draft ? 'draft' : 'clean'
}

const shapeEnd = (world: World, issue: PullRequest, end: { ref: string; sha: string }): Shape => ({
  label: `${issue.repository.owner.login}:${end.ref}`,
  ref: end.ref,
  sha: end.sha,
  user: shapeAccount(world, issue.repository.owner),
  repo: shapeRepository(world, issue.repository),
})
