import { buildSchema, graphql, type GraphQLError } from 'graphql'
import { z } from 'zod'

import { canSee, mayDo } from '../http/access.js'
import { Refused, type Answer } from '../http/answer.js'
import type { Caller } from '../http/caller.js'
import type { Permission } from '../http/routes.js'
import type { PullRequest } from '../shapes/pull.js'
import type { Account, Foldable, Role, Thread } from '../state/types.js'
import { now, type World } from '../state/world.js'
import { announcePull, isPullRequest } from '../webhooks/pull-events.js'
import { nodeOf, present, presentAccount, presentIssue, repositoryOf, type Node } from './nodes.js'
import { GraphqlRefused } from './refused.js'
import { SCHEMA } from './schema.js'

const schema = buildSchema(SCHEMA)

const Query = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
})

/** Answers one GraphQL request. Refusals of single fields are part of the answer, with status 200, as GitHub does it. */
export async function answerGraphql(world: World, caller: Caller, body: unknown): Promise<Answer> {
  if (caller.kind === 'anonymous' || caller.kind === 'app') {
    throw new Refused(401, 'This endpoint requires you to be authenticated.')
  }
  const request = Query.safeParse(body)
  if (!request.success) throw new Refused(400, 'A query attribute must be specified and must be a string.')
  const result = await graphql({
    schema,
    source: request.data.query,
    rootValue: resolvers(world, caller),
    variableValues: request.data.variables ?? null,
    operationName: request.data.operationName ?? null,
  })
  const { errors, ...rest } = result
  return { status: 200, body: { ...rest, ...(errors === undefined ? {} : { errors: errors.map(presentError) }) } }
}

/** GitHub puts the type of an error beside its message. */
function presentError(error: GraphQLError): Record<string, unknown> {
  const type = error.originalError instanceof GraphqlRefused ? { type: error.originalError.type } : {}
  return { ...type, ...error.toJSON() }
}

type Caller_ = Extract<Caller, { kind: 'user' | 'installation' }>
interface Input<T> {
  input: T & { clientMutationId?: string }
}

