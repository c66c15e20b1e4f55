import { notFound, notForIntegrations, ok, Refused } from '../http/answer.js'
import { route } from '../http/routes.js'
import { levelReaches } from '../state/permissions.js'

/** Who is in which team of an organisation. */
export const teamRoutes = [
  route({
    method: 'GET',
    template: '/orgs/{org}/teams/{team_slug}/memberships/{username}',
    access: 'anyone',
    run: ({ world, caller, params }) => {
      if (caller.kind === 'anonymous' || caller.kind === 'app') throw new Refused(401, 'Requires authentication')
      if (caller.kind === 'installation') {
        const { installation, permissions } = caller.token
        if (installation.account !== world.account(params.org)) throw notFound()
        if (!levelReaches(permissions, 'members', 'read')) throw notForIntegrations()
      }
      const members = world.teams.get(`${params.org}/${params.team_slug}`.toLowerCase())
      if (!members?.has(params.username.toLowerCase())) throw notFound()
      const url = `${world.api}/orgs/${params.org}/teams/${params.team_slug}/memberships/${params.username}`
      return ok({ url, role: 'member', state: 'active' })
    },
  }),
]
