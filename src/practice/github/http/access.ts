import { levelReaches, roleOf, roleReaches } from '../state/permissions.js'
import type { Account, Repository } from '../state/types.js'
import type { World } from '../state/world.js'
import { archived, emptyRepository, notFound, notForIntegrations, Refused } from './answer.js'
import type { Caller } from './caller.js'
import type { Permission, RepositoryAccess, Route } from './routes.js'

/** What a caller was let through to. */
export interface Admission {
  repository: Repository | null
  actor: Account
  byApp: boolean
}

/**
 * Lets a request through or throws GitHub's refusal: 404 for what the caller may not even know of, 401 and 403 for the rest.
 *
 * In one point this is stricter than GitHub, on purpose: there, an installation may read a public repository without having
 * been given the permission for it; here the lack shows at once, and not only when somebody installs the App on a private one.
 */
export async function admit(
  world: World,
  caller: Caller,
  route: Route,
  params: Record<string, string>,
): Promise<Admission> {
  const { access } = route
  switch (access.kind) {
    case 'app':
      if (caller.kind === 'app') return { repository: null, actor: world.app.bot, byApp: true }
      throw new Refused(401, 'A JSON web token could not be decoded')
    case 'installation':
      if (caller.kind === 'installation') return { repository: null, actor: world.app.bot, byApp: true }
      throw new Refused(
        403,
        'You must authenticate with an installation access token in order to list repositories for an installation.',
      )
    case 'anyone':
      return {
        repository: null,
        actor: caller.kind === 'user' ? caller.account : world.app.bot,
        byApp: caller.kind !== 'user',
      }
    case 'repository':
      return admitToRepository(world, caller, { route, access, params })
  }
}

/** Whether a caller may read a repository at all. */
export function canSee(caller: Caller, repository: Repository): boolean {
  switch (caller.kind) {
    case 'anonymous':
      return !repository.private
    case 'app':
      return false
    case 'user':
      return roleReaches(roleOf(repository, caller.account), 'read')
    case 'installation':
      return !repository.private || isReached(caller, repository)
  }
}

/** Whether a caller may do what a permission of the App, or a role of a person, stands for. */
export function mayDo(
  caller: Caller,
  repository: Repository,
  needed: Pick<RepositoryAccess, 'app' | 'level' | 'person'>,
): boolean {
  switch (caller.kind) {
    case 'anonymous':
    case 'app':
      return needed.level === 'read' && !repository.private && caller.kind === 'anonymous'
    case 'user':
      return roleReaches(roleOf(repository, caller.account), needed.person)
    case 'installation':
      if (!isReached(caller, repository)) return needed.level === 'read' && !repository.private
      return needed.app.some(name => levelReaches(caller.token.permissions, name, needed.level))
  }
}

async function admitToRepository(
  world: World,
  caller: Caller,
  asked: { route: Route; access: RepositoryAccess; params: Record<string, string> },
): Promise<Admission> {
  const { access, params } = asked
  const repository = world.repository(params['owner'] ?? '', params['repo'] ?? '')
  if (caller.kind === 'app') throw new Refused(401, 'A JSON web token could not be decoded')
  if (repository === undefined || !canSee(caller, repository)) throw notFound()
  if (caller.kind === 'anonymous' && access.level !== 'read') throw new Refused(401, 'Requires authentication')
  const app = fittingPermissions(repository, access.app, params)
  if (!mayDo(caller, repository, { ...access, app })) {
    if (caller.kind === 'installation') throw notForIntegrations()
    throw new Refused(403, `Must have ${access.person} rights to Repository.`)
  }
  if (repository.archived && asked.route.method !== 'GET') throw archived()
  if (access.needsCommits && (await repository.git.isEmpty())) throw emptyRepository()
  const actor = caller.kind === 'user' ? caller.account : world.app.bot
  return { repository, actor, byApp: caller.kind === 'installation' }
}

/** An issue needs the permission for issues; a pull request can be reached by either. */
function fittingPermissions(repository: Repository, app: Permission[], params: Record<string, string>): Permission[] {
  if (app.length < 2) return app
  const issue = issueMeant(repository, params)
  return issue?.pull === null ? app.filter(name => name !== 'pull_requests') : app
}

function issueMeant(repository: Repository, params: Record<string, string>): { pull: unknown } | undefined {
  if (params['issue_number'] !== undefined) return repository.issues.get(Number(params['issue_number']))
  const id = Number(params['comment_id'])
  return [...repository.issues.values()].find(issue => issue.comments.some(comment => comment.id === id))
}

const isReached = (caller: Extract<Caller, { kind: 'installation' }>, repository: Repository): boolean =>
  caller.token.installation.repositories.has(repository) && (caller.token.repositories?.has(repository) ?? true)
