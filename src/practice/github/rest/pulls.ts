import { z } from 'zod'

import { forkPoint, pullFiles } from '../git/pull-facts.js'
import { created, notFound, media, ok, Refused, unprocessable, validationFailed, type Answer } from '../http/answer.js'
import { listed, numberIn } from '../http/pages.js'
import { repositoryRoute, type RepositoryCall } from '../http/routes.js'
import { shapeCommit, shapeFile } from '../shapes/commit.js'
import { shapeSimplePull, type PullRequest } from '../shapes/pull.js'
import { addIssue, checkBody, closeIssue, issueNumbered, reopenIssue } from '../state/changes.js'
import { roleOf, roleReaches } from '../state/permissions.js'
import type { Pull, Repository } from '../state/types.js'
import { announcePull, currentPull, isPullRequest } from '../webhooks/pull-events.js'
import { commitOf } from './commits.js'
import { checkTitle, editText } from './issues.js'

const NewPull = z.object({
  title: z.string(),
  head: z.string(),
  base: z.string(),
  body: z.string().nullish(),
  draft: z.boolean().default(false),
  maintainer_can_modify: z.boolean().default(false),
})
const PullChange = z.object({
  title: z.string().optional(),
  body: z.string().nullish(),
  state: z.enum(['open', 'closed']).optional(),
  base: z.string().optional(),
})

/** The most files that a list of a pull request tells. */
const FILES = 3000

/** Pull requests. */
export const pullRoutes = [
  repositoryRoute({
    method: 'GET',
    template: '/pulls',
    app: 'pull_requests',
    person: 'read',
    run: call => {
      const { query, repository } = call
      const state = query.get('state') ?? 'open'
      const head = query.get('head')
      const base = query.get('base')
      const pulls = [...repository.issues.values()]
        .filter(isPullRequest)
        .filter(issue => state === 'all' || issue.state === state)
        .filter(issue => head === null || `${repository.owner.login}:${issue.pull.head.ref}` === head)
        .filter(issue => base === null || issue.pull.base.ref === base)
      const ascending = query.get('direction') === 'asc'
      return listed(call, ascending ? pulls : pulls.toReversed(), issue => shapeSimplePull(call.world, issue))
    },
  }),
  repositoryRoute({
    method: 'POST',
    template: '/pulls',
    app: 'pull_requests',
    person: 'read',
    body: NewPull,
    run: openPull,
  }),
  repositoryRoute({
    method: 'GET',
    template: '/pulls/{pull_number}',
    app: 'pull_requests',
    person: 'read',
    run: async ({ world, repository, params, accept }) => {
      const issue = pullNumbered(repository, params.pull_number)
      if (/\bdiff\b/.test(accept)) {
        const { base, head } = issue.pull
        return media(
          'diff',
          await repository.git.diffText(await forkPoint(repository.git, base.sha, head.sha), head.sha),
        )
      }
      return ok(await currentPull(world, issue))
    },
  }),
  repositoryRoute({
    method: 'PATCH',
    template: '/pulls/{pull_number}',
    app: 'pull_requests',
    person: 'read',
    body: PullChange,
    run: changePull,
  }),
  repositoryRoute({
    method: 'GET',
    template: '/pulls/{pull_number}/files',
    app: 'pull_requests',
    person: 'read',
    run: async call => {
      const { pull } = pullNumbered(call.repository, call.params.pull_number)
      const files = await pullFiles(call.repository.git, pull.base.sha, pull.head.sha)
      return listed(call, files.slice(0, FILES), file => shapeFile(call.world, call.repository, pull.head.sha, file))
    },
  }),
  repositoryRoute({
    method: 'GET',
    template: '/pulls/{pull_number}/commits',
    app: 'pull_requests',
    person: 'read',
    run: async call => {
      const { pull } = pullNumbered(call.repository, call.params.pull_number)
      const ids = await call.repository.git.log(pull.head.sha, { from: pull.base.sha })
      return listed(call, ids.toReversed(), async sha =>
        shapeCommit(call.world, call.repository, await commitOf(call.repository, sha)),
      )
    },
  }),
]

