import { z } from 'zod'

import { created, noContent, notFound, ok, Refused, validationFailed } from '../http/answer.js'
import { listed, numberIn } from '../http/pages.js'
import { repositoryRoute, type RepositoryCall } from '../http/routes.js'
import { shapeIssue, shapeIssueEvent, shapeLabel } from '../shapes/issue.js'
import type { Shape } from '../shapes/shape.js'
import {
  addIssue,
  addLabel,
  checkBody,
  closeIssue,
  issueNumbered,
  labelNamed,
  noteEvent,
  reopenIssue,
} from '../state/changes.js'
import { roleOf, roleReaches } from '../state/permissions.js'
import type { Issue } from '../state/types.js'
import { now } from '../state/world.js'
import { announceIssue } from '../webhooks/issue-events.js'

const LabelName = z.union([z.string(), z.object({ name: z.string() }).transform(label => label.name)])
const NewIssue = z.object({
  title: z.union([z.string(), z.number().transform(String)]),
  body: z.string().nullish(),
  labels: z.array(LabelName).optional(),
})
const IssueChange = z.object({
  title: z.union([z.string(), z.number().transform(String)]).nullish(),
  body: z.string().nullish(),
  state: z.enum(['open', 'closed']).optional(),
  state_reason: z.enum(['completed', 'not_planned', 'duplicate', 'reopened']).nullish(),
  labels: z.array(LabelName).optional(),
})
const LabelNames = z.union([
  z.object({ labels: z.array(LabelName) }).transform(body => body.labels),
  z.array(LabelName),
])
const NewLabel = z.object({
  name: z.string(),
  color: z
    .string()
    .regex(/^[0-9a-fA-F]{6}$/)
    .optional(),
  description: z.string().nullish(),
})

const EITHER = { app: ['issues', 'pull_requests'] as const }

/** Issues and labels. */
export const issueRoutes = [
  repositoryRoute({
    method: 'GET',
    template: '/issues',
    app: 'issues',
    person: 'read',
    run: call => {
      const state = call.query.get('state') ?? 'open'
      const labels = (call.query.get('labels') ?? '').split(',').filter(Boolean)
      const issues = [...call.repository.issues.values()]
        .filter(issue => state === 'all' || issue.state === state)
        .filter(issue => labels.every(name => issue.labels.some(label => label.name === name)))
        .filter(issue => issue.updatedAt >= (call.query.get('since') ?? ''))
        .toReversed()
      return listed(call, issues, issue => shapeIssue(call.world, issue))
    },
  }),
  repositoryRoute({
    method: 'POST',
    template: '/issues',
    app: 'issues',
    person: 'read',
    body: NewIssue,
    run: async ({ world, repository, actor, byApp, body }) => {
      checkTitle(body.title)
      checkBody(body.body, { resource: 'Issue', required: false })
      const issue = addIssue(world, repository, {
        title: body.title,
        body: body.body ?? null,
        pull: null,
        author: actor,
        byApp,
      })
      await announceIssue(world, issue, { action: 'opened', by: actor })
      // As on GitHub, labels of somebody who may not set any are dropped without a word.
      if (byApp || roleReaches(roleOf(repository, actor), 'triage')) {
        for (const name of body.labels ?? []) await putLabel({ world, actor }, issue, name)
      }
      return created(shapeIssue(world, issue))
    },
  }),
  repositoryRoute({
    method: 'GET',
    template: '/issues/{issue_number}',
    app: [...EITHER.app],
    person: 'read',
    run: ({ world, repository, params }) =>
      ok(shapeIssue(world, issueNumbered(repository, numberIn(params.issue_number)))),
  }),
  repositoryRoute({
    method: 'PATCH',
    template: '/issues/{issue_number}',
    app: [...EITHER.app],
    person: 'read',
    body: IssueChange,
    run: changeIssue,
  }),
  repositoryRoute({
    method: 'GET',
    template: '/issues/{issue_number}/events',
    app: [...EITHER.app],
    person: 'read',
    run: call => {
      const issue = issueNumbered(call.repository, numberIn(call.params.issue_number))
      return listed(call, issue.events, event => shapeIssueEvent(call.world, issue, event))
    },
  }),
  repositoryRoute({
    method: 'GET',
    template: '/issues/{issue_number}/labels',
    app: [...EITHER.app],
    person: 'read',
    run: call => {
      const issue = issueNumbered(call.repository, numberIn(call.params.issue_number))
      return listed(call, issue.labels, label => shapeLabel(call.world, call.repository, label))
    },
  }),
  repositoryRoute({
    method: 'POST',
    template: '/issues/{issue_number}/labels',
    app: [...EITHER.app],
    person: 'triage',
    body: LabelNames,
    run: async ({ world, repository, actor, params, body }) => {
      const issue = issueNumbered(repository, numberIn(params.issue_number))
      for (const name of body) await putLabel({ world, actor }, issue, name)
      return ok(issue.labels.map(label => shapeLabel(world, repository, label)))
    },
  }),
  repositoryRoute({
    method: 'DELETE',
    template: '/issues/{issue_number}/labels/{name}',
    app: [...EITHER.app],
    person: 'triage',
    run: async ({ world, repository, actor, params }) => {
      const issue = issueNumbered(repository, numberIn(params.issue_number))
      if (!(await takeLabel({ world, actor }, issue, params.name))) throw new Refused(404, 'Label does not exist')
      return ok(issue.labels.map(label => shapeLabel(world, repository, label)))
    },
  }),
  repositoryRoute({
    method: 'GET',
    template: '/labels',
    app: [...EITHER.app],
    person: 'read',
    run: call => listed(call, call.repository.labels, label => shapeLabel(call.world, call.repository, label)),
  }),
  repositoryRoute({
    method: 'POST',
    template: '/labels',
    app: [...EITHER.app],
    person: 'write',
    body: NewLabel,
    run: ({ world, repository, body }) => {
      if (repository.labels.some(label => label.name.toLowerCase() === body.name.toLowerCase())) {
        throw validationFailed({ resource: 'Label', code: 'already_exists', field: 'name' })
      }
      const color = body.color ?? 'ededed'
      return created(
        shapeLabel(
          world,
          repository,
          addLabel(world, repository, { name: body.name, color, description: body.description ?? null }),
        ),
      )
    },
  }),
  repositoryRoute({
    method: 'GET',
    template: '/labels/{name}',
    app: [...EITHER.app],
    person: 'read',
    run: ({ world, repository, params }) => {
      const label = repository.labels.find(each => each.name.toLowerCase() === params.name.toLowerCase())
      if (label === undefined) throw notFound()
      return ok(shapeLabel(world, repository, label))
    },
  }),
  repositoryRoute({
    method: 'DELETE',
    template: '/labels/{name}',
    app: [...EITHER.app],
    person: 'write',
    run: ({ repository, params }) => {
      const index = repository.labels.findIndex(each => each.name.toLowerCase() === params.name.toLowerCase())
      const [label] = index < 0 ? [] : repository.labels.splice(index, 1)
      if (label === undefined) throw notFound()
      for (const issue of repository.issues.values()) issue.labels = issue.labels.filter(each => each !== label)
      return noContent
    },
  }),
]

