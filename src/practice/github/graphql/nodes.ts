import { commentUrl, issueUrl } from '../shapes/issue.js'
import type { Account, Issue, IssueComment, Repository, Review, ReviewComment, Thread } from '../state/types.js'
import type { World } from '../state/world.js'
import { isPullRequest } from '../webhooks/pull-events.js'
import { GraphqlRefused } from './refused.js'

/** What a GraphQL id leads to, told apart by the prefix of the id. */
export type Node =
  | { kind: 'issue'; value: Issue }
  | { kind: 'comment'; value: IssueComment }
  | { kind: 'review'; value: Review }
  | { kind: 'review comment'; value: ReviewComment }
  | { kind: 'thread'; value: Thread }

/** Finds a node; throws what GitHub says of an id that leads nowhere. */
export function nodeOf(world: World, id: string): Node {
  const value = world.nodes.get(id)
  if (value === undefined)
    throw new GraphqlRefused('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'`)
  switch (id.slice(0, id.indexOf('_'))) {
    case 'IC':
      return { kind: 'comment', value: value as IssueComment }
    case 'PRR':
      return { kind: 'review', value: value as Review }
    case 'PRRC':
      return { kind: 'review comment', value: value as ReviewComment }
    case 'PRRT':
      return { kind: 'thread', value: value as Thread }
    default:
      return { kind: 'issue', value: value as Issue }
  }
}

export function repositoryOf(node: Node): Repository {
  switch (node.kind) {
    case 'issue':
      return node.value.repository
    case 'comment':
    case 'review':
    case 'thread':
      return node.value.issue.repository
    case 'review comment':
      return node.value.thread.issue.repository
  }
}

/** A node as the schema's type of it; connections are functions of their arguments. */
export function present(world: World, node: Node): Record<string, unknown> {
  switch (node.kind) {
    case 'issue':
      return presentIssue(world, node.value)
    case 'comment':
      return presentComment(world)(node.value)
    case 'review':
      return {
        __typename: 'PullRequestReview',
        ...identity(node.value),
        body: node.value.body,
        state: node.value.state,
        author: presentAccount(node.value.author),
        ...folding(node.value),
      }
    case 'review comment':
      return presentReviewComment(node.value)
    case 'thread':
      return presentThread(node.value)
  }
}

export function presentIssue(world: World, issue: Issue): Record<string, unknown> {
  const common = {
    ...identity(issue),
    number: issue.number,
    title: issue.title,
    body: issue.body ?? '',
    state: issue.state.toUpperCase(),
    url: issueUrl(world, issue),
    comments: connection(issue.comments, presentComment(world)),
  }
  if (!isPullRequest(issue)) return { __typename: 'Issue', ...common }
  return {
    __typename: 'PullRequest',
    ...common,
    databaseId: issue.pull.id,
    isDraft: issue.pull.draft,
    headRefOid: issue.pull.head.sha,
    reviewThreads: connection(
      issue.pull.threads.filter(thread => thread.comments[0]?.review.state !== 'PENDING'),
      presentThread,
    ),
  }
}

export const presentAccount = (account: Account): Record<string, unknown> => ({
  __typename: account.type,
  ...identity(account),
  login: account.type === 'Bot' ? account.login.replace(/\[bot\]$/, '') : account.login,
})

const presentComment =
  (world: World) =>
  (comment: IssueComment): Record<string, unknown> => ({
    __typename: 'IssueComment',
    ...identity(comment),
    body: comment.body,
    url: commentUrl(world, comment),
    author: presentAccount(comment.author),
    createdAt: comment.createdAt,
    updatedAt: comment.updatedAt,
    lastEditedAt: comment.lastEditedAt,
    ...folding(comment),
  })

const presentReviewComment = (comment: ReviewComment): Record<string, unknown> => ({
  __typename: 'PullRequestReviewComment',
  ...identity(comment),
  body: comment.body,
  path: comment.anchor.path,
  author: presentAccount(comment.author),
  createdAt: comment.createdAt,
  lastEditedAt: comment.lastEditedAt,
  ...folding(comment),
})

const presentThread = (thread: Thread): Record<string, unknown> => ({
  __typename: 'PullRequestReviewThread',
  id: thread.nodeId,
  isResolved: thread.resolvedBy !== null,
  resolvedBy: thread.resolvedBy?.type === 'User' ? presentAccount(thread.resolvedBy) : null,
  path: thread.comments[0]?.anchor.path ?? '',
  comments: connection(thread.comments, presentReviewComment),
})

const identity = (what: { id: number; nodeId: string }): Record<string, unknown> => ({
  id: what.nodeId,
  databaseId: what.id,
})

const folding = (what: { minimized: string | null }): Record<string, unknown> => ({
  isMinimized: what.minimized !== null,
  minimizedReason: what.minimized?.toLowerCase().replace('_', '-') ?? null,
})

/** A list that is read forwards, its cursors being indexes. */
const connection =
  <Item>(items: Item[], shape: (item: Item) => Record<string, unknown>) =>
  ({ first, after }: { first?: number; after?: string | null }): Record<string, unknown> => {
    if (first === undefined) {
      throw new GraphqlRefused(
        'MISSING_PAGINATION_BOUNDARIES',
        'You must provide a `first` or `last` value to properly paginate the connection.',
      )
    }
    const from = after === undefined || after === null ? 0 : Number(Buffer.from(after, 'base64').toString('utf8')) + 1
    const end = Math.min(items.length, from + Math.min(first, 100))
    return {
      nodes: items.slice(from, end).map(shape),
      totalCount: items.length,
      pageInfo: {
        hasNextPage: end < items.length,
        endCursor: end > from ? Buffer.from(String(end - 1)).toString('base64') : null,
      },
    }
  }
