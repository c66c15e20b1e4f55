import { z } from 'zod'

import { created, noContent, notFound, ok, Refused, type Answer } from '../http/answer.js'
import { listed, numberIn } from '../http/pages.js'
import { repositoryRoute, type RepositoryCall } from '../http/routes.js'
import { shapeComment, shapeReaction } from '../shapes/issue.js'
import { authoredNow, checkBody, issueNumbered, react } from '../state/changes.js'
import { roleOf, roleReaches } from '../state/permissions.js'
import { REACTIONS, type Authored, type IssueComment, type Reaction, type Repository } from '../state/types.js'
import { nodeId, now } from '../state/world.js'
import { announceComment } from '../webhooks/issue-events.js'

const Body = z.object({ body: z.string() })
const NewReaction = z.object({ content: z.enum(REACTIONS) })

const EITHER = ['issues' as const, 'pull_requests' as const]

/** Comments on issues and in the conversation of pull requests, and reactions to both. */
export const commentRoutes = [
  repositoryRoute({
    method: 'GET',
    template: '/issues/{issue_number}/comments',
    app: EITHER,
    person: 'read',
    run: call => {
      const issue = issueNumbered(call.repository, numberIn(call.params.issue_number))
      const since = call.query.get('since')
      const comments = issue.comments.filter(comment => since === null || comment.updatedAt >= since)
      return listed(call, comments, comment => shapeComment(call.world, comment))
    },
  }),
  repositoryRoute({
    method: 'POST',
    template: '/issues/{issue_number}/comments',
    app: EITHER,
    person: 'read',
    body: Body,
    run: ({ world, repository, actor, byApp, params, body }) => {
      const issue = issueNumbered(repository, numberIn(params.issue_number))
      checkBody(body.body, { resource: 'IssueComment', required: true })
      const id = world.nextId()
      const comment: IssueComment = {
        ...authoredNow(actor, byApp),
        issue,
        id,
        nodeId: nodeId('IC', id),
        body: body.body,
        lastEditedAt: null,
        minimized: null,
        reactions: [],
      }
      issue.comments.push(comment)
      issue.updatedAt = comment.createdAt
      world.nodes.set(comment.nodeId, comment)
      announceComment(world, comment, { action: 'created', by: actor })
      return created(shapeComment(world, comment))
    },
  }),
  repositoryRoute({
    method: 'GET',
    template: '/issues/comments',
    app: EITHER,
    person: 'read',
    run: call => {
      const since = call.query.get('since') ?? ''
      const comments = [...call.repository.issues.values()]
        .flatMap(issue => issue.comments)
        .filter(comment => comment.updatedAt >= since)
        .toSorted((a, b) => a.id - b.id)
      return listed(call, comments, comment => shapeComment(call.world, comment))
    },
  }),
  repositoryRoute({
    method: 'GET',
    template: '/issues/comments/{comment_id}',
    app: EITHER,
    person: 'read',
    run: ({ world, repository, params }) => ok(shapeComment(world, commentOf(repository, params.comment_id))),
  }),
  repositoryRoute({
    method: 'PATCH',
    template: '/issues/comments/{comment_id}',
    app: EITHER,
    person: 'read',
    body: Body,
    run: call => {
      const comment = commentOf(call.repository, call.params.comment_id)
      mayEdit(call, comment)
      checkBody(call.body.body, { resource: 'IssueComment', required: true })
      const from = comment.body
      if (call.body.body !== from) {
        comment.body = call.body.body
        comment.updatedAt = comment.lastEditedAt = now()
        announceComment(call.world, comment, {
          action: 'edited',
          by: call.actor,
          more: { changes: { body: { from } } },
        })
      }
      return ok(shapeComment(call.world, comment))
    },
  }),
  repositoryRoute({
    method: 'DELETE',
    template: '/issues/comments/{comment_id}',
    app: EITHER,
    person: 'read',
    run: call => {
      const comment = commentOf(call.repository, call.params.comment_id)
      mayEdit(call, comment)
      comment.issue.comments = comment.issue.comments.filter(each => each !== comment)
      call.world.nodes.delete(comment.nodeId)
      announceComment(call.world, comment, { action: 'deleted', by: call.actor })
      return noContent
    },
  }),
  repositoryRoute({
    method: 'GET',
    template: '/issues/{issue_number}/reactions',
    app: EITHER,
    person: 'read',
    run: call => listReactions(call, issueNumbered(call.repository, numberIn(call.params.issue_number)).reactions),
  }),
  repositoryRoute({
    method: 'POST',
    template: '/issues/{issue_number}/reactions',
    app: EITHER,
    person: 'read',
    body: NewReaction,
    run: call => addReaction(call, issueNumbered(call.repository, numberIn(call.params.issue_number)).reactions),
  }),
  repositoryRoute({
    method: 'GET',
    template: '/issues/comments/{comment_id}/reactions',
    app: EITHER,
    person: 'read',
    run: call => listReactions(call, commentOf(call.repository, call.params.comment_id).reactions),
  }),
  repositoryRoute({
    method: 'POST',
    template: '/issues/comments/{comment_id}/reactions',
    app: EITHER,
    person: 'read',
    body: NewReaction,
    run: call => addReaction(call, commentOf(call.repository, call.params.comment_id).reactions),
  }),
]

export function listReactions(call: RepositoryCall, reactions: Reaction[]): Promise<Answer> {
  const content = call.query.get('content')
  const wanted = reactions.filter(reaction => content === null || reaction.content === content)
  return listed(call, wanted, reaction => shapeReaction(call.world, reaction))
}

export function addReaction(call: RepositoryCall<string, z.infer<typeof NewReaction>>, reactions: Reaction[]): Answer {
  const { reaction, isNew } = react(call.world, reactions, { by: call.actor, content: call.body.content })
  return { status: isNew ? 201 : 200, body: shapeReaction(call.world, reaction) }
}

/** Authors may change what they wrote; so may whoever may write to the repository, and an App that got this far. */
export function mayEdit(call: RepositoryCall, written: Authored): void {
  if (call.byApp || written.author === call.actor) return
  if (!roleReaches(roleOf(call.repository, call.actor), 'write'))
    throw new Refused(403, 'Must have admin rights to Repository.')
}

function commentOf(repository: Repository, id: string): IssueComment {
  const number = numberIn(id)
  for (const issue of repository.issues.values()) {
    const found = issue.comments.find(comment => comment.id === number)
    if (found !== undefined) return found
  }
  throw notFound()
}