type Doing = Pick<RepositoryCall, 'world' | 'actor'>

async function putLabel({ world, actor }: Doing, issue: Issue, name: string): Promise<void> {
  const label = labelNamed(world, issue.repository, name)
  if (issue.labels.includes(label)) return
  issue.labels.push(label)
  issue.updatedAt = now()
  noteEvent(world, issue, { event: 'labeled', actor, label })
  const more = { label: shapeLabel(world, issue.repository, label) }
  await announceIssue(world, issue, { action: 'labeled', by: actor, more })
}

async function takeLabel({ world, actor }: Doing, issue: Issue, name: string): Promise<boolean> {
  const label = issue.labels.find(each => each.name.toLowerCase() === name.toLowerCase())
  if (label === undefined) return false
  issue.labels = issue.labels.filter(each => each !== label)
  issue.updatedAt = now()
  noteEvent(world, issue, { event: 'unlabeled', actor, label })
  const more = { label: shapeLabel(world, issue.repository, label) }
  await announceIssue(world, issue, { action: 'unlabeled', by: actor, more })
  return true
}

async function changeIssue({
  world,
  repository,
  actor,
  byApp,
  params,
  body,
}: RepositoryCall<'issue_number', z.infer<typeof IssueChange>>): ReturnType<RepositoryRun> {
  const issue = issueNumbered(repository, numberIn(params.issue_number))
  const mayManage = byApp || roleReaches(roleOf(repository, actor), 'triage')
  if (!mayManage && issue.author !== actor) throw new Refused(403, 'Must have admin rights to Repository.')
  await editText({ world, actor }, issue, body)
  if (mayManage && body.labels !== undefined) {
    const wanted = body.labels
    const gone = issue.labels.filter(label => !wanted.some(name => name.toLowerCase() === label.name.toLowerCase()))
    for (const label of gone) await takeLabel({ world, actor }, issue, label.name)
    for (const name of wanted) await putLabel({ world, actor }, issue, name)
  }
  if (body.state !== undefined && body.state !== issue.state) {
    if (body.state === 'closed')
      closeIssue(issue, { by: actor, reason: issue.pull === null ? (body.state_reason ?? 'completed') : null })
    else reopenIssue(issue)
    noteEvent(world, issue, { event: body.state === 'closed' ? 'closed' : 'reopened', actor })
    await announceIssue(world, issue, { action: body.state === 'closed' ? 'closed' : 'reopened', by: actor })
  }
  return ok(shapeIssue(world, issue))
}

type RepositoryRun = (call: RepositoryCall) => Promise<ReturnType<typeof ok>>

/** Changes title and body where they differ, and tells what they were. Shared by issues and pull requests. */
export async function editText(
  { world, actor }: Doing,
  issue: Issue,
  wish: { title?: string | null | undefined; body?: string | null | undefined },
): Promise<void> {
  const changes: Shape = {}
  if (wish.title !== undefined && wish.title !== null && wish.title !== issue.title) {
    checkTitle(wish.title)
    changes['title'] = { from: issue.title }
    issue.title = wish.title
  }
  if (wish.body !== undefined && wish.body !== issue.body) {
    checkBody(wish.body, { resource: issue.pull === null ? 'Issue' : 'PullRequest', required: false })
    changes['body'] = { from: issue.body ?? '' }
    issue.body = wish.body
  }
  if (Object.keys(changes).length === 0) return
  issue.updatedAt = now()
  await announceIssue(world, issue, { action: 'edited', by: actor, more: { changes } })
}

export function checkTitle(title: string): void {
  if (title.trim() === '') throw validationFailed({ resource: 'Issue', code: 'missing_field', field: 'title' })
  if (title.length > 256) {
    throw validationFailed({
      resource: 'Issue',
      code: 'custom',
      field: 'title',
      message: 'title is too long (maximum is 256 characters)',
    })
  }
}
