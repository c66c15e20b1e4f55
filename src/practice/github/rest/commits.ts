import { EMPTY_TREE } from '../git/diff.js'
import type { CommitObject } from '../git/objects.js'
import { notFound, media, ok, Refused, type Answer } from '../http/answer.js'
import { linkHeader, pageAsked } from '../http/pages.js'
import { repositoryRoute, type RepositoryCall } from '../http/routes.js'
import { shapeCommit, shapeCommitWithFiles, shapeFile } from '../shapes/commit.js'
import { apiUrl, pageUrl } from '../shapes/repository.js'
import type { Repository } from '../state/types.js'

/** Branches, commits and what lies between two of them. */
export const commitRoutes = [
  repositoryRoute({
    method: 'GET',
    template: '/branches/{branch}',
    app: 'contents',
    person: 'read',
    run: async ({ world, repository, params }) => {
      const ref = await repository.git.ref(`refs/heads/${params.branch}`)
      if (ref === null) throw new Refused(404, 'Branch not found')
      const self = `${apiUrl(world, repository)}/branches/${params.branch}`
      return ok({
        name: params.branch,
        commit: shapeCommit(world, repository, await commitOf(repository, ref.sha)),
        _links: { self, html: `${pageUrl(world, repository)}/tree/${params.branch}` },
        protected: false,
        protection: { enabled: false, required_status_checks: { enforcement_level: 'off', contexts: [], checks: [] } },
        protection_url: `${self}/protection`,
      })
    },
  }),
  repositoryRoute({
    method: 'GET',
    template: '/compare/{basehead}',
    app: 'contents',
    person: 'read',
    run: compare,
  }),
  repositoryRoute({
    method: 'GET',
    template: '/commits',
    app: 'contents',
    person: 'read',
    needsCommits: true,
    run: async call => {
      const { world, repository, query } = call
      const start = await repository.git.resolve(query.get('sha') ?? repository.defaultBranch)
      if (start === null) throw notFound()
      const page = pageAsked(query)
      const path = query.get('path')
      const ids = await repository.git.log(start.sha, {
        skip: page.from,
        limit: page.size + 1,
        ...(path === null ? {} : { path }),
      })
      const commits = await Promise.all(ids.slice(0, page.size).map(sha => commitOf(repository, sha)))
      const headers = linkHeader(call, page, ids.length > page.size ? page.number + 1 : page.number)
      return { status: 200, body: commits.map(commit => shapeCommit(world, repository, commit)), headers }
    },
  }),
  repositoryRoute({
    method: 'GET',
    template: '/commits/{ref}',
    app: 'contents',
    person: 'read',
    needsCommits: true,
    run: async ({ world, repository, params, accept }) => {
      const commit = await repository.git.resolve(params.ref)
      if (commit === null) throw new Refused(422, `No commit found for SHA: ${params.ref}`)
      const parent = commit.parents[0] ?? EMPTY_TREE
      if (/\.sha\b/.test(accept)) return media('sha', commit.sha)
      if (/\.diff\b/.test(accept)) return media('diff', await repository.git.diffText(parent, commit.sha))
      const files = await repository.git.diff(parent, commit.sha)
      return ok(shapeCommitWithFiles(world, repository, commit, files))
    },
  }),
]

/** A commit that must be there. */
export async function commitOf(repository: Repository, sha: string): Promise<CommitObject> {
  const commit = await repository.git.commit(sha)
  if (commit === null) throw new Error(`${repository.fullName} has no commit ${sha}`)
  return commit
}

/** The most commits and files that one comparison tells. */
const COMMITS = 250
const FILES = 300

async function compare({ world, repository, params, accept }: RepositoryCall<'basehead'>): Promise<Answer> {
  const { git } = repository
  const [baseName = '', headName = ''] = params.basehead.split('...')
  const inRepository = (name: string): string => name.replace(new RegExp(`^${repository.owner.login}:`, 'i'), '')
  const base = await git.resolve(inRepository(baseName))
  const head = await git.resolve(inRepository(headName))
  if (base === null || head === null) throw notFound()
  const fork = await git.mergeBase(base.sha, head.sha)
  if (fork === null) throw new Refused(404, `No common ancestor between ${baseName} and ${headName}.`)
  if (/\.diff\b/.test(accept)) return media('diff', await git.diffText(fork, head.sha))
  const [ahead, behind, files] = await Promise.all([
    git.log(head.sha, { from: base.sha }),
    git.log(base.sha, { from: head.sha }),
    git.diff(fork, head.sha),
  ])
  const commits = await Promise.all(
    ahead
      .toReversed()
      .slice(0, COMMITS)
      .map(sha => commitOf(repository, sha)),
  )
  const page = `${pageUrl(world, repository)}/compare/${params.basehead}`
  return ok({
    url: `${apiUrl(world, repository)}/compare/${params.basehead}`,
    html_url: page,
    permalink_url: `${pageUrl(world, repository)}/compare/${base.sha}...${head.sha}`,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    base_commit: shapeCommit(world, repository, base),
    merge_base_commit: shapeCommit(world, repository, await commitOf(repository, fork)),
    status: comparisonStatus(ahead.length, behind.length),
    ahead_by: ahead.length,
    behind_by: behind.length,
    total_commits: ahead.length,
    commits: commits.map(commit => shapeCommit(world, repository, commit)),
    files: files.slice(0, FILES).map(file => shapeFile(world, repository, head.sha, file)),
  })
}

function comparisonStatus(ahead: number, behind: number): string {
  if (ahead === 0 && behind === 0) return 'identical'
  if (ahead > 0 && behind > 0) return 'diverged'
  return ahead > 0 ? 'ahead' : 'behind'
}
