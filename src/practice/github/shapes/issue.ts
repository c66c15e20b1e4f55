import { authorAssociation } from '../state/permissions.js'
import {
  REACTIONS,
  type Authored,
  type Issue,
  type IssueEvent,
  type IssueComment,
  type Label,
  type Reaction,
  type Repository,
} from '../state/types.js'
import type { World } from '../state/world.js'
import { shapeAccount } from './account.js'
import { shapeApp } from './app.js'
import { apiUrl, pageUrl } from './repository.js'
import type { Shape } from './shape.js'

/** `issue`: also what GitHub shows of a pull request among the issues. */
export function shapeIssue(world: World, issue: Issue): Shape {
  const url = `${apiUrl(world, issue.repository)}/issues/${issue.number}`
  return {
    id: issue.id,
    node_id: issue.nodeId,
    url,
    repository_url: apiUrl(world, issue.repository),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    timeline_url: `${url}/timeline`,
    html_url: issueUrl(world, issue),
    number: issue.number,
    title: issue.title,
    body: issue.body,
    ...shapeAuthored(world, issue.repository, issue),
    labels: issue.labels.map(label => shapeLabel(world, issue.repository, label)),
    state: issue.state,
    state_reason: issue.stateReason,
    locked: false,
    active_lock_reason: null,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: issue.comments.length,
    closed_at: issue.closedAt,
    closed_by: issue.closedBy === null ? null : shapeAccount(world, issue.closedBy),
    reactions: shapeRollup(url, issue.reactions),
    ...(issue.pull === null
      ? {}
      : { draft: issue.pull.draft, pull_request: { ...pullLinks(world, issue), merged_at: null } }),
  }
}

/** `issue-comment`. */
export function shapeComment(world: World, comment: IssueComment): Shape {
  const { repository } = comment.issue
  const url = `${apiUrl(world, repository)}/issues/comments/${comment.id}`
  return {
    id: comment.id,
    node_id: comment.nodeId,
    url,
    html_url: commentUrl(world, comment),
    issue_url: `${apiUrl(world, repository)}/issues/${comment.issue.number}`,
    body: comment.body,
    ...shapeAuthored(world, repository, comment),
    reactions: shapeRollup(url, comment.reactions),
  }
}

/** `issue-event-for-issue`. */
export const shapeIssueEvent = (
  world: World,
  issue: Issue,
  { id, event, actor, createdAt, label }: IssueEvent,
): Shape => ({
  id,
  node_id: `EV_practice${id}`,
  url: `${apiUrl(world, issue.repository)}/issues/events/${id}`,
  actor: shapeAccount(world, actor),
  event,
  commit_id: null,
  commit_url: null,
  created_at: createdAt,
  performed_via_github_app: null,
  ...(label && { label: { name: label.name, color: label.color } }),
  ...(event === 'closed' && { state_reason: issue.stateReason }),
})

/** Page of an issue or pull request. */
export const commentUrl = (world: World, comment: IssueComment): string =>
  `${issueUrl(world, comment.issue)}#issuecomment-${comment.id}`

export const issueUrl = (world: World, issue: Issue): string =>
  `${pageUrl(world, issue.repository)}/${issue.pull === null ? 'issues' : 'pull'}/${issue.number}`

/** `label`. */
export const shapeLabel = (world: World, repository: Repository, label: Label): Shape => ({
  id: label.id,
  node_id: label.nodeId,
  url: `${apiUrl(world, repository)}/labels/${encodeURIComponent(label.name)}`,
  name: label.name,
  color: label.color,
  default: label.default,
  description: label.description,
})

/** `reaction`. */
export const shapeReaction = (world: World, reaction: Reaction): Shape => ({
  id: reaction.id,
  node_id: reaction.nodeId,
  user: shapeAccount(world, reaction.user),
  content: reaction.content,
  created_at: reaction.createdAt,
})

/** `reaction-rollup` of what lies at `url`. */
export function shapeRollup(url: string, reactions: Reaction[]): Shape {
  const counts = REACTIONS.map(content => [content, reactions.filter(each => each.content === content).length])
  return { url: `${url}/reactions`, total_count: reactions.length, ...Object.fromEntries(counts) }
}

/** Who wrote something and when, as every shape says it. */
export const shapeAuthored = (world: World, repository: Repository, authored: Authored): Shape => ({
  user: shapeAccount(world, authored.author),
  created_at: authored.createdAt,
  updated_at: authored.updatedAt,
  author_association: authorAssociation(repository, authored.author),
  performed_via_github_app: authored.byApp ? shapeApp(world) : null,
})

/** Addresses of a pull request that its shapes share. */
export function pullLinks(
  world: World,
  issue: Issue,
): { url: string; html_url: string; diff_url: string; patch_url: string } {
  const page = issueUrl(world, issue)
  return {
    url: `${apiUrl(world, issue.repository)}/pulls/${issue.number}`,
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
  }
}
