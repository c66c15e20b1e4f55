import type { SecretFilter } from '../domain/secret.js'
import type { GitHub, PullRequest } from '../ports.js'
import { redactDeep } from './secret-filter.js'

/**
 * GitHub, with no secret in what is said there, and none in what people wrote there: so the App compares what it said,
 * and what a plan was made of, with the very same texts later.
 *
 * The contents of a commit are sent as they are. A secret in them is no matter of leaving it out: `commit-task.ts` refuses
 * the whole.
 */
export function filteredGitHub(github: GitHub, filter: SecretFilter): GitHub {
  const { redact } = filter
  const clean = <T>(value: T): T => redactDeep(value, filter)
  return {
    ...github,
    issue: async number => clean(await github.issue(number)),
    comments: async number => clean(await github.comments(number)),
    async present(number, branch) {
      const { issue, comments, head } = await github.present(number, branch)
      return { issue: clean(issue), comments: clean(comments), head }
    },
    createComment: async (number, body) => clean(await github.createComment(number, redact(body))),
    updateComment: (id, body) => github.updateComment(id, redact(body)),
    createCommit: commit => github.createCommit({ ...commit, message: redact(commit.message) }),
    commit: async sha => clean(await github.commit(sha)),
    pullRequest: async number => worded(await github.pullRequest(number)),
    async pullRequestOf(branch) {
      const pull = await github.pullRequestOf(branch)
      return pull && worded(pull)
    },
    createPullRequest: async pull =>
      worded(await github.createPullRequest({ ...pull, title: redact(pull.title), body: redact(pull.body) })),
    updatePullRequest: (number, change) => github.updatePullRequest(number, clean(change)),
    reviews: async number => clean(await github.reviews(number)),
    createReview: (number, review) =>
      github.createReview(number, {
        ...review,
        body: redact(review.body),
        comments: review.comments.map(comment => ({ ...comment, body: redact(comment.body) })),
      }),
  }

  /** Its branches must stay what they are called. */
  function worded(pull: PullRequest): PullRequest {
    return { ...pull, title: redact(pull.title), body: redact(pull.body) }
  }
}
