import type { GitRepository } from '../git/repository.js'

/** What a person may do in a repository, strongest first. */
export const ROLES = ['admin', 'maintain', 'write', 'triage', 'read', 'none'] as const
export type Role = (typeof ROLES)[number]

/** How far a permission of an App reaches. */
export type Level = 'read' | 'write' | 'admin'
/** Permissions of an App by GitHub's names, e.g. `{ contents: 'write' }`. */
export type Permissions = Record<string, Level>

export interface Account {
  id: number
  nodeId: string
  login: string
  type: 'User' | 'Organization' | 'Bot'
  createdAt: string
}

/** The App as installed on one account. */
export interface Installation {
  id: number
  nodeId: string
  account: Account
  permissions: Permissions
  events: string[]
  repositories: Set<Repository>
  createdAt: string
  updatedAt: string
  suspendedAt: string | null
}

export interface Repository {
  id: number
  nodeId: string
  owner: Account
  name: string
  fullName: string
  description: string | null
  private: boolean
  archived: boolean
  defaultBranch: string
  git: GitRepository
  /** Kilobytes of git objects at its creation; GitHub, too, brings it up to date only once in a while. */
  size: number
  createdAt: string
  updatedAt: string
  pushedAt: string
  /** Explicit permissions by lower-case login. The owner needs none. */
  roles: Map<string, Role>
  labels: Label[]
  lastNumber: number
  /** Issues and pull requests by number. */
  issues: Map<number, Issue>
  checkRuns: Map<number, CheckRun>
  /** Commits that count as signed by GitHub, with the moment. */
  verified: Map<string, string>
}

export interface Label {
  id: number
  nodeId: string
  name: string
  color: string
  description: string | null
  default: boolean
}

/** Who wrote something, and whether the App did it for them. */
export interface Authored {
  author: Account
  /** True when a token of the App wrote it. */
  byApp: boolean
  createdAt: string
  updatedAt: string
}

export interface Reaction {
  id: number
  nodeId: string
  user: Account
  content: ReactionContent
  createdAt: string
}
export const REACTIONS = ['+1', '-1', 'laugh', 'confused', 'heart', 'hooray', 'rocket', 'eyes'] as const
export type ReactionContent = (typeof REACTIONS)[number]

/** An issue, or a pull request (`pull` is set). */
export interface Issue extends Authored {
  repository: Repository
  id: number
  nodeId: string
  number: number
  title: string
  body: string | null
  state: 'open' | 'closed'
  stateReason: 'completed' | 'reopened' | 'not_planned' | 'duplicate' | null
  closedAt: string | null
  closedBy: Account | null
  labels: Label[]
  comments: IssueComment[]
  reactions: Reaction[]
  /** What happened to it, oldest first, as far as `GET …/events` shows it here. */
  events: IssueEvent[]
  pull: Pull | null
}

/** That a label was put on or taken off, or that it was closed or opened again. */
export interface IssueEvent {
  id: number
  event: 'labeled' | 'unlabeled' | 'closed' | 'reopened'
  actor: Account
  createdAt: string
  label: Label | null
}

/** Folded, or not; and why. */
export interface Foldable {
  minimized: string | null
}

export interface IssueComment extends Authored, Foldable {
  issue: Issue
  id: number
  nodeId: string
  body: string
  lastEditedAt: string | null
  reactions: Reaction[]
}

/** What a pull request has beyond an issue. Head and base are branches of the same repository. */
export interface Pull {
  id: number
  head: { ref: string; sha: string }
  base: { ref: string; sha: string }
  draft: boolean
  maintainerCanModify: boolean
  reviews: Review[]
  threads: Thread[]
}

export type ReviewState = 'PENDING' | 'COMMENTED' | 'APPROVED' | 'CHANGES_REQUESTED'

export interface Review extends Authored, Foldable {
  issue: Issue
  id: number
  nodeId: string
  body: string
  state: ReviewState
  commit: string
  submittedAt: string | null
}

/** Review comments on one place. The first opened it; the others are replies. */
export interface Thread {
  issue: Issue
  nodeId: string
  resolvedBy: Account | null
  comments: ReviewComment[]
}

export type Side = 'LEFT' | 'RIGHT'

/** Where in the diff of one commit a review comment was put. Lines count from 1 on their side. */
export interface Anchor {
  path: string
  commit: string
  side: Side
  line: number
  startSide: Side | null
  startLine: number | null
  /** Lines below the first hunk's header, as GitHub counts `position`. */
  position: number
  hunk: string
}

export interface ReviewComment extends Authored, Foldable {
  thread: Thread
  review: Review
  id: number
  nodeId: string
  body: string
  anchor: Anchor
  lastEditedAt: string | null
  reactions: Reaction[]
}

export interface CheckRun {
  id: number
  nodeId: string
  suiteId: number
  name: string
  headSha: string
  externalId: string | null
  detailsUrl: string | null
  status: 'queued' | 'in_progress' | 'completed'
  conclusion: string | null
  startedAt: string | null
  completedAt: string | null
  title: string | null
  summary: string | null
  text: string | null
  annotations: Record<string, unknown>[]
}
