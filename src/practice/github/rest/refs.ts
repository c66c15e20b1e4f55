import { z } from 'zod'

import { created, noContent, notFound, ok, unprocessable } from '../http/answer.js'
import { repositoryRoute } from '../http/routes.js'
import { isRefName, type GitRef } from '../git/repository.js'
import { apiUrl } from '../shapes/repository.js'
import type { Shape } from '../shapes/shape.js'
import type { Repository } from '../state/types.js'
import type { World } from '../state/world.js'
import { refMoved } from '../webhooks/ref-moved.js'

const NewRef = z.object({ ref: z.string(), sha: z.string() })
const RefChange = z.object({ sha: z.string(), force: z.boolean().default(false) })

/** Branches and tags as refs. */
export const refRoutes = [
  repositoryRoute({
    method: 'GET',
    template: '/git/ref/{ref}',
    app: 'contents',
    person: 'read',
    needsCommits: true,
    run: async ({ world, repository, params }) => {
      const ref = await repository.git.ref(`refs/${params.ref}`)
      if (ref === null) throw notFound()
      return ok(shapeRef(world, repository, ref))
    },
  }),
  repositoryRoute({
    method: 'GET',
    template: '/git/matching-refs/{ref}',
    app: 'contents',
    person: 'read',
    needsCommits: true,
    run: async ({ world, repository, params }) => {
      const refs = await repository.git.refs(`refs/${params.ref}`)
      return ok(refs.map(ref => shapeRef(world, repository, ref)))
    },
  }),
  repositoryRoute({
    method: 'POST',
    template: '/git/refs',
    app: 'contents',
    person: 'write',
    needsCommits: true,
    body: NewRef,
    run: async ({ world, repository, actor, body }) => {
      const { git } = repository
      if (!/^refs\/[^/]+\/./.test(body.ref)) {
        throw unprocessable("Reference name must start with 'refs/' and contain at least 2 slashes.")
      }
      if (!isRefName(body.ref)) throw unprocessable(`${body.ref} is not a valid ref name.`)
      const object = await git.object(body.sha)
      if (object === null) throw unprocessable('Object does not exist')
      if ((await git.ref(body.ref)) !== null) throw unprocessable('Reference already exists')
      if (!(await git.updateRef(body.ref, body.sha, null))) throw unprocessable('Reference cannot be created')
      await refMoved(world, repository, { ref: body.ref, before: null, after: body.sha, by: actor })
      return created(shapeRef(world, repository, { ref: body.ref, sha: body.sha, type: object.type }))
    },
  }),
  repositoryRoute({
    method: 'PATCH',
    template: '/git/refs/{ref}',
    app: 'contents',
    person: 'write',
    needsCommits: true,
    body: RefChange,
    run: async ({ world, repository, actor, params, body }) => {
      const { git } = repository
      const current = await git.ref(`refs/${params.ref}`)
      if (current === null) throw unprocessable('Reference does not exist')
      const object = await git.object(body.sha)
      if (object === null) throw unprocessable('Object does not exist')
      const moved = { ref: current.ref, sha: body.sha, type: object.type }
      if (current.sha === body.sha) return ok(shapeRef(world, repository, moved))
      if (!body.force && !(await git.isAncestor(current.sha, body.sha)))
        throw unprocessable('Update is not a fast forward')
      if (!(await git.updateRef(current.ref, body.sha, current.sha))) throw unprocessable('Reference cannot be updated')
      await refMoved(world, repository, { ref: current.ref, before: current.sha, after: body.sha, by: actor })
      return ok(shapeRef(world, repository, moved))
    },
  }),
  repositoryRoute({
    method: 'DELETE',
    template: '/git/refs/{ref}',
    app: 'contents',
    person: 'write',
    needsCommits: true,
    run: async ({ world, repository, actor, params }) => {
      const ref = await repository.git.ref(`refs/${params.ref}`)
      if (ref === null) throw unprocessable('Reference does not exist')
      await repository.git.deleteRef(ref.ref, ref.sha)
      await refMoved(world, repository, { ref: ref.ref, before: ref.sha, after: null, by: actor })
      return noContent
    },
  }),
]

function shapeRef(world: World, repository: Repository, ref: GitRef): Shape {
  const api = apiUrl(world, repository)
  return {
    ref: ref.ref,
    node_id: `REF_${Buffer.from(`${repository.id}:${ref.ref}`).toString('base64url')}`,
    url: `${api}/git/${ref.ref}`,
    object: { sha: ref.sha, type: ref.type, url: `${api}/git/${ref.type}s/${ref.sha}` },
  }
}
