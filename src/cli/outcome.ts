import type { RunEnd } from '../workflow/world.js'
import type { PracticeStage } from './practice-stage.js'

/** What a practice run came to, as `--json` writes it. */
export interface Outcome {
  issue: { number: number; title: string; labels: string[] }
  plan: {
    id: string
    tasks: { number: number; title: string; agent: string; dependsOn: number[]; paths: string[] }[]
  } | null
  comments: { author: string; body: string }[]
  branch: string | null
  base: string | null
  commits: { sha: string; task: string; agent: string; files: string[] }[]
  pullRequest: { number: number; title: string; body: string; draft: boolean } | null
  review: { verdict: string; body: string; comments: { path: string; line: number | null; body: string }[] } | null
  cost: { usd: number; inputTokens: number; outputTokens: number; cacheReadTokens: number; calls: number }
  githubRequests: { total: number; contentCreating: number }
  /** Path of the practice GitHub's bare repository. */
  repository: string
}

/** Reads a run's outcome from where people would see it: the practice GitHub. What only the run knows comes from `end`. */
export async function readOutcome(
  stage: PracticeStage,
  { issueNumber, login, end }: { issueNumber: number; login: string; end: RunEnd },
): Promise<Outcome> {
  const { rest } = stage.as(login)
  const where = { owner: stage.repository.owner, repo: stage.repository.name }
  const { data: issue } = await rest.issues.get({ ...where, issue_number: issueNumber })
  const { data: comments } = await rest.issues.listComments({ ...where, issue_number: issueNumber, per_page: 100 })
  const { cost } = end
  const requests = stage.github.requests
    .filter(request => request.by === 'app' || request.by === 'installation')
    .filter(request => request.interface !== 'git')
  return {
    issue: {
      number: issue.number,
      title: issue.title,
      labels: issue.labels.map(label => (typeof label === 'string' ? label : (label.name ?? ''))),
    },
    plan:
      end.kind === 'done'
        ? {
            id: end.plan.id,
            tasks: end.plan.tasks.map(({ number, title, agent, dependsOn, paths }) => ({
              number,
              title,
              agent,
              dependsOn,
              paths,
            })),
          }
        : null,
    comments: comments.map(comment => ({ author: comment.user?.login ?? '', body: comment.body ?? '' })),
    ...(await readPullRequest(stage, { login, end })),
    cost: {
      usd: cost.usd,
      inputTokens: cost.inputTokens + cost.cacheWriteTokens,
      outputTokens: cost.outputTokens,
      cacheReadTokens: cost.cacheReadTokens,
      calls: cost.calls,
    },
    githubRequests: {
      total: requests.length,
      contentCreating: requests.filter(request => request.contentCreating).length,
    },
    repository: stage.repository.gitDir,
  }
}

type OfPullRequest = Pick<Outcome, 'branch' | 'base' | 'commits' | 'pullRequest' | 'review'>

async function readPullRequest(
  stage: PracticeStage,
  { login, end }: { login: string; end: RunEnd },
): Promise<OfPullRequest> {
  if (end.kind !== 'done') return { branch: null, base: null, commits: [], pullRequest: null, review: null }
  const { rest } = stage.as(login)
  const where = { owner: stage.repository.owner, repo: stage.repository.name }
  const number = { ...where, pull_number: end.pullRequest }
  const { data: pull } = await rest.pulls.get(number)
  const { data: commits } = await rest.pulls.listCommits({ ...number, per_page: 100 })
  const { data: reviews } = await rest.pulls.listReviews(number)
  const review = reviews.at(-1)
  const { data: comments } = review
    ? await rest.pulls.listCommentsForReview({ ...number, review_id: review.id, per_page: 100 })
    : { data: [] }
  return {
    branch: pull.head.ref,
    base: pull.base.ref,
    commits: await Promise.all(
      commits.map(async ({ sha, commit }) => ({
        sha,
        task: trailer(commit.message, 'Crew-Task'),
        agent: trailer(commit.message, 'Crew-Agent'),
        files: ((await rest.repos.getCommit({ ...where, ref: sha })).data.files ?? []).map(file => file.filename),
      })),
    ),
    pullRequest: { number: pull.number, title: pull.title, body: pull.body ?? '', draft: pull.draft ?? false },
    review: review
      ? {
          verdict: end.review.assessment,
          body: review.body,
          comments: comments.map(({ path, line, body }) => ({ path, line: line ?? null, body })),
        }
      : null,
  }
}

const trailer = (message: string, name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(message)?.[1] ?? ''
