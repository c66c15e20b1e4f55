import type { Installation } from '../state/types.js'
import type { World } from '../state/world.js'
import { shapeAccount } from './account.js'
import type { Shape } from './shape.js'

/** `integration`: the App as it stands at what it wrote, and as `GET /app` shows it. */
export function shapeApp(world: World): Shape {
  const { app } = world
  return {
    id: app.id,
    client_id: `Iv1.practice${app.id}`,
    slug: app.slug,
    node_id: `A_practice${app.id}`,
    owner: shapeAccount(world, app.owner),
    name: app.name,
    description: null,
    external_url: `${world.web}/apps/${app.slug}/about`,
    html_url: `${world.web}/apps/${app.slug}`,
    created_at: app.createdAt,
    updated_at: app.createdAt,
    permissions: app.permissions,
    events: app.events,
  }
}

/** `installation`. */
export function shapeInstallation(world: World, installation: Installation): Shape {
  return {
    id: installation.id,
    node_id: installation.nodeId,
    account: shapeAccount(world, installation.account),
    repository_selection: 'selected',
    access_tokens_url: `${world.api}/app/installations/${installation.id}/access_tokens`,
    repositories_url: `${world.api}/installation/repositories`,
    html_url: `${world.web}/settings/installations/${installation.id}`,
    app_id: world.app.id,
    client_id: `Iv1.practice${world.app.id}`,
    app_slug: world.app.slug,
    target_id: installation.account.id,
    target_type: installation.account.type,
    permissions: installation.permissions,
    events: installation.events,
    created_at: installation.createdAt,
    updated_at: installation.updatedAt,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: installation.suspendedAt === null ? null : shapeAccount(world, installation.account),
    suspended_at: installation.suspendedAt,
  }
}
