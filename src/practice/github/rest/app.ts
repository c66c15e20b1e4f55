import { z } from 'zod'

import { created, notFound, ok, Refused, type Answer } from '../http/answer.js'
import { listed, numberIn, pageAsked } from '../http/pages.js'
import { route, type Call } from '../http/routes.js'
import { shapeAccount } from '../shapes/account.js'
import { shapeApp, shapeInstallation } from '../shapes/app.js'
import { shapeRepository } from '../shapes/repository.js'
import { isoSeconds } from '../state/moments.js'
import { levelReaches } from '../state/permissions.js'
import type { Installation, Level, Permissions, Repository } from '../state/types.js'
import { newToken, type World } from '../state/world.js'
import type { Delivery } from '../webhooks/deliveries.js'

const TokenWish = z.object({
  repositories: z.array(z.string()).optional(),
  repository_ids: z.array(z.int()).optional(),
  permissions: z.record(z.string(), z.enum(['read', 'write', 'admin'])).optional(),
})

/** What an App does in its own name, and an installation about itself. */
export const appRoutes = [
  route({
    method: 'GET',
    template: '/app',
    access: 'app',
    run: ({ world }) => ok({ ...shapeApp(world), installations_count: world.installations.size }),
  }),
  route({
    method: 'GET',
    template: '/app/installations',
    access: 'app',
    run: call =>
      listed(call, [...call.world.installations.values()], installation =>
        shapeListedInstallation(call.world, installation),
      ),
  }),
  route({
    method: 'GET',
    template: '/app/installations/{installation_id}',
    access: 'app',
    run: ({ world, params }) => ok(shapeInstallation(world, installationOf(world, params.installation_id))),
  }),
  route({
    method: 'POST',
    template: '/app/installations/{installation_id}/access_tokens',
    access: 'app',
    body: TokenWish,
    run: ({ world, params, body }) => issueToken(world, installationOf(world, params.installation_id), body),
  }),
  route({
    method: 'GET',
    template: '/repos/{owner}/{repo}/installation',
    access: 'app',
    run: ({ world, params }) => {
      const repository = world.repository(params.owner, params.repo)
      const installation = repository === undefined ? undefined : world.installationOf(repository)
      if (installation === undefined) throw notFound()
      return ok(shapeInstallation(world, installation))
    },
  }),
  route({
    method: 'GET',
    template: '/installation/repositories',
    access: 'installation',
    run: call => {
      if (call.caller.kind !== 'installation') throw notFound()
      const { token } = call.caller
      const repositories = [...(token.repositories ?? token.installation.repositories)]
      return listed(
        call,
        repositories,
        repository => shapeRepository(call.world, repository),
        shapes => ({ total_count: repositories.length, repository_selection: 'selected', repositories: shapes }),
      )
    },
  }),
  route({ method: 'GET', template: '/app/hook/deliveries', access: 'app', run: listDeliveries }),
  route({
    method: 'GET',
    template: '/app/hook/deliveries/{delivery_id}',
    access: 'app',
    run: ({ world, params }) => {
      const delivery = world.deliveries.list.find(each => each.id === numberIn(params.delivery_id))
      if (delivery === undefined) throw notFound()
      return ok({
        ...shapeDelivery(delivery),
        url: '',
        request: { headers: delivery.requestHeaders, payload: JSON.parse(delivery.payload) as unknown },
        response: { headers: delivery.responseHeaders, payload: delivery.responseBody },
      })
    },
  }),
  route({
    method: 'POST',
    template: '/app/hook/deliveries/{delivery_id}/attempts',
    access: 'app',
    run: ({ world, params }) => {
      if (!world.deliveries.redeliver(numberIn(params.delivery_id))) throw notFound()
      return { status: 202, body: {} }
    },
  }),
]

const TOKEN_LIFE_MS = 3_600_000

function installationOf(world: World, id: string): Installation {
  const installation = world.installations.get(numberIn(id))
  if (installation === undefined) throw notFound()
  return installation
}

/** In this list alone, GitHub's description wants an account to be a user and an enterprise at once. */
function shapeListedInstallation(world: World, installation: Installation): Record<string, unknown> {
  const { login, createdAt } = installation.account
  const asEnterprise = { name: login, slug: login.toLowerCase(), created_at: createdAt, updated_at: createdAt }
  return {
    ...shapeInstallation(world, installation),
    account: { ...shapeAccount(world, installation.account), ...asEnterprise },
  }
}

function issueToken(world: World, installation: Installation, wish: z.infer<typeof TokenWish>): Answer {
  if (installation.suspendedAt !== null) throw new Refused(403, 'This installation has been suspended')
  const permissions = narrowed(installation, wish.permissions)
  const repositories = chosen(installation, wish)
  const expiresAt = Date.now() + TOKEN_LIFE_MS
  const token = newToken('ghs')
  world.installationTokens.set(token, { installation, permissions, repositories, expiresAt })
  return created({
    token,
    expires_at: isoSeconds(expiresAt),
    permissions,
    repository_selection: 'selected',
    ...(repositories === null ? {} : { repositories: [...repositories].map(each => shapeRepository(world, each)) }),
  })
}

function narrowed(installation: Installation, wish: Record<string, Level> | undefined): Permissions {
  if (wish === undefined) return { ...installation.permissions }
  for (const [name, level] of Object.entries(wish)) {
    if (!levelReaches(installation.permissions, name, level)) {
      throw new Refused(422, 'The permissions requested are not granted to this installation.')
    }
  }
  return { metadata: 'read', ...wish }
}

function chosen(installation: Installation, wish: z.infer<typeof TokenWish>): Set<Repository> | null {
  const names = wish.repositories?.map(name => name.toLowerCase())
  const ids = wish.repository_ids
  if (names === undefined && ids === undefined) return null
  const found = [...installation.repositories].filter(
    each => names?.includes(each.name.toLowerCase()) || ids?.includes(each.id),
  )
  if (found.length < new Set([...(names ?? []), ...(ids ?? [])]).size) {
    const message =
      'There is at least one repository that does not exist or is not accessible to the parent installation.'
    throw new Refused(422, message)
  }
  return new Set(found)
}

/** Newest first, page by page through an opaque cursor. */
function listDeliveries(call: Call): Answer {
  const { size } = pageAsked(call.query)
  const status = call.query.get('status')
  const wanted = (delivery: Delivery): boolean =>
    status === null || (delivery.status === 'OK') === (status === 'success')
  const newestFirst = call.world.deliveries.list.filter(wanted).toReversed()
  const cursor = call.query.get('cursor')
  const from = cursor === null ? 0 : newestFirst.findIndex(delivery => `v1_${delivery.id}` === cursor)
  if (from < 0) throw new Refused(422, 'Invalid cursor')
  const next = newestFirst[from + size]
  const link = `<${call.world.api}/app/hook/deliveries?per_page=${size}${status === null ? '' : `&status=${status}`}&cursor=v1_${next?.id}>; rel="next"`
  return {
    status: 200,
    body: newestFirst.slice(from, from + size).map(shapeDelivery),
    ...(next === undefined ? {} : { headers: { link } }),
  }
}

const shapeDelivery = (delivery: Delivery): Record<string, unknown> => ({
  id: delivery.id,
  guid: delivery.guid,
  delivered_at: delivery.deliveredAt,
  redelivery: delivery.redelivery,
  duration: delivery.duration,
  status: delivery.status,
  status_code: delivery.statusCode,
  event: delivery.event,
  action: delivery.action,
  installation_id: delivery.installationId,
  repository_id: delivery.repositoryId,
  throttled_at: null,
})