/** The pull request of that number; throws 404. */
export function pullNumbered(repository: Repository, number: string): PullRequest {
  const issue = issueNumbered(repository, numberIn(number))
  if (!isPullRequest(issue)) throw notFound()
  return issue
}

async function openPull(call: RepositoryCall<string, z.infer<typeof NewPull>>): Promise<Answer> {
  const { world, repository, actor, byApp, body } = call
  const { git } = repository
  checkTitle(body.title)
  checkBody(body.body, { resource: 'PullRequest', required: false })
  const headBranch = body.head.includes(':') ? body.head.slice(body.head.indexOf(':') + 1) : body.head
  const base = await git.ref(`refs/heads/${body.base}`)
  if (base === null) throw validationFailed({ resource: 'PullRequest', field: 'base', code: 'invalid' })
  const head = await git.ref(`refs/heads/${headBranch}`)
  if (head === null) throw validationFailed({ resource: 'PullRequest', field: 'head', code: 'invalid' })
  const label = `${repository.owner.login}:${headBranch}`
  const others = [...repository.issues.values()].filter(isPullRequest).filter(issue => issue.state === 'open')
  if (others.some(issue => issue.pull.head.ref === headBranch && issue.pull.base.ref === body.base)) {
    const message = `A pull request already exists for ${label}.`
    throw validationFailed({ resource: 'PullRequest', code: 'custom', message })
  }
  if ((await git.log(head.sha, { from: base.sha, limit: 1 })).length === 0) {
    const message = `No commits between ${body.base} and ${headBranch}`
    throw validationFailed({ resource: 'PullRequest', code: 'custom', message })
  }
  if ((await git.mergeBase(base.sha, head.sha)) === null) {
    const message = `The ${headBranch} branch has no history in common with ${body.base}`
    throw validationFailed({ resource: 'PullRequest', code: 'custom', message })
  }
  const pull: Pull = {
    id: world.nextId(),
    head: { ref: headBranch, sha: head.sha },
    base: { ref: body.base, sha: base.sha },
    draft: body.draft,
    maintainerCanModify: body.maintainer_can_modify,
    reviews: [],
    threads: [],
  }
  const issue = addIssue(world, repository, { title: body.title, body: body.body ?? null, pull, author: actor, byApp })
  await git.git(['update-ref', `refs/pull/${issue.number}/head`, head.sha])
  await announcePull(world, issue, { action: 'opened', by: actor })
  return created(await currentPull(world, issue))
}

async function changePull(call: RepositoryCall<'pull_number', z.infer<typeof PullChange>>): Promise<Answer> {
  const { world, repository, actor, byApp, body } = call
  const issue = pullNumbered(repository, call.params.pull_number)
  if (!byApp && issue.author !== actor && !roleReaches(roleOf(repository, actor), 'write')) {
    throw new Refused(403, 'Must have admin rights to Repository.')
  }
  await editText({ world, actor }, issue, body)
  if (body.base !== undefined && body.base !== issue.pull.base.ref) {
    const base = await repository.git.ref(`refs/heads/${body.base}`)
    if (base === null) throw validationFailed({ resource: 'PullRequest', field: 'base', code: 'invalid' })
    const changes = { base: { ref: { from: issue.pull.base.ref }, sha: { from: issue.pull.base.sha } } }
    issue.pull.base = { ref: body.base, sha: base.sha }
    await announcePull(world, issue, { action: 'edited', by: actor, more: { changes } })
  }
  if (body.state === 'closed' && issue.state === 'open') {
    closeIssue(issue, { by: actor, reason: null })
    await announcePull(world, issue, { action: 'closed', by: actor })
  }
  if (body.state === 'open' && issue.state === 'closed') await reopen(call, issue)
  return ok(await currentPull(world, issue))
}

/** A pull request can be opened again while its branch is there; it then shows what the branch holds now. */
async function reopen({ world, repository, actor }: RepositoryCall, issue: PullRequest): Promise<void> {
  const head = await repository.git.ref(`refs/heads/${issue.pull.head.ref}`)
  if (head === null) throw unprocessable('Validation Failed', [`The ${issue.pull.head.ref} branch has been deleted.`])
  issue.pull.head.sha = head.sha
  reopenIssue(issue)
  await announcePull(world, issue, { action: 'reopened', by: actor })
}
