import { Refused, validationFailed } from '../http/answer.js'
import type { Account, Authored, Issue, IssueEvent, Label, Reaction, ReactionContent, Repository } from './types.js'
import { nodeId, now, type World } from './world.js'

/** The longest text GitHub takes for a body. */
const BODY_LIMIT = 65_536

/** Refuses a body that is too long, or empty where it must not be, in GitHub's words. */
export function checkBody(body: string | null | undefined, options: { resource: string; required: boolean }): void {
  const { resource, required } = options
  if (required && (body ?? '').trim() === '') {
    throw validationFailed({ resource, code: 'custom', field: 'body', message: "body can't be blank" })
  }
  if ((body ?? '').length > BODY_LIMIT) {
    const message = `body is too long (maximum is ${BODY_LIMIT} characters)`
    throw validationFailed({ resource, code: 'custom', field: 'body', message })
  }
}

/** Who writes, and when: what every written thing begins with. */
export function authoredNow(by: Account, byApp: boolean): Authored {
  const at = now()
  return { author: by, byApp, createdAt: at, updatedAt: at }
}

/** An issue, or (`pull` set) a pull request, under the next number. */
export function addIssue<P extends Issue['pull']>(
  world: World,
  repository: Repository,
  issue: Pick<Issue, 'title' | 'body' | 'author' | 'byApp'> & { pull: P },
): Issue & { pull: P } {
  const id = world.nextId()
  const made: Issue & { pull: P } = {
    ...authoredNow(issue.author, issue.byApp),
    repository,
    id,
    nodeId: nodeId(issue.pull === null ? 'I' : 'PR', id),
    number: ++repository.lastNumber,
    title: issue.title,
    body: issue.body,
    state: 'open',
    stateReason: null,
    closedAt: null,
    closedBy: null,
    labels: [],
    comments: [],
    reactions: [],
    events: [],
    pull: issue.pull,
  }
  repository.issues.set(made.number, made)
  world.nodes.set(made.nodeId, made)
  return made
}

export function closeIssue(issue: Issue, close: { by: Account; reason: Issue['stateReason'] }): void {
  issue.state = 'closed'
  issue.stateReason = close.reason
  issue.closedAt = issue.updatedAt = now()
  issue.closedBy = close.by
}

/** Writes down what happened to an issue just now. */
export function noteEvent(
  world: World,
  issue: Issue,
  { event, actor, label = null }: Pick<IssueEvent, 'event' | 'actor'> & { label?: Label | null },
): void {
  issue.events.push({ id: world.nextId(), event, actor, label, createdAt: now() })
}

export function reopenIssue(issue: Issue): void {
  issue.state = 'open'
  issue.stateReason = issue.pull === null ? 'reopened' : null
  issue.closedAt = null
  issue.closedBy = null
  issue.updatedAt = now()
}

/** A label of the repository by its name, made where there is none, as GitHub does when one is put on an issue. */
export function labelNamed(world: World, repository: Repository, name: string): Label {
  const known = repository.labels.find(label => label.name.toLowerCase() === name.toLowerCase())
  return known ?? addLabel(world, repository, { name, color: 'ededed', description: null })
}

export function addLabel(
  world: World,
  repository: Repository,
  label: Pick<Label, 'name' | 'color' | 'description'> & { default?: boolean },
): Label {
  if (label.name.trim() === '' || label.name.length > 50) {
    throw validationFailed({ resource: 'Label', code: 'invalid', field: 'name' })
  }
  const id = world.nextId()
  const made: Label = { id, nodeId: nodeId('LA', id), default: false, ...label }
  repository.labels.push(made)
  return made
}

/** Adds a reaction, or finds the one that this account left before. */
export function react(
  world: World,
  reactions: Reaction[],
  reaction: { by: Account; content: ReactionContent },
): { reaction: Reaction; isNew: boolean } {
  const known = reactions.find(each => each.user === reaction.by && each.content === reaction.content)
  if (known !== undefined) return { reaction: known, isNew: false }
  const id = world.nextId()
  const made: Reaction = {
    id,
    nodeId: nodeId('REA', id),
    user: reaction.by,
    content: reaction.content,
    createdAt: now(),
  }
  reactions.push(made)
  return { reaction: made, isNew: true }
}

/** The issue or pull request of that number; throws 404. */
export function issueNumbered(repository: Repository, number: number): Issue {
  const issue = repository.issues.get(number)
  if (issue === undefined) throw new Refused(404, 'Not Found')
  return issue
}
