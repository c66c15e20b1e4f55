import { ROLES, type Account, type Level, type Permissions, type Repository, type Role } from './types.js'

/** The role of an account in a repository: the owner administers it, everybody reads a public one. */
export function roleOf(repository: Repository, account: Account | null): Role {
  if (account !== null && account.id === repository.owner.id) return 'admin'
  const explicit = account === null ? undefined : repository.roles.get(account.login.toLowerCase())
  return explicit ?? (repository.private ? 'none' : 'read')
}

export const roleReaches = (role: Role, needed: Role): boolean => ROLES.indexOf(role) <= ROLES.indexOf(needed)

export function levelReaches(permissions: Permissions, name: string, needed: Level): boolean {
  const level = permissions[name]
  return level !== undefined && LEVELS.indexOf(level) >= LEVELS.indexOf(needed)
}

const LEVELS: Level[] = ['read', 'write', 'admin']

/** What GitHub calls how somebody stands to a repository. Says nothing of what they may do. */
export function authorAssociation(repository: Repository, account: Account): string {
  if (account.id === repository.owner.id) return 'OWNER'
  const role = repository.roles.get(account.login.toLowerCase())
  if (role === undefined || role === 'none') return 'NONE'
  return repository.owner.type === 'Organization' && roleReaches(role, 'write') ? 'MEMBER' : 'COLLABORATOR'
}
