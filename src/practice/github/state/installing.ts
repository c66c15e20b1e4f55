import { shapeInstallation } from '../shapes/app.js'
import { apiUrl } from '../shapes/repository.js'
import { announceToApp } from '../webhooks/announce.js'
import type { Account, Installation, Permissions, Repository } from './types.js'
import { nodeId, now, type World } from './world.js'

/** Installs the App on a repository, or adds the repository to its owner's installation. Returns that one's id. */
export function installOn(world: World, repository: Repository, permissions: Permissions): number {
  const existing = [...world.installations.values()].find(each => each.account === repository.owner)
  if (existing !== undefined) {
    existing.permissions = { ...permissions }
    existing.updatedAt = now()
    if (existing.repositories.has(repository)) return existing.id
    existing.repositories.add(repository)
    const payload = {
      installation: shapeInstallation(world, existing),
      repository_selection: 'selected',
      repositories_added: [briefly(world, repository)],
      repositories_removed: [],
      requester: null,
    }
    announceToApp(world, {
      event: 'installation_repositories',
      action: 'added',
      by: repository.owner,
      payload,
      installationId: existing.id,
    })
    return existing.id
  }
  const id = world.nextId()
  const installation: Installation = {
    id,
    nodeId: nodeId('INST', id),
    account: repository.owner,
    permissions: { ...permissions },
    events: [...world.app.events],
    repositories: new Set([repository]),
    createdAt: now(),
    updatedAt: now(),
    suspendedAt: null,
  }
  world.installations.set(id, installation)
  tellOfInstallation(world, installation, 'created')
  return id
}

/** An installation by its id; throws when there is none. */
export function installed(world: World, id: number): Installation {
  const installation = world.installations.get(id)
  if (installation === undefined) throw new Error(`There is no installation ${id}.`)
  return installation
}

/** Takes a repository from an installation. Tokens no longer reach it. */
export function removeFrom(world: World, installation: Installation, repository: Repository): void {
  installation.repositories.delete(repository)
  const payload = {
    installation: shapeInstallation(world, installation),
    repository_selection: 'selected',
    repositories_added: [],
    repositories_removed: [briefly(world, repository)],
    requester: null,
  }
  announceToApp(world, {
    event: 'installation_repositories',
    action: 'removed',
    by: repository.owner,
    payload,
    installationId: installation.id,
  })
}

/** Takes the App off an account. Its tokens are void from then on. */
export function uninstall(world: World, installation: Installation): void {
  world.installations.delete(installation.id)
  tellOfInstallation(world, installation, 'deleted')
}

export function suspend(world: World, installation: Installation, suspended: boolean): void {
  installation.suspendedAt = suspended ? now() : null
  tellOfInstallation(world, installation, suspended ? 'suspend' : 'unsuspend')
}

function tellOfInstallation(world: World, installation: Installation, action: string): void {
  const repositories = [...installation.repositories].map(repository => briefly(world, repository))
  const by: Account = installation.account
  const payload = { installation: shapeInstallation(world, installation), repositories, requester: null }
  announceToApp(world, { event: 'installation', action, by, payload, installationId: installation.id })
}

const briefly = (world: World, repository: Repository): Record<string, unknown> => ({
  id: repository.id,
  node_id: repository.nodeId,
  name: repository.name,
  full_name: repository.fullName,
  private: repository.private,
  url: apiUrl(world, repository),
})
