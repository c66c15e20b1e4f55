import { roleReaches } from '../state/permissions.js'
import type { Repository, Role } from '../state/types.js'
import type { World } from '../state/world.js'
import { shapeAccount } from './account.js'
import type { Shape } from './shape.js'

export const apiUrl = (world: World, repository: Repository): string => `${world.api}/repos/${repository.fullName}`
export const pageUrl = (world: World, repository: Repository): string => `${world.web}/${repository.fullName}`

/** `repository`: as it stands inside pull requests, lists and webhooks. */
export function shapeRepository(world: World, repository: Repository): Shape {
  const url = apiUrl(world, repository)
  const page = pageUrl(world, repository)
  const openIssues = [...repository.issues.values()].filter(issue => issue.state === 'open').length
  return {
    id: repository.id,
    node_id: repository.nodeId,
    name: repository.name,
    full_name: repository.fullName,
    private: repository.private,
    owner: shapeAccount(world, repository.owner),
    html_url: page,
    description: repository.description,
    fork: false,
    url,
    ...addresses(url),
    git_url: `git://${page.replace(/^\w+:\/\//, '')}.git`,
    ssh_url: `git@${page.replace(/^\w+:\/\//, '').replace('/', ':')}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
    mirror_url: null,
    homepage: null,
    created_at: repository.createdAt,
    updated_at: repository.updatedAt,
    pushed_at: repository.pushedAt,
    size: repository.size,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: true,
    has_projects: false,
    has_downloads: true,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    forks_count: 0,
    archived: repository.archived,
    disabled: false,
    open_issues_count: openIssues,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repository.private ? 'private' : 'public',
    forks: 0,
    open_issues: openIssues,
    watchers: 0,
    default_branch: repository.defaultBranch,
  }
}

/** `full-repository`. */
export function shapeFullRepository(world: World, repository: Repository, role: Role): Shape {
  return {
    ...shapeRepository(world, repository),
    permissions: rolePermissions(role),
    temp_clone_token: null,
    allow_squash_merge: true,
    allow_merge_commit: true,
    allow_rebase_merge: true,
    allow_auto_merge: false,
    delete_branch_on_merge: false,
    allow_update_branch: false,
    ...(repository.owner.type === 'Organization' ? { organization: shapeAccount(world, repository.owner) } : {}),
    network_count: 0,
    subscribers_count: 1,
  }
}

export const rolePermissions = (role: Role): Shape => ({
  admin: roleReaches(role, 'admin'),
  maintain: roleReaches(role, 'maintain'),
  push: roleReaches(role, 'write'),
  triage: roleReaches(role, 'triage'),
  pull: roleReaches(role, 'read'),
})

const addresses = (url: string): Shape => ({
  archive_url: `${url}/{archive_format}{/ref}`,
  assignees_url: `${url}/assignees{/user}`,
  blobs_url: `${url}/git/blobs{/sha}`,
  branches_url: `${url}/branches{/branch}`,
  collaborators_url: `${url}/collaborators{/collaborator}`,
  comments_url: `${url}/comments{/number}`,
  commits_url: `${url}/commits{/sha}`,
  compare_url: `${url}/compare/{base}...{head}`,
  contents_url: `${url}/contents/{+path}`,
  contributors_url: `${url}/contributors`,
  deployments_url: `${url}/deployments`,
  downloads_url: `${url}/downloads`,
  events_url: `${url}/events`,
  forks_url: `${url}/forks`,
  git_commits_url: `${url}/git/commits{/sha}`,
  git_refs_url: `${url}/git/refs{/sha}`,
  git_tags_url: `${url}/git/tags{/sha}`,
  hooks_url: `${url}/hooks`,
  issue_comment_url: `${url}/issues/comments{/number}`,
  issue_events_url: `${url}/issues/events{/number}`,
  issues_url: `${url}/issues{/number}`,
  keys_url: `${url}/keys{/key_id}`,
  labels_url: `${url}/labels{/name}`,
  languages_url: `${url}/languages`,
  merges_url: `${url}/merges`,
  milestones_url: `${url}/milestones{/number}`,
  notifications_url: `${url}/notifications{?since,all,participating}`,
  pulls_url: `${url}/pulls{/number}`,
  releases_url: `${url}/releases{/id}`,
  stargazers_url: `${url}/stargazers`,
  statuses_url: `${url}/statuses/{sha}`,
  subscribers_url: `${url}/subscribers`,
  subscription_url: `${url}/subscription`,
  tags_url: `${url}/tags`,
  teams_url: `${url}/teams`,
  trees_url: `${url}/git/trees{/sha}`,
})
