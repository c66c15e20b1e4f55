/** A permission of the App's manifest (app.yml) and how much of it. */
export type Needs = { [scope in 'contents' | 'issues' | 'pull_requests' | 'metadata' | 'members']?: 'read' | 'write' }

/**
 * What a token may do, by what it is for. Every token is for one repository as well; before an approval, nothing is asked
 * of GitHub for which `write` would be needed.
 */
export const steps = {
  /** Reading, and talking on the issue. */
  talk: { contents: 'read', issues: 'write', pull_requests: 'read' },
  /** Commits, their branch, the pull request. */
  write: { contents: 'write', pull_requests: 'write' },
  /** Who is in a team: only where a repository's crew.yml or CODEOWNERS wants to know it. */
  teams: { members: 'read' },
  /** Which repositories an installation has: the one token that is for no single repository. */
  list: { metadata: 'read' },
  /** Fetching with git. */
  fetch: { contents: 'read' },
} as const satisfies Record<string, Needs>

export type Step = keyof typeof steps

interface Endpoint {
  /** Who asks: the App with its own key, or its installation with a token for that step. */
  as: 'app' | Exclude<Step, 'fetch'>
  needs: Needs
  /** It makes what people see and may be notified of: GitHub allows fewer of these. */
  content?: true
}

/**
 * Every REST request that this App makes of GitHub, with the permission that GitHub's documentation asks for it
 * (docs.github.com/en/rest/authentication/permissions-required-for-github-apps). A request that isn't here gets no token.
 * Tests hold three things to this table: the requests really made, the permissions in app.yml, and GitHub's own
 * description.
 */
export const endpoints: Record<string, Endpoint> = {
  'GET /app': { as: 'app', needs: {} },
  'GET /app/installations/{installation_id}': { as: 'app', needs: {} },
  'POST /app/installations/{installation_id}/access_tokens': { as: 'app', needs: {} },
  'GET /app/installations': { as: 'app', needs: {} },
  'GET /app/hook/deliveries': { as: 'app', needs: {} },
  'POST /app/hook/deliveries/{delivery_id}/attempts': { as: 'app', needs: {} },
  'GET /installation/repositories': { as: 'list', needs: { metadata: 'read' } },
  'GET /repos/{owner}/{repo}': { as: 'talk', needs: { metadata: 'read' } },
  'GET /repos/{owner}/{repo}/collaborators/{username}/permission': { as: 'talk', needs: { metadata: 'read' } },
  'GET /orgs/{org}/teams/{team_slug}/memberships/{username}': { as: 'teams', needs: { members: 'read' } },
  'GET /repos/{owner}/{repo}/issues': { as: 'talk', needs: { issues: 'read' } },
  'GET /repos/{owner}/{repo}/issues/comments': { as: 'talk', needs: { issues: 'read' } },
  'GET /repos/{owner}/{repo}/issues/{issue_number}/events': { as: 'talk', needs: { issues: 'read' } },
  'GET /repos/{owner}/{repo}/issues/{issue_number}': { as: 'talk', needs: { issues: 'read' } },
  'GET /repos/{owner}/{repo}/issues/{issue_number}/comments': { as: 'talk', needs: { issues: 'read' } },
  'POST /repos/{owner}/{repo}/issues/{issue_number}/comments': {
    as: 'talk',
    needs: { issues: 'write' },
    content: true,
  },
  'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}': { as: 'talk', needs: { issues: 'write' } },
  'POST /repos/{owner}/{repo}/issues/{issue_number}/reactions': {
    as: 'talk',
    needs: { issues: 'write' },
    content: true,
  },
  'POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions': {
    as: 'talk',
    needs: { issues: 'write' },
    content: true,
  },
  'GET /repos/{owner}/{repo}/git/ref/{ref}': { as: 'talk', needs: { contents: 'read' } },
  'POST /repos/{owner}/{repo}/git/blobs': { as: 'write', needs: { contents: 'write' } },
  'POST /repos/{owner}/{repo}/git/trees': { as: 'write', needs: { contents: 'write' } },
  'POST /repos/{owner}/{repo}/git/commits': { as: 'write', needs: { contents: 'write' } },
  'GET /repos/{owner}/{repo}/git/commits/{commit_sha}': { as: 'talk', needs: { contents: 'read' } },
  'POST /repos/{owner}/{repo}/git/refs': { as: 'write', needs: { contents: 'write' } },
  'PATCH /repos/{owner}/{repo}/git/refs/{ref}': { as: 'write', needs: { contents: 'write' } },
  'GET /repos/{owner}/{repo}/pulls': { as: 'talk', needs: { pull_requests: 'read' } },
  'POST /repos/{owner}/{repo}/pulls': { as: 'write', needs: { pull_requests: 'write' }, content: true },
  'GET /repos/{owner}/{repo}/pulls/{pull_number}': { as: 'talk', needs: { pull_requests: 'read' } },
  'PATCH /repos/{owner}/{repo}/pulls/{pull_number}': { as: 'write', needs: { pull_requests: 'write' } },
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews': { as: 'talk', needs: { pull_requests: 'read' } },
  'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews': {
    as: 'write',
    needs: { pull_requests: 'write' },
    content: true,
  },
}

