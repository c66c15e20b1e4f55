/** A permission of the App's manifest (app.yml) and how much of it. */
export type Needs = { [scope in 'contents' | 'issues' | 'pull_requests' | 'metadata']?: 'read' | 'write' }

interface Endpoint {
  /** Who asks: the App with its own key, or an installation with its token. */
  as: 'app' | 'installation'
  needs: Needs
}

/**
 * Every REST request that this App makes of GitHub, with the permission that GitHub's documentation asks for it
 * (docs.github.com/en/rest/authentication/permissions-required-for-github-apps). Tests hold three things to this table:
 * the requests really made, the permissions in app.yml, and GitHub's own description.
 */
export const endpoints: Record<string, Endpoint> = {
  'GET /app': { as: 'app', needs: {} },
  'GET /app/installations/{installation_id}': { as: 'app', needs: {} },
  'POST /app/installations/{installation_id}/access_tokens': { as: 'app', needs: {} },
  'GET /repos/{owner}/{repo}': { as: 'installation', needs: { metadata: 'read' } },
  'GET /repos/{owner}/{repo}/collaborators/{username}/permission': { as: 'installation', needs: { metadata: 'read' } },
  'GET /repos/{owner}/{repo}/issues/{issue_number}': { as: 'installation', needs: { issues: 'read' } },
  'GET /repos/{owner}/{repo}/issues/{issue_number}/comments': { as: 'installation', needs: { issues: 'read' } },
  'POST /repos/{owner}/{repo}/issues/{issue_number}/comments': { as: 'installation', needs: { issues: 'write' } },
  'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}': { as: 'installation', needs: { issues: 'write' } },
  'POST /repos/{owner}/{repo}/issues/{issue_number}/reactions': { as: 'installation', needs: { issues: 'write' } },
  'POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions': {
    as: 'installation',
    needs: { issues: 'write' },
  },
  'GET /repos/{owner}/{repo}/git/ref/{ref}': { as: 'installation', needs: { contents: 'read' } },
  'POST /repos/{owner}/{repo}/git/blobs': { as: 'installation', needs: { contents: 'write' } },
  'POST /repos/{owner}/{repo}/git/trees': { as: 'installation', needs: { contents: 'write' } },
  'POST /repos/{owner}/{repo}/git/commits': { as: 'installation', needs: { contents: 'write' } },
  'GET /repos/{owner}/{repo}/git/commits/{commit_sha}': { as: 'installation', needs: { contents: 'read' } },
  'POST /repos/{owner}/{repo}/git/refs': { as: 'installation', needs: { contents: 'write' } },
  'PATCH /repos/{owner}/{repo}/git/refs/{ref}': { as: 'installation', needs: { contents: 'write' } },
  'GET /repos/{owner}/{repo}/pulls': { as: 'installation', needs: { pull_requests: 'read' } },
  'POST /repos/{owner}/{repo}/pulls': { as: 'installation', needs: { pull_requests: 'write' } },
  'GET /repos/{owner}/{repo}/pulls/{pull_number}': { as: 'installation', needs: { pull_requests: 'read' } },
  'PATCH /repos/{owner}/{repo}/pulls/{pull_number}': { as: 'installation', needs: { pull_requests: 'write' } },
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews': { as: 'installation', needs: { pull_requests: 'read' } },
  'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews': { as: 'installation', needs: { pull_requests: 'write' } },
}

/** What REST can't do (see github.ts), by the name of the mutation. They all go to `POST /graphql`. */
const mutations: Record<'minimizeComment' | 'markPullRequestReadyForReview', Needs> = {
  minimizeComment: { issues: 'write', pull_requests: 'write' },
  markPullRequestReadyForReview: { pull_requests: 'write' },
}

/** All of the above together: what app.yml asks for. */
export function neededPermissions(): Needs {
  const all: Needs = {}
  for (const needs of [...Object.values(endpoints).map(one => one.needs), ...Object.values(mutations)]) {
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