function resolvers(world: World, caller: Caller_): Record<string, unknown> {
  const actor = caller.kind === 'user' ? caller.account : world.app.bot
  const changing = (id: string, person: Role): Node => nodeToChange(world, caller, { id, person })
  return {
    viewer: () => presentAccount(actor),
    node: ({ id }: { id: string }) => present(world, visibleNode(world, caller, id)),
    repository: ({ owner, name }: { owner: string; name: string }) => {
      const repository = world.repository(owner, name)
      if (repository === undefined || !canSee(caller, repository)) {
        throw new GraphqlRefused('NOT_FOUND', `Could not resolve to a Repository with the name '${owner}/${name}'.`)
      }
      // As for REST, what an installation was not given is refused also where everybody may read it.
      const readable = (app: Permission): void => {
        if (mayDo(caller, repository, { app: [app], level: 'read', person: 'read' })) return
        throw new GraphqlRefused('FORBIDDEN', 'Resource not accessible by integration')
      }
      const numbered = (kind: 'PullRequest' | 'Issue') => (asked: { number: number }) => {
        readable(kind === 'Issue' ? 'issues' : 'pull_requests')
        const issue = repository.issues.get(asked.number)
        if (issue === undefined || isPullRequest(issue) !== (kind === 'PullRequest')) {
          throw new GraphqlRefused(
            'NOT_FOUND',
            `Could not resolve to ${kind === 'Issue' ? 'an Issue' : 'a PullRequest'} with the number of ${asked.number}.`,
          )
        }
        return presentIssue(world, issue)
      }
      return {
        id: repository.nodeId,
        databaseId: repository.id,
        nameWithOwner: repository.fullName,
        pullRequest: numbered('PullRequest'),
        issue: numbered('Issue'),
        ref: async ({ qualifiedName }: { qualifiedName: string }) => {
          readable('contents')
          const ref = await repository.git.ref(qualifiedName)
          return ref && { name: ref.ref.replace(/^refs\/[^/]+\//, ''), target: { oid: ref.sha } }
        },
      }
    },
    markPullRequestReadyForReview: async ({ input }: Input<{ pullRequestId: string }>) => {
      const issue = pullIn(changing(input.pullRequestId, 'write'))
      await setDraft({ world, issue, actor }, false)
      return { pullRequest: presentIssue(world, issue), clientMutationId: input.clientMutationId }
    },
    convertPullRequestToDraft: async ({ input }: Input<{ pullRequestId: string }>) => {
      const issue = pullIn(changing(input.pullRequestId, 'write'))
      await setDraft({ world, issue, actor }, true)
      return { pullRequest: presentIssue(world, issue), clientMutationId: input.clientMutationId }
    },
    minimizeComment: ({ input }: Input<{ subjectId: string; classifier: string }>) =>
      fold(world, changing(input.subjectId, 'write'), input.classifier),
    unminimizeComment: ({ input }: Input<{ subjectId: string }>) =>
      fold(world, changing(input.subjectId, 'write'), null),
    resolveReviewThread: ({ input }: Input<{ threadId: string }>) =>
      settle(world, changing(input.threadId, 'write'), actor),
    unresolveReviewThread: ({ input }: Input<{ threadId: string }>) =>
      settle(world, changing(input.threadId, 'write'), null),
  }
}

function visibleNode(world: World, caller: Caller_, id: string): Node {
  const node = nodeOf(world, id)
  const pending =
    node.kind === 'review' &&
    node.value.state === 'PENDING' &&
    caller.kind === 'user' &&
    node.value.author !== caller.account
  if (!canSee(caller, repositoryOf(node)) || pending) {
    throw new GraphqlRefused('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'`)
  }
  return node
}

function nodeToChange(world: World, caller: Caller_, { id, person }: { id: string; person: Role }): Node {
  const node = visibleNode(world, caller, id)
  const repository = repositoryOf(node)
  const app: Permission[] =
    node.kind === 'comment' && node.value.issue.pull === null
      ? ['issues']
      : node.kind === 'comment'
        ? ['issues', 'pull_requests']
        : ['pull_requests']
  if (repository.archived) throw new GraphqlRefused('UNPROCESSABLE', 'Repository was archived so is read-only.')
  if (!mayDo(caller, repository, { app, level: 'write', person })) {
    const words =
      caller.kind === 'installation'
        ? 'Resource not accessible by integration'
        : `${caller.account.login} does not have the correct permissions to execute this mutation`
    throw new GraphqlRefused('FORBIDDEN', words)
  }
  return node
}

function pullIn(node: Node): PullRequest {
  if (node.kind === 'issue' && isPullRequest(node.value)) return node.value
  throw new GraphqlRefused('NOT_FOUND', 'Could not resolve to PullRequest node')
}

async function setDraft(
  { world, issue, actor }: { world: World; issue: PullRequest; actor: Account },
  draft: boolean,
): Promise<void> {
  if (issue.pull.draft === draft) return
  issue.pull.draft = draft
  issue.updatedAt = now()
  await announcePull(world, issue, { action: draft ? 'converted_to_draft' : 'ready_for_review', by: actor })
}

function fold(world: World, node: Node, classifier: string | null): Record<string, unknown> {
  if (node.kind === 'issue' || node.kind === 'thread')
    throw new GraphqlRefused('NOT_FOUND', 'Could not resolve to Minimizable node')
  const foldable: Foldable = node.value
  foldable.minimized = classifier
  return { minimizedComment: present(world, node) }
}

function settle(world: World, node: Node, by: Account | null): Record<string, unknown> {
  if (node.kind !== 'thread') throw new GraphqlRefused('NOT_FOUND', 'Could not resolve to PullRequestReviewThread node')
  const thread: Thread = node.value
  thread.resolvedBy = by
  return { thread: present(world, node) }
}
