import type { Octokit } from '@octokit/rest'
import { z } from 'zod'
import type { RepositoryRef } from '../domain/repository.js'
import { type GitHub, GitHubRefusal, type ReviewComment, type TreeChange } from '../ports.js'
import {
  CommentAnswer,
  CommitAnswer,
  IssueAnswer,
  MembershipAnswer,
  PresentAnswer,
  PermissionAnswer,
  PullRequestAnswer,
  RefAnswer,
  RepositoryAnswer,
  ReviewAnswer,
  ShaAnswer,
} from './answers.js'
import { ask, pages, pageSize } from './asking.js'
import { foldMutation, mutate, presentQuery, query, readyMutation } from './graphql.js'

/** As much of an Octokit as this port uses. */
export type InstallationOctokit = Pick<Octokit, 'rest' | 'graphql'>

/**
 * One repository on GitHub. `mayWrite` is asked right before each request that changes something, and throws where it must
 * not be made. Where GitHub says no, {@link GitHubRefusal} says which kind of no; what waiting may mend is a
 * {@link TransientError}. GitHub's own types end here.
 */
export function createGitHub(options: {
  octokit: (repository: RepositoryRef, mayWrite?: () => Promise<void>) => InstallationOctokit
  mayWrite?: () => Promise<void>
  missingPermissions: (installationId: number) => Promise<string[]>
  repository: RepositoryRef
}): GitHub {
  const where = { owner: options.repository.owner, repo: options.repository.name }
  const octokit = options.octokit(options.repository, options.mayWrite)
  const { git, issues, pulls, reactions, repos } = octokit.rest
  const head = async (branch: string) => {
    const answer = ask(RefAnswer, git.getRef({ ...where, ref: `heads/${branch}` }))
    return (await unless(['not-found', 'empty'], answer))?.object.sha ?? null
  }

  return {
    missingPermissions: () => options.missingPermissions(options.repository.installationId),

    head,

    async describe() {
      const facts = await ask(RepositoryAnswer, repos.get(where))
      return {
        defaultBranch: facts.default_branch,
        archived: facts.archived,
        // A second request, and only where the size leaves it open.
        empty: facts.size === 0 && (await head(facts.default_branch)) === null,
        private: facts.private,
        htmlUrl: facts.html_url,
        cloneUrl: facts.clone_url,
      }
    },

    async permissionOf(login) {
      const answer = ask(PermissionAnswer, repos.getCollaboratorPermissionLevel({ ...where, username: login }))
      return (await unless(['not-found'], answer)) ?? 'none'
    },

    async membership(team, login) {
      const [org = '', slug = ''] = team.split('/')
      try {
        const wish = { org, team_slug: slug, username: login }
        const answer = ask(MembershipAnswer, octokit.rest.teams.getMembershipForUserInOrg(wish))
        return (await unless(['not-found'], answer)) ?? 'none'
      } catch (error) {
        if (error instanceof GitHubRefusal && error.kind === 'forbidden') return 'unseen'
        throw error
      }
    },

    async issue(number) {
      const issue = await ask(IssueAnswer, issues.get({ ...where, issue_number: number }))
      // A transferred issue is answered by a redirect to where it lives now, which is none of ours.
      if (issue.number !== number) throw notFound(`Issue #${number} was moved to another repository.`)
      return issue
    },

    async present(number, branch) {
      const variables = { owner: where.owner, name: where.repo, number, branch: `refs/heads/${branch}` }
      const comments: { id: number; body: string }[] = []
      for (let after: string | null = null; ;) {
        const answer: PresentAnswer = await query(octokit, PresentAnswer, {
          text: presentQuery,
          variables: { ...variables, after },
        })
        const { issue, ref } = answer
        comments.push(...issue.comments)
        after = issue.nextPage
        if (after === null) return { issue: { title: issue.title, body: issue.body }, comments, head: ref }
      }
    },

    async comments(number) {
      return pages(CommentAnswer, page =>
        issues.listComments({ ...where, issue_number: number, per_page: pageSize, page }),
      )
    },

    async createComment(number, body) {
      return ask(CommentAnswer, issues.createComment({ ...where, issue_number: number, body }))
    },

    async updateComment(id, body) {
      await ask(z.unknown(), issues.updateComment({ ...where, comment_id: id, body }))
    },

    async foldComment(nodeId) {
      await mutate(octokit, foldMutation, { id: nodeId })
    },

    async reactToIssue(number, content) {
      await ask(z.unknown(), reactions.createForIssue({ ...where, issue_number: number, content }))
    },

    async reactToComment(id, content) {
      await ask(z.unknown(), reactions.createForIssueComment({ ...where, comment_id: id, content }))
    },

    async createTree(base, changes) {
      const tree: TreeEntry[] = []
      for (const change of changes) {
        tree.push(
          await toTreeEntry(change, async base64 => {
            const blob = await ask(ShaAnswer, git.createBlob({ ...where, content: base64, encoding: 'base64' }))
            return blob.sha
          }),
        )
      }
      return (await ask(ShaAnswer, git.createTree({ ...where, base_tree: base, tree }))).sha
    },

    async createCommit({ message, tree, parents }) {
      // No author and no committer: only then does GitHub sign the commit as the App.
      return (await ask(ShaAnswer, git.createCommit({ ...where, message, tree, parents }))).sha
    },

    async commit(sha) {
      return ask(CommitAnswer, git.getCommit({ ...where, commit_sha: sha }))
    },

    async createBranch(branch, sha) {
      await ask(z.unknown(), git.createRef({ ...where, ref: `refs/heads/${branch}`, sha }))
    },

    async moveBranch(branch, sha) {
      try {
        await ask(z.unknown(), git.updateRef({ ...where, ref: `heads/${branch}`, sha, force: false }))
        return 'moved'
      } catch (error) {
        if (error instanceof GitHubRefusal && /not a fast.?forward/i.test(error.message)) return 'moved-by-others'
        throw error
      }
    },

    async pullRequest(number) {
      return (await ask(PullRequestAnswer, pulls.get({ ...where, pull_number: number }))).pull
    },

    async pullRequestOf(branch) {
      const head = `${where.owner}:${branch}`
      const found = await ask(z.array(PullRequestAnswer), pulls.list({ ...where, head, state: 'open' }))
      return found.find(one => one.ownBranch && one.pull.branch === branch)?.pull ?? null
    },

    async createPullRequest({ title, body, branch, base, draft }) {
      const create = async (draft: boolean) =>
        (await ask(PullRequestAnswer, pulls.create({ ...where, title, body, head: branch, base, draft }))).pull
      try {
        return await create(draft)
      } catch (error) {
        // Private repositories of free accounts have no drafts: an open one is what GitHub offers there.
        if (!draft || !(error instanceof GitHubRefusal) || !/draft pull requests are not/i.test(error.message))
          throw error
        return create(false)
      }
    },

    async updatePullRequest(number, { title, body }) {
      const change = { ...(title === undefined ? {} : { title }), ...(body === undefined ? {} : { body }) }
      await ask(z.unknown(), pulls.update({ ...where, pull_number: number, ...change }))
    },

    async markReady(nodeId) {
      await mutate(octokit, readyMutation, { id: nodeId })
    },

    async reviews(number) {
      const reviews = await pages(ReviewAnswer, page =>
        pulls.listReviews({ ...where, pull_number: number, per_page: pageSize, page }),
      )
      return reviews.map(({ id, author, body, commit }) => ({ id, author, body, commit }))
    },

    async createReview(number, { commit, body, comments }) {
      const review = { commit_id: commit, body, event: 'COMMENT' as const, comments: comments.map(toReviewComment) }
      const { id, url } = await ask(ReviewAnswer, pulls.createReview({ ...where, pull_number: number, ...review }))
      return { id, url }
    },
  }
}

async function unless<T>(kinds: GitHubRefusal['kind'][], answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof GitHubRefusal && kinds.includes(error.kind)) return null
    throw error
  }
}

type TreeEntry = { path: string; mode: '100644' | '100755'; type: 'blob' } & (
  { content: string } | { sha: string | null }
)

async function toTreeEntry(change: TreeChange, createBlob: (base64: string) => Promise<string>): Promise<TreeEntry> {
  const entry = { path: change.path, mode: change.mode, type: 'blob' as const }
  if (change.content === null) return { ...entry, sha: null }
  if ('text' in change.content) return { ...entry, content: change.content.text }
  return { ...entry, sha: await createBlob(change.content.base64) }
}

function toReviewComment(comment: ReviewComment) {
  const { path, line, startLine, body } = comment
  const range =
    startLine === undefined || startLine === line ? {} : { start_line: startLine, start_side: 'RIGHT' as const }
  return { path, line, side: 'RIGHT' as const, ...range, body }
}

function notFound(message: string): GitHubRefusal {
  return new GitHubRefusal(message, { kind: 'not-found', status: 404, cause: undefined })
}
