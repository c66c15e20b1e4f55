import { shapeAccount } from '../shapes/account.js'
import { shapeRepository } from '../shapes/repository.js'
import type { Shape } from '../shapes/shape.js'
import { levelReaches } from '../state/permissions.js'
import type { Account, Installation, Repository } from '../state/types.js'
import type { World } from '../state/world.js'

/** Something that happened in a repository, to be told to the App. */
export interface Announcement {
  event: string
  action?: string
  by: Account
  payload: Shape
}

/** Tells whoever listens, and the App where it is installed, subscribed and permitted to know. */
export function announce(world: World, repository: Repository, { event, action, by, payload }: Announcement): void {
  const installation = world.installationOf(repository)
  const whole: Shape = {
    ...(action === undefined ? {} : { action }),
    ...payload,
    repository: shapeRepository(world, repository),
    ...(repository.owner.type === 'Organization' ? { organization: shapeOrganization(world, repository.owner) } : {}),
    sender: shapeAccount(world, by),
    ...(installation === undefined ? {} : { installation: { id: installation.id, node_id: installation.nodeId } }),
  }
  world.events.emit('event', {
    event,
    action: action ?? null,
    repository: repository.fullName,
    sender: by.login,
    payload: whole,
  })
  if (installation === undefined || !isTold(installation, event)) return
  world.deliveries.enqueue({
    event,
    action: action ?? null,
    installationId: installation.id,
    repositoryId: repository.id,
    payload: JSON.stringify(whole),
  })
}

/** Tells of what concerns the App itself: `installation`, `installation_repositories`, `ping`. Always sent. */
export function announceToApp(
  world: World,
  news: { event: string; action?: string; by: Account; payload: Shape; installationId: number | null },
): void {
  const payload: Shape = {
    ...(news.action === undefined ? {} : { action: news.action }),
    ...news.payload,
    sender: shapeAccount(world, news.by),
  }
  world.events.emit('event', {
    event: news.event,
    action: news.action ?? null,
    repository: null,
    sender: news.by.login,
    payload,
  })
  world.deliveries.enqueue({
    event: news.event,
    action: news.action ?? null,
    installationId: news.installationId,
    repositoryId: null,
    payload: JSON.stringify(payload),
  })
}

/** The permission without which GitHub doesn't send an event. */
const PERMISSION_FOR: Record<string, string[]> = {
  issues: ['issues'],
  issue_comment: ['issues', 'pull_requests'],
  pull_request: ['pull_requests'],
  pull_request_review: ['pull_requests'],
  pull_request_review_comment: ['pull_requests'],
  push: ['contents'],
}

const isTold = (installation: Installation, event: string): boolean =>
  installation.suspendedAt === null &&
  installation.events.includes(event) &&
  (PERMISSION_FOR[event] ?? []).some(name => levelReaches(installation.permissions, name, 'read'))

const shapeOrganization = (world: World, owner: Account): Shape => ({
  login: owner.login,
  id: owner.id,
  node_id: owner.nodeId,
  url: `${world.api}/orgs/${owner.login}`,
  repos_url: `${world.api}/orgs/${owner.login}/repos`,
  events_url: `${world.api}/orgs/${owner.login}/events`,
  hooks_url: `${world.api}/orgs/${owner.login}/hooks`,
  issues_url: `${world.api}/orgs/${owner.login}/issues`,
  members_url: `${world.api}/orgs/${owner.login}/members{/member}`,
  public_members_url: `${world.api}/orgs/${owner.login}/public_members{/member}`,
  avatar_url: `${world.web}/avatars/u/${owner.id}`,
  description: null,
})
