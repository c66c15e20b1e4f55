import type { Actor, Issue } from './issue.js'
import { fullName, type RepositoryRef } from './repository.js'

/** What the App understands of GitHub's webhooks: its own closed union. Anything else is answered 202 and forgotten. */
export type CrewEvent =
  /** The crew label was put on an open issue. */
  | {
      kind: 'labelled'
      delivery: string
      repository: RepositoryRef
      issue: Issue
      by: Actor
      /** GitHub's time of it or of a later change of the issue, ISO 8601. */
      at: string
      /** Nothing told of it: it was found in the repository. */
      found?: true
      /** The operator wants another run for a label that has had its own. */
      anew?: true
    }
  /** The crew label was taken off, or the issue was closed: whoever did it wants the run to stop. */
  | {
      kind: 'withdrawn'
      delivery: string
      repository: RepositoryRef
      issueNumber: number
      why: 'unlabelled' | 'closed'
      by: Actor
    }
  /** A person wrote a new comment that holds at least one command. `on` says what the number belongs to. */
  | {
      kind: 'commented'
      delivery: string
      repository: RepositoryRef
      on: 'issue' | 'pull-request'
      number: number
      comment: { id: number; body: string; author: Actor }
    }
  /** A person wrote a new comment on an issue that holds no command: an answer, where a run has asked something. */
  | {
      kind: 'remarked'
      delivery: string
      repository: RepositoryRef
      issueNumber: number
      comment: { id: number; author: Actor }
    }
  /** The App may no longer work in some of an installation's repositories, or (null) in none of them. */
  | {
      kind: 'access-lost'
      delivery: string
      installationId: number
      /** GitHub's numbers for them. */
      repositories: number[] | null
      why: LostAccess
      by: Actor
    }

/** How access was lost. `out-of-reach`: nobody told how. */
export type LostAccess = 'uninstalled' | 'suspended' | 'removed' | 'out-of-reach'

/** The issue or pull request that an event is about, as `owner/repository#7`; null where it is about none. */
export function issueOf(event: CrewEvent): string | null {
  if (event.kind === 'access-lost') return null
  const repository = fullName(event.repository)
  switch (event.kind) {
    case 'labelled':
      return `${repository}#${event.issue.number}`
    case 'commented':
      return `${repository}#${event.number}`
    case 'withdrawn':
    case 'remarked':
      return `${repository}#${event.issueNumber}`
  }
}

/**
 * Id of the workflow that hands an event on, under which it is done once. A comment's is its own number, so that it counts
 * once whichever way it became known; everything else goes by GitHub's delivery, which stays the same when it is redelivered.
 */
export const deliveryId = (event: CrewEvent): string =>
  'comment' in event ? `delivery:comment:${event.comment.id}` : `delivery:${event.delivery}`
