/** Who wrote or did something on GitHub. Only a `User` may command; bots and the App itself never count. */
export interface Actor {
  login: string
  type: 'User' | 'Bot' | 'Organization' | 'Mannequin'
}

export interface Issue {
  number: number
  title: string
  /** Markdown as its author wrote it; `''` when GitHub says null. */
  body: string
  author: Actor
  state: 'open' | 'closed'
  labels: string[]
  /** `true` when GitHub's issue number belongs to a pull request. */
  isPullRequest: boolean
}

export interface IssueComment {
  id: number
  /** GraphQL id, for folding. */
  nodeId: string
  body: string
  author: Actor
  createdAt: string
  updatedAt: string
  htmlUrl: string
}

/** What a person may do in a repository, as the collaborator-permission endpoint says it. */
export type Permission = 'admin' | 'maintain' | 'write' | 'triage' | 'read' | 'none'

/** Approving, revising, cancelling and starting need the right to write. */
export const mayCommand = (permission: Permission): boolean =>
  permission === 'admin' || permission === 'maintain' || permission === 'write'
