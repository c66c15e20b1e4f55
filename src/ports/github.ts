import type { Actor, Issue, IssueComment, Permission } from '../domain/issue.js'
import type { RepositoryRef } from '../domain/repository.js'

/** One repository through its installation. Every method is one REST or GraphQL request unless it says otherwise. 404s that mean "not there" come back as null. */
export interface GitHub {
  describe(): Promise<RepositoryFacts>
  /** What the installation was not granted of all that the App needs, as `contents: write`; asked now. */
  missingPermissions(): Promise<string[]>
  /** Permission of a person, asked now. */
  permissionOf(login: string): Promise<Permission>
  /** Whether a person is in a team (`org/team`), asked now; `unseen` where the App was not given `members: read`. */
  membership(team: string, login: string): Promise<'member' | 'none' | 'unseen'>
  issue(number: number): Promise<Issue>
  /** What an approval is held against, read at one moment: the issue's words, its comments, and the commit of a branch (null: it is gone). A request per hundred comments. */
  present(
    number: number,
    branch: string,
  ): Promise<{ issue: { title: string; body: string }; comments: { id: number; body: string }[]; head: string | null }>
  /** All comments, oldest first (a request per hundred). */
  comments(number: number): Promise<IssueComment[]>
  createComment(number: number, body: string): Promise<IssueComment>
  updateComment(id: number, body: string): Promise<void>
  /** Folds a comment as outdated. */
  foldComment(nodeId: string): Promise<void>
  reactToIssue(number: number, reaction: Reaction): Promise<void>
  reactToComment(id: number, reaction: Reaction): Promise<void>
  /** Commit a branch points at, or null. */
  head(branch: string): Promise<string | null>
  /** A new tree on top of `base`. Text files go inline, others as a blob request each. Returns its sha. */
  createTree(base: string, changes: TreeChange[]): Promise<string>
  /** A commit signed by GitHub as the App. Returns its sha. */
  createCommit(commit: { message: string; tree: string; parents: string[] }): Promise<string>
  commit(sha: string): Promise<{ sha: string; tree: string; parents: string[]; message: string }>
  createBranch(branch: string, sha: string): Promise<void>
  /** Fast-forwards the branch, never forces. `moved-by-others` when GitHub refuses because it isn't one. */
  moveBranch(branch: string, sha: string): Promise<'moved' | 'moved-by-others'>
  pullRequest(number: number): Promise<PullRequest>
  /** The open pull request of a branch of this repository, or null. */
  pullRequestOf(branch: string): Promise<PullRequest | null>
  createPullRequest(pull: {
    title: string
    body: string
    branch: string
    base: string
    draft: boolean
  }): Promise<PullRequest>
  updatePullRequest(number: number, change: { title?: string; body?: string }): Promise<void>
  markReady(nodeId: string): Promise<void>
  /** Reviews of a pull request, oldest first. */
  reviews(number: number): Promise<{ id: number; author: Actor; body: string; commit: string }[]>
  createReview(
    number: number,
    review: { commit: string; body: string; comments: ReviewComment[] },
  ): Promise<{ id: number; url: string }>
}

/** All that the App is installed on, seen by the App itself: for finding out what it was not told. */
export interface Overview {
  /** Deliveries since then (ISO 8601) that came to such an end, newest first. A request per hundred. */
  deliveries(since: string, how: 'failure' | 'success'): Promise<Delivery[]>
  /** Has GitHub deliver that once more. */
  redeliver(id: string): Promise<void>
  /** Every repository that can be worked in: not archived, its installation not suspended. A request per hundred, and two an installation. */
  repositories(): Promise<RepositoryRef[]>
  /** Issues, and pull requests among them, that changed since then. A request per hundred. */
  changedIssues(repository: RepositoryRef, since: string): Promise<{ issue: Issue; updatedAt: string }[]>
  /** Comments on issues and pull requests that were written since then, oldest first. A request per hundred. */
  newComments(repository: RepositoryRef, since: string): Promise<NewComment[]>
  /** Who put labels on an issue, took them off and closed it, oldest first. A request per hundred events. */
  history(repository: RepositoryRef, issue: number): Promise<IssueHappening[]>
}

