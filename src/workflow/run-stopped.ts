import type { LostAccess } from '../domain/event.js'
import type { Actor } from '../domain/issue.js'

/** Thrown by a run's `next` when people want the run to stop, at whatever depth it is; caught where the story ends. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped'
  readonly by: Actor
  readonly how: 'cancelled' | 'unlabelled' | 'closed' | 'operator'
  constructor(by: Actor, how: 'cancelled' | 'unlabelled' | 'closed' | 'operator') {
    super(`${by.login}: ${how}`)
    this.by = by
    this.how = how
  }
}

/** Thrown by a run's `next` when GitHub no longer lets the App work in its repository. */
export class AccessLost extends Error {
  override readonly name = 'AccessLost'
  readonly by: Actor | null
  readonly why: LostAccess
  constructor(by: Actor | null, why: LostAccess) {
    super(why)
    this.by = by
    this.why = why
  }
}

/** Thrown when somebody else moved the branch: the App never forces, so it stops. */
export class BranchMoved extends Error {
  override readonly name = 'BranchMoved'
  readonly branch: string
  constructor(branch: string) {
    super(`${branch} was moved by somebody else`)
    this.branch = branch
  }
}
