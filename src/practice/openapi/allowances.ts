/**
 * Where the practice server's answers may differ from GitHub's description, and why. Fields that may be missing are ones that
 * the App doesn't read; fields that may be null are ones that GitHub itself sends so, whatever its description says. Kept in
 * writing so that a gap is a decision that somebody made, never an accident; an entry that allows nothing is an error.
 */
export interface Allowance {
  /** As `GET /repos/{owner}/{repo}`; or `*` for every answer that holds the component. */
  operation: string
  /**
   * The field that it is about. With an operation: a JSON pointer into the body of its successful answers, `*` standing
   * for any item of a list (`/commits/*`). With `*`: a pointer into the description, from `#/components/schemas/`.
   */
  pointer: string
  /** What the field may be, that the description doesn't say. */
  may: 'be missing' | 'be null'
  why: string
}

const PEOPLE_PAGES =
  'a page about a person or an organization; the practice server has people only as authors and approvers'
const REPOSITORY_PAGES = 'a link to a part of a repository that the App never asks for'
const NO_SUCH_FEATURE = 'a feature of GitHub that the practice server does not have'

const OUTDATED = 'GitHub sends null for a comment whose line has left the diff'

const PERSON_FIELDS = words(`
  gravatar_id followers_url following_url gists_url starred_url subscriptions_url organizations_url repos_url events_url
  received_events_url
`)

const REPOSITORY_LINKS = words(`
  archive_url assignees_url blobs_url branches_url collaborators_url comments_url commits_url compare_url contents_url
  contributors_url deployments_url downloads_url events_url forks_url git_commits_url git_refs_url git_tags_url hooks_url
  issue_comment_url issue_events_url issues_url keys_url labels_url languages_url merges_url milestones_url
  notifications_url pulls_url releases_url stargazers_url statuses_url subscribers_url subscription_url tags_url teams_url
  trees_url homepage
`)

const REPOSITORY_FEATURES = words(`
  forks forks_count has_pages has_projects has_wiki language license mirror_url open_issues open_issues_count
  stargazers_count watchers watchers_count
`)

const REPOSITORIES = ['repository', 'nullable-repository', 'full-repository']

export const allowances: Allowance[] = [
  ...everywhere(['simple-user', 'nullable-simple-user', 'nullable-collaborator'], PERSON_FIELDS, PEOPLE_PAGES),
  ...everywhere(REPOSITORIES, REPOSITORY_LINKS, REPOSITORY_PAGES),
  ...everywhere(REPOSITORIES, REPOSITORY_FEATURES, NO_SUCH_FEATURE),
  ...everywhere(REPOSITORIES, ['git_url', 'ssh_url', 'svn_url'], 'the practice server speaks git over HTTP alone'),
  ...everywhere(['repository', 'nullable-repository'], ['has_downloads'], NO_SUCH_FEATURE),
  ...everywhere(['full-repository'], ['has_discussions', 'network_count', 'subscribers_count'], NO_SUCH_FEATURE),
  ...nullable(['pull-request-review-comment'], ['position', 'line'], OUTDATED),
  ...nullable(['review-comment'], ['line'], OUTDATED),
]

/** Operations that give text instead of JSON to a client that asks for it in its Accept header: such answers have no schema. */
export const textAnswers: { operation: string; why: string }[] = [
  { operation: 'GET /repos/{owner}/{repo}/contents/{path}', why: 'application/vnd.github.raw+json: the file itself' },
  {
    operation: 'GET /repos/{owner}/{repo}/git/blobs/{file_sha}',
    why: 'application/vnd.github.raw+json: the blob itself',
  },
  { operation: 'GET /repos/{owner}/{repo}/commits/{ref}', why: 'application/vnd.github.diff, .patch and .sha' },
  { operation: 'GET /repos/{owner}/{repo}/compare/{basehead}', why: 'application/vnd.github.diff and .patch' },
  { operation: 'GET /repos/{owner}/{repo}/pulls/{pull_number}', why: 'application/vnd.github.diff and .patch' },
]

function everywhere(schemas: string[], fields: string[], why: string): Allowance[] {
  return components(schemas, fields).map(pointer => ({ operation: '*', pointer, may: 'be missing', why }))
}

function nullable(schemas: string[], fields: string[], why: string): Allowance[] {
  return components(schemas, fields).map(pointer => ({ operation: '*', pointer, may: 'be null', why }))
}

function components(schemas: string[], fields: string[]): string[] {
  return schemas.flatMap(schema => fields.map(field => `#/components/schemas/${schema}/properties/${field}`))
}

function words(list: string): string[] {
  return list.trim().split(/\s+/)
}
