import { EMPTY_TREE } from '../git/diff.js'
import type { CommitObject } from '../git/objects.js'
import { accountEmail } from '../shapes/account.js'
import { accountOf } from '../shapes/commit.js'
import { pageUrl } from '../shapes/repository.js'
import type { Shape } from '../shapes/shape.js'
import { closeIssue } from '../state/changes.js'
import type { Account, Repository } from '../state/types.js'
import { now, type World } from '../state/world.js'
import { announce } from './announce.js'
import { announcePull, isPullRequest } from './pull-events.js'

/** A ref that was made (`before` null), moved, or deleted (`after` null). */
export interface RefMove {
  ref: string
  before: string | null
  after: string | null
  by: Account
}

/** What GitHub does when a branch has moved: the push is told, and the pull requests of that branch follow it. */
export async function refMoved(world: World, repository: Repository, move: RefMove): Promise<void> {
  repository.pushedAt = now()
  if (!/^refs\/(heads|tags)\//.test(move.ref)) return
  announce(world, repository, { event: 'push', by: move.by, payload: await pushPayload(world, repository, move) })
  const branch = move.ref.replace(/^refs\/heads\//, '')
  for (const issue of repository.issues.values()) {
    if (!isPullRequest(issue) || issue.state !== 'open') continue
    if (issue.pull.base.ref === branch && move.after !== null) issue.pull.base.sha = move.after
    if (issue.pull.head.ref !== branch) continue
    if (move.after === null) {
      closeIssue(issue, { by: move.by, reason: null })
      await announcePull(world, issue, { action: 'closed', by: move.by })
    } else {
      issue.pull.head.sha = move.after
      issue.updatedAt = now()
      await repository.git.git(['update-ref', `refs/pull/${issue.number}/head`, move.after])
      await announcePull(world, issue, {
        action: 'synchronize',
        by: move.by,
        more: { before: move.before, after: move.after },
      })
    }
  }
}

const NO_COMMIT = '0'.repeat(40)
const COMMITS_TOLD = 20

async function pushPayload(world: World, repository: Repository, move: RefMove): Promise<Shape> {
  const { git } = repository
  const head = move.after === null ? null : await git.resolve(move.after)
  const start = move.before ?? (await git.ref(`refs/heads/${repository.defaultBranch}`))?.sha
  const from = start === undefined || start === move.after ? {} : { from: start }
  const ids = head === null ? [] : await git.log(head.sha, { ...from, limit: COMMITS_TOLD })
  const commits = await Promise.all(ids.toReversed().map(sha => pushedCommit(world, repository, sha)))
  const forced = move.before !== null && head !== null && !(await git.isAncestor(move.before, head.sha))
  return {
    ref: move.ref,
    before: move.before ?? NO_COMMIT,
    after: move.after ?? NO_COMMIT,
    created: move.before === null,
    deleted: move.after === null,
    forced,
    base_ref: null,
    compare: `${pageUrl(world, repository)}/compare/${(move.before ?? NO_COMMIT).slice(0, 12)}...${(move.after ?? NO_COMMIT).slice(0, 12)}`,
    commits,
    head_commit: head === null ? null : (commits.at(-1) ?? (await pushedCommit(world, repository, head.sha))),
    pusher: { name: move.by.login, email: accountEmail(move.by) },
  }
}

async function pushedCommit(world: World, repository: Repository, sha: string): Promise<Shape> {
  const commit = await repository.git.commit(sha)
  if (commit === null) throw new Error(`${repository.fullName} has no commit ${sha}`)
  const files = await repository.git.diff(commit.parents[0] ?? EMPTY_TREE, sha)
  const named = (statuses: string[]): string[] =>
    files.filter(file => statuses.includes(file.status)).map(file => file.path)
  return {
    id: sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.committer.date,
    url: `${pageUrl(world, repository)}/commit/${sha}`,
    author: person(world, commit.author),
    committer: person(world, commit.committer),
    added: named(['added', 'renamed']),
    removed: [...named(['removed']), ...files.flatMap(file => file.previousPath ?? [])],
    modified: named(['modified', 'changed']),
  }
}

function person(world: World, signature: CommitObject['author']): Shape {
  const username = accountOf(world, signature)?.login
  return { name: signature.name, email: signature.email, ...(username === undefined ? {} : { username }) }
}
