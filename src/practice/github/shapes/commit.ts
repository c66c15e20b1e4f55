import type { FileDiff } from '../git/diff.js'
import type { CommitObject, Signature } from '../git/objects.js'
import type { Account, Repository } from '../state/types.js'
import type { World } from '../state/world.js'
import { accountEmail, shapeAccount } from './account.js'
import { apiUrl, pageUrl } from './repository.js'
import type { Shape } from './shape.js'

/** `commit`, without its files. */
export function shapeCommit(world: World, repository: Repository, commit: CommitObject): Shape {
  const api = apiUrl(world, repository)
  const byMail = accountOf(world, commit.author)
  return {
    sha: commit.sha,
    node_id: `C_${commit.sha}`,
    url: `${api}/commits/${commit.sha}`,
    html_url: `${pageUrl(world, repository)}/commit/${commit.sha}`,
    comments_url: `${api}/commits/${commit.sha}/comments`,
    commit: {
      url: `${api}/git/commits/${commit.sha}`,
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      comment_count: 0,
      verification: shapeVerification(repository, commit),
    },
    author: byMail === undefined ? null : shapeAccount(world, byMail),
    committer: byMail === undefined ? null : shapeAccount(world, accountOf(world, commit.committer) ?? byMail),
    parents: parents(world, repository, commit),
  }
}

/** `commit` with statistics and the files that differ from its first parent. */
export function shapeCommitWithFiles(
  world: World,
  repository: Repository,
  commit: CommitObject,
  files: FileDiff[],
): Shape {
  const sum = (of: (file: FileDiff) => number): number => files.reduce((total, file) => total + of(file), 0)
  const additions = sum(file => file.additions)
  const deletions = sum(file => file.deletions)
  return {
    ...shapeCommit(world, repository, commit),
    stats: { total: additions + deletions, additions, deletions },
    files: files.map(file => shapeFile(world, repository, commit.sha, file)),
  }
}

/** `git-commit`: the same as the Git Data API tells it. */
export function shapeGitCommit(world: World, repository: Repository, commit: CommitObject): Shape {
  const api = apiUrl(world, repository)
  return {
    sha: commit.sha,
    node_id: `C_${commit.sha}`,
    url: `${api}/git/commits/${commit.sha}`,
    html_url: `${pageUrl(world, repository)}/commit/${commit.sha}`,
    author: commit.author,
    committer: commit.committer,
    message: commit.message,
    tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
    parents: parents(world, repository, commit),
    verification: shapeVerification(repository, commit),
  }
}

/** `diff-entry`: one file of what leads to the commit `head`. */
export function shapeFile(world: World, repository: Repository, head: string, file: FileDiff): Shape {
  const path = file.path.split('/').map(encodeURIComponent).join('/')
  const page = pageUrl(world, repository)
  return {
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${page}/blob/${head}/${path}`,
    raw_url: `${page}/raw/${head}/${path}`,
    contents_url: `${apiUrl(world, repository)}/contents/${path}?ref=${head}`,
    ...(file.patch === null ? {} : { patch: file.patch }),
    ...(file.previousPath === null ? {} : { previous_filename: file.previousPath }),
  }
}

/** The account that an e-mail address of a commit belongs to. */
export function accountOf(world: World, signature: Signature): Account | undefined {
  for (const account of world.accounts.values()) if (accountEmail(account) === signature.email) return account
  return undefined
}

/**
 * What GitHub says of a commit that it signed itself. There is no signature in the object here: the practice GitHub has
 * no key that anybody trusts, it only remembers which commits GitHub would have signed.
 */
function shapeVerification(repository: Repository, commit: CommitObject): Shape {
  const verifiedAt = repository.verified.get(commit.sha) ?? null
  return {
    verified: verifiedAt !== null,
    reason: verifiedAt === null ? 'unsigned' : 'valid',
    signature: null,
    payload: null,
    verified_at: verifiedAt,
  }
}

const parents = (world: World, repository: Repository, commit: CommitObject): Shape[] =>
  commit.parents.map(sha => ({
    sha,
    url: `${apiUrl(world, repository)}/commits/${sha}`,
    html_url: `${pageUrl(world, repository)}/commit/${sha}`,
  }))
