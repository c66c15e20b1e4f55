import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { AnsweredRequest } from '../../../src/practice/model/start.js'
import type { Lane } from './lane.js'
import type { Place, Played, RunSeen } from './play.js'

/** What is there at the end, to be seen by everybody. */
export interface Result {
  /** Of the App, by kind, of each run. */
  comments: Record<string, number>
  reactions: string[]
  branches: { name: string; tree: string; tasks: string[] }[]
  pullRequests: { head: string; draft: boolean; state: string; reviews: number; findings: number; replies: number }[]
  /** Answers of the model that came whole, by conversation and turn. */
  calls: Record<string, number>
  /** Tokens of those, each counted once, and what the run says that it took. */
  tokens: { made: Tokens; told: Tokens }
  /** US dollars by the run's own count, and by the wallet's of the day. */
  spent: { told: number; day: number; held: number }
  failed: string[]
}

interface Tokens {
  input: number
  output: number
  calls: number
}

export async function readResult(lane: Lane, place: Place, played: Played, since: { calls: number }): Promise<Result> {
  const { owner, repo, issue } = place
  const where = { owner, repo }
  const { rest } = lane.people.maintainer
  const { data: comments } = await rest.issues.listComments({ ...where, issue_number: issue, per_page: 100 })
  const kinds: Record<string, number> = {}
  for (const { user, body } of comments) {
    if (user?.type !== 'Bot') continue
    const kind = /<!-- issue-crew:(\w+):/.exec(body ?? '')?.[1] ?? 'other'
    kinds[kind] = (kinds[kind] ?? 0) + 1
  }
  const rockets = await Promise.all(
    comments
      .filter(({ body }) => body === '/approve')
      .map(({ id }) => rest.reactions.listForIssueComment({ ...where, comment_id: id })),
  )
  const { data: eyes } = await rest.reactions.listForIssue({ ...where, issue_number: issue })
  const { data: pulls } = await rest.pulls.list({ ...where, state: 'all', per_page: 100 })
  const answered = lane.model.stats().requests.slice(since.calls)
  const run = played.runs.at(-1)
  const cost = run?.end?.cost
  const wallet = await lane.query<{ spent: number; held: number }>(
    'SELECT coalesce(sum(spent), 0) AS spent, coalesce(sum(held), 0) AS held FROM issue_crew.spending WHERE repository_id = $1',
    [place.id],
  )
  const failed = await lane.query<{ workflow_uuid: string; error: string }>(
    `SELECT workflow_uuid, coalesce(made.error, status.error, '') AS error FROM dbos.workflow_status AS status
       LEFT JOIN dbos.workflow_output AS made USING (workflow_uuid) WHERE status.status NOT IN ('SUCCESS', 'PENDING', 'ENQUEUED', 'DELAYED', 'CANCELLED')
       AND (workflow_uuid LIKE $1 OR workflow_uuid LIKE 'delivery:%' AND created_at >= $2)`,
    [`%run:${place.id}:%`, played.begun],
  )
  return {
    comments: kinds,
    reactions: [eyes, ...rockets.map(({ data }) => data)].flat().map(({ content }) => content),
    branches: await branchesOf(place),
    pullRequests: await Promise.all(
      pulls.map(async ({ number, head, draft, state }) => {
        const { data: reviews } = await rest.pulls.listReviews({ ...where, pull_number: number })
        const { data: findings } = await rest.pulls.listReviewComments({ ...where, pull_number: number, per_page: 100 })
        const { data: replies } = await rest.issues.listComments({ ...where, issue_number: number })
        return {
          head: head.ref,
          draft: draft ?? false,
          state,
          reviews: reviews.length,
          findings: findings.length,
          replies: replies.length,
        }
      }),
    ),
    calls: countCalls(answered),
    tokens: {
      made: tokensOf(answered),
      told: {
        input: (cost?.inputTokens ?? 0) + (cost?.cacheReadTokens ?? 0) + (cost?.cacheWriteTokens ?? 0),
        output: cost?.outputTokens ?? 0,
        calls: cost?.calls ?? 0,
      },
    },
    spent: { told: cost?.usd ?? 0, day: wallet[0]?.spent ?? 0, held: wallet[0]?.held ?? 0 },
    failed: failed.map(({ workflow_uuid, error }) => `${workflow_uuid}: ${error.slice(0, 300)}`),
  }
}

async function branchesOf({ gitDir }: Place): Promise<Result['branches']> {
  const git = async (...args: string[]): Promise<string[]> => {
    const { stdout } = await promisify(execFile)('git', ['--git-dir', gitDir, ...args])
    return stdout.split('\n').filter(line => line !== '')
  }
  const names = await git('for-each-ref', '--format=%(refname:short)', 'refs/heads/crew')
  return Promise.all(
    names.map(async name => ({
      name,
      tree: (await git('rev-parse', `${name}^{tree}`))[0] ?? '',
      tasks: await git('log', '--reverse', '--format=%(trailers:key=Crew-Task,valueonly)', `main..${name}`),
    })),
  )
}

