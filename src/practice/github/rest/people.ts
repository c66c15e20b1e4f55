import { notFound, ok, Refused } from '../http/answer.js'
import { route, repositoryRoute } from '../http/routes.js'
import { shapeAccount } from '../shapes/account.js'
import { rolePermissions, shapeFullRepository } from '../shapes/repository.js'
import { roleOf } from '../state/permissions.js'
import type { Role } from '../state/types.js'

/** Accounts, repositories as a whole, and who may do what in them. */
export const peopleRoutes = [
  route({
    method: 'GET',
    template: '/user',
    access: 'anyone',
    run: ({ world, caller }) => {
      if (caller.kind === 'anonymous') throw new Refused(401, 'Requires authentication')
      if (caller.kind !== 'user') throw new Refused(403, 'Resource not accessible by integration')
      return ok(shapeAccount(world, caller.account))
    },
  }),
  route({
    method: 'GET',
    template: '/users/{username}',
    access: 'anyone',
    run: ({ world, params }) => {
      const account = world.account(params.username)
      if (account === undefined) throw notFound()
      return ok(shapeAccount(world, account))
    },
  }),
  repositoryRoute({
    method: 'GET',
    template: '',
    app: 'metadata',
    person: 'read',
    run: ({ world, caller, repository, actor }) =>
      ok(shapeFullRepository(world, repository, caller.kind === 'user' ? roleOf(repository, actor) : 'read')),
  }),
  repositoryRoute({
    method: 'GET',
    template: '/collaborators/{username}/permission',
    app: 'metadata',
    person: 'read',
    run: ({ world, repository, params }) => {
      const account = world.account(params.username)
      if (account === undefined) throw new Refused(404, `${params.username} is not a user`)
      const role = roleOf(repository, account)
      return ok({
        permission: legacyPermission(role),
        role_name: role,
        user: { ...shapeAccount(world, account), permissions: rolePermissions(role), role_name: role },
      })
    },
  }),
]

/** The four words that the endpoint had before there were five roles. */
function legacyPermission(role: Role): string {
  switch (role) {
    case 'maintain':
      return 'write'
    case 'triage':
      return 'read'
    case 'admin':
    case 'write':
    case 'read':
    case 'none':
      return role
  }
}
