import { readable } from './narrate.js'
import type { Outcome } from './outcome.js'
import type { PracticeStage } from './practice-stage.js'
import type { Terminal } from './terminal.js'

/** Shows what a practice run came to: the pull request, its commits, the review on its lines, and where to look with git. */
export function showEnd(outcome: Outcome, stage: PracticeStage, terminal: Terminal): number {
  const { say, paint } = terminal
  const { pullRequest, review, branch, base } = outcome
  const heading = (text: string): void => say(`\n${paint('bold', text)}\n`)
  if (!pullRequest || !review) {
    say('')
    say(paint('red', 'No pull request came of it.'))
    say(readable(outcome.comments.findLast(comment => comment.author === stage.github.app.botLogin)?.body ?? ''))
    return 1
  }
  heading(`Pull request #${pullRequest.number}: ${pullRequest.title}`)
  say(readable(pullRequest.body))
  heading(`Commits on ${branch}`)
  for (const commit of outcome.commits)
    say(`${paint('yellow', commit.sha.slice(0, 9))} task ${commit.task} ${commit.agent}: ${commit.files.length} files`)
  heading('Review')
  say(readable(review.body))
  for (const comment of review.comments) {
    say(`\n${paint('cyan', `${comment.path}:${comment.line}`)}`)
    say(readable(comment.body))
  }
  const { cost, githubRequests } = outcome
  heading('What it took')
  say(
    `$${cost.usd.toFixed(2)} for ${cost.calls} model calls (${cost.inputTokens + cost.cacheReadTokens} tokens in, ${share(cost.cacheReadTokens, cost.inputTokens + cost.cacheReadTokens)} of them from the cache; ${cost.outputTokens} out); ${githubRequests.total} GitHub requests.`,
  )
  const violations = stage.github.violations.length
  if (violations > 0) say(paint('red', `${violations} requests or answers did not fit GitHub's description.`))
  heading('Look at it')
  say(`git --git-dir ${outcome.repository} log --stat ${base}..${branch}`)
  say(`git --git-dir ${outcome.repository} diff ${base}...${branch}`)
  return 0
}

const share = (part: number, whole: number): string => `${Math.round((100 * part) / Math.max(1, whole))} %`