const callOf = ({ conversation, turn }: AnsweredRequest): string => `${conversation}, turn ${turn + 1}`

function countCalls(answered: AnsweredRequest[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const request of answered) counts[callOf(request)] = (counts[callOf(request)] ?? 0) + 1
  return counts
}

/** What was asked again had the same words. */
function tokensOf(answered: AnsweredRequest[]): Tokens {
  const once = [...new Map(answered.map(request => [callOf(request), request])).values()]
  const sum = (of: (request: AnsweredRequest) => number): number =>
    once.reduce((total, request) => total + of(request), 0)
  return {
    input: sum(request => request.inputTokens + request.cacheReadTokens + request.cacheWriteTokens),
    output: sum(request => request.outputTokens),
    calls: once.length,
  }
}

/** What is wrong with a result, in sentences; none where all is as it must be. */
export function faultsOf(
  result: Result,
  played: Played,
  allowed: {
    tree: string
    findings: number
    mayCallAgain: number
    /** Without these it goes on when GitHub refuses them: a reaction, findings on lines (which the review then says itself). */
    mayLack: readonly ('reaction' | 'lines')[]
  },
): string[] {
  const { tree, findings, mayCallAgain, mayLack } = allowed
  const faults: string[] = []
  const hold = (holds: boolean, otherwise: string): void => void (holds || faults.push(otherwise))
  const ran = played.runs.length
  const { comments, branches, pullRequests, tokens, spent, calls } = result
  const onlyOnce = ran === 1

  hold(ran > 0, 'there was no run')
  for (const { how, said } of played.needed)
    hold(
      how === 'retry' ? said.includes('/retry') : said.trim() !== '' || played.runs.some(isStrangers),
      `people were needed (${how}), and nothing told them so`,
    )
  const within = (kind: string, least: number): void => {
    const count = comments[kind] ?? 0
    hold(count <= ran && count >= least, `${count} ${kind} comments of ${ran} runs`)
  }
  within('status', 1)
  within('plan', 1)
  const replies = comments['reply'] ?? 0
  hold(replies <= played.needed.filter(({ how }) => how === 'approve').length, `${replies} replies`)
  const others = Object.keys(comments).filter(kind => !['status', 'plan', 'reply'].includes(kind))
  hold(others.length === 0, `comments of other kinds: ${others.join(', ')}`)
  if (played.needed.length === 0 && !mayLack.includes('reaction'))
    hold(result.reactions.join(' ') === 'eyes rocket', `reactions: ${result.reactions.join(' ')}`)

  const whole = branches.filter(branch => branch.tasks.join(' ') === '1/4 2/4 3/4')
  hold(
    onlyOnce ? branches.length === 1 && whole.length === 1 : whole.length === 1 && branches.length <= ran,
    `branches: ${branches.map(({ name, tasks }) => `${name} with ${tasks.join(' ')}`).join(', ') || 'none'}`,
  )
  hold(
    whole.every(branch => branch.tree === tree),
    'the tree is another',
  )
  const ready = pullRequests.filter(({ draft }) => !draft)
  hold(ready.length === 1 && (!onlyOnce || pullRequests.length === 1), `pull requests: ${JSON.stringify(pullRequests)}`)
  for (const pull of ready) {
    hold(pull.head === whole[0]?.name, `the pull request is of ${pull.head}`)
    hold(pull.reviews === 1, `${pull.reviews} reviews`)
    hold(
      pull.findings === findings || (pull.findings === 0 && mayLack.includes('lines')),
      `${pull.findings} findings on lines where there were ${findings}`,
    )
    hold(pull.replies === 0, `${pull.replies} comments on the pull request`)
  }
  const again = sentAgain(calls)
  if (onlyOnce) hold(again <= mayCallAgain, `${again} model calls were sent again: ${JSON.stringify(calls)}`)
  hold(
    tokens.told.calls === tokens.made.calls &&
      tokens.told.input === tokens.made.input &&
      tokens.told.output === tokens.made.output,
    `tokens: the run tells of ${JSON.stringify(tokens.told)}, the model of ${JSON.stringify(tokens.made)}`,
  )
  if (onlyOnce)
    hold(
      Math.abs(spent.told - spent.day) < 1e-6 && spent.held === 0,
      `the run says that it cost $${spent.told}, the day's account $${spent.day} and $${spent.held} set aside`,
    )
  if (played.needed.length === 0) hold(result.failed.length === 0, `failed: ${result.failed.join('; ')}`)
  return faults
}

/** A label of somebody who may not write, as GitHub says, is no reason to write anything. */
const isStrangers = ({ end }: RunSeen): boolean => end?.kind === 'refused' && end.why.endsWith(' may not write')

export const sentAgain = (calls: Record<string, number>): number =>
  Object.values(calls).reduce((sum, times) => sum + times - 1, 0)