/** What REST can't do, or only in several requests (see github.ts), by the field that is asked. All go to `POST /graphql`. */
const fields: Record<string, Endpoint> = {
  repository: { as: 'talk', needs: { contents: 'read', issues: 'read' } },
  minimizeComment: { as: 'talk', needs: { issues: 'write' } },
  markPullRequestReadyForReview: { as: 'write', needs: { pull_requests: 'write' } },
}

/** The step to which a request of the installation belongs. `url` as a template, `query` as GraphQL is asked. */
export function stepOf(request: { method: string; url: string; query: unknown }): Exclude<Step, 'fetch'> {
  const field = /^[^{]*\{\s*(\w+)/.exec(String(request.query))?.[1] ?? ''
  const isGraphql = request.url.endsWith('/graphql')
  const name = isGraphql ? field : `${request.method} ${request.url}`
  const { as } = (isGraphql ? fields : endpoints)[name] ?? { as: 'app' }
  if (as === 'app') throw new Error(`${name} is no request of an installation`)
  return as
}

/** Whether GitHub counts such a request among those that make content; `url` as a template. */
export const makesContent = (method: string, url: string): boolean => endpoints[`${method} ${url}`]?.content ?? false

/** The step of a request, or `app` where the App asks as itself. */
export type Purpose = Exclude<Step, 'fetch'> | 'app'

/** What a request is for, by its route as {@link routeOf} tells it and, for GraphQL, its body. */
export function purposeOf(route: string, body: unknown): Purpose {
  if (!route.endsWith('/graphql')) return endpoints[route]?.as ?? 'app'
  const field = typeof body === 'string' ? /"query":\s*"[^{]*\{(?:\s|\\n)*(\w+)/.exec(body)?.[1] : undefined
  return fields[field ?? '']?.as ?? 'talk'
}

/** All of the above together, but what only some repositories need: what app.yml asks for. */
export function neededPermissions(): Needs {
  const all: Needs = {}
  for (const { as, needs } of [...Object.values(endpoints), ...Object.values(fields)]) {
    if (as === 'teams') continue
    for (const scope of scopes) {
      if (needs[scope] !== undefined && all[scope] !== 'write') all[scope] = needs[scope]
    }
  }
  return all
}

const scopes = ['contents', 'issues', 'pull_requests', 'metadata'] as const

const routes = Object.keys(endpoints).map(route => {
  const [method = '', template = ''] = route.split(' ')
  const pattern = template.replace(/\{[^}]+\}/g, '[^/]+')
  return { route, method, template, pattern: new RegExp(`^(?:/api/v3)?${pattern}$`) }
})

/**
 * The route of {@link endpoints} that a request belongs to, or its method and path where it is none of them. Of two that
 * fit, the one with the fewer placeholders wins (`issues/comments/7/reactions` is not the reactions of issue "comments").
 */
export function routeOf(method: string, url: string): string {
  const { pathname } = new URL(url)
  if (/^(?:\/api)?\/graphql$/.test(pathname)) return `${method} /graphql`
  const fitting = routes.filter(one => one.method === method && one.pattern.test(pathname))
  const best = fitting.sort((a, b) => placeholders(a.template) - placeholders(b.template))[0]
  return best?.route ?? `${method} ${pathname}`
}

function placeholders(template: string): number {
  return template.split('{').length
}