/** One try of GitHub's to tell the App something. */
export interface Delivery {
  /** As text: it may be larger than what JavaScript can count. */
  id: string
  /** The same for each try. */
  guid: string
  /** ISO 8601. */
  at: string
  event: string
  action: string | null
}

export interface NewComment {
  on: 'issue' | 'pull-request'
  number: number
  comment: { id: number; body: string; author: Actor }
}

export interface IssueHappening {
  id: number
  kind: 'labelled' | 'unlabelled' | 'closed'
  /** Null when it was closed. */
  label: string | null
  by: Actor
  /** ISO 8601. */
  at: string
}

/** What is remembered from one look at GitHub to the next, by all processes on one database together. */
export interface Looks {
  /**
   * Whether this process is to look now: for the first that asks once so many minutes have passed since the last claim.
   * `since` is when the last look that came to its end began; null before there was one. Times are the database's.
   */
  claim(what: string, everyMinutes: number): Promise<{ now: string; since: string | null } | null>
  /** That a look which began then came to its end. */
  done(what: string, begun: string): Promise<void>
  /** When the last look that came to its end began, or null. */
  last(what: string): Promise<string | null>
  /** Whether a failed delivery may be asked for: not more than so often, and once for each of its tries. */
  mayAsk(delivery: Pick<Delivery, 'guid' | 'id'>, times: number): Promise<boolean>
  asked(delivery: Pick<Delivery, 'guid' | 'id'>): Promise<void>
}

export type RefusalKind =
  /** The repository is archived: nothing can be written. */
  | 'archived'
  /** The installation lacks a permission for this. */
  | 'forbidden'
  /** The App is not, or no longer, installed there, or its installation is suspended. */
  | 'not-installed'
  /** GitHub doesn't take the key or the token. */
  | 'unauthenticated'
  /** Not there, or not visible to the installation. */
  | 'not-found'
  /** The conversation is locked. */
  | 'locked'
  /** The repository has no commit yet. */
  | 'empty'
  /** What should be created exists: a branch, a pull request. */
  | 'exists'
  /** The request's content was refused (422); `reasons` says what for. */
  | 'validation'
  | 'conflict'
  | 'other'

/** GitHub said no, and asking again won't change that. The message is for the people on the issue. */
export class GitHubRefusal extends Error {
  override readonly name = 'GitHubRefusal'
  readonly kind: RefusalKind
  readonly status: number
  /** GitHub's own words, one an error. */
  readonly reasons: string[]
  constructor(
    message: string,
    details: { kind: RefusalKind; status: number; reasons?: string[] | undefined; cause: unknown },
  ) {
    super(message, { cause: details.cause })
    this.kind = details.kind
    this.status = details.status
    this.reasons = details.reasons ?? []
  }
}

export interface RepositoryFacts {
  defaultBranch: string
  archived: boolean
  /** No commit yet. */
  empty: boolean
  private: boolean
  htmlUrl: string
  cloneUrl: string
}

export type Reaction = 'eyes' | 'rocket' | '+1' | '-1' | 'confused'

export interface PullRequest {
  number: number
  nodeId: string
  title: string
  body: string
  draft: boolean
  state: 'open' | 'closed'
  branch: string
  head: string
  base: string
  htmlUrl: string
}

/** Lines of the new version (`side: RIGHT`). */
export interface ReviewComment {
  path: string
  line: number
  startLine?: number
  body: string
}

/** One path of a commit. `content` null deletes it. */
export interface TreeChange {
  path: string
  mode: '100644' | '100755'
  content: { text: string } | { base64: string } | null
}
