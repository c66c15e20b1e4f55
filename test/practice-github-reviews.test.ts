import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Octokit } from '@octokit/rest'

import { openSetting, refusal, writeFiles, type Setting } from './support/practice-github-setting.js'

let setting: Setting
let app: Octokit
let ann: Octokit
let main: string
const shop = { owner: 'acme', repo: 'shop' }
const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}`)
const text = (...parts: string[][]): string => `${parts.flat().join('\n')}\n`

beforeAll(async () => {
  setting = await openSetting()
  const { github } = setting
  const directory = await writeFiles(`${setting.directory}/shop`, { 'long.txt': text(numbered(1, 60)) })
  const { installationId } = await github.createRepository({ owner: 'acme', name: 'shop', from: { directory } })
  app = await setting.asInstallation(installationId)
  ann = setting.octokit(github.createUser('ann').token)
  github.setPermission('acme/shop', 'ann', 'write')
  main = (await app.rest.git.getRef({ ...shop, ref: 'heads/main' })).data.object.sha
})

afterAll(async () => {
  const { violations } = setting.github
  await setting.close()
  expect(violations).toEqual([])
})

async function commitOn(branch: string, parent: string, files: Record<string, string>): Promise<string> {
  const tree = await app.rest.git.createTree({
    ...shop,
    base_tree: parent,
    tree: Object.entries(files).map(([path, content]) => ({ path, mode: '100644', type: 'blob', content })),
  })
  const commit = await app.rest.git.createCommit({ ...shop, message: 'Work', tree: tree.data.sha, parents: [parent] })
  const { sha } = commit.data
  if (parent === main) await app.rest.git.createRef({ ...shop, ref: `refs/heads/${branch}`, sha })
  else await app.rest.git.updateRef({ ...shop, ref: `heads/${branch}`, sha })
  return sha
}

// Lines 10 and 40 are changed, so there are two hunks: 7–13 and 37–43.
const CHANGED = text(numbered(1, 9), ['ten'], numbered(11, 39), ['forty'], numbered(41, 60))

async function openPull(branch: string, by: Octokit = app): Promise<{ pull_number: number; head: string }> {
  const head = await commitOn(branch, main, { 'long.txt': CHANGED, 'new.txt': 'one\ntwo\n' })
  const { data } = await by.rest.pulls.create({ ...shop, title: branch, head: branch, base: 'main', draft: true })
  return { pull_number: data.number, head }
}

test('a pull request tells what git knows of it, and there is one for a branch', async () => {
  const { pull_number, head } = await openPull('one')
  const { data } = await app.rest.pulls.get({ ...shop, pull_number })
  expect(data).toMatchObject({
    draft: true,
    mergeable: true,
    commits: 1,
    changed_files: 2,
    additions: 4,
    deletions: 2,
    head: { sha: head, ref: 'one' },
    user: { login: 'issue-crew[bot]', type: 'Bot' },
  })
  const again = app.rest.pulls.create({ ...shop, title: 'x', head: 'acme:one', base: 'main' })
  expect(await refusal(again)).toMatchObject({
    status: 422,
    errors: [{ message: 'A pull request already exists for acme:one.' }],
  })
  const found = await app.rest.pulls.list({ ...shop, head: 'acme:one' })
  expect(found.data.map(each => each.number)).toEqual([pull_number])
  const files = await app.rest.pulls.listFiles({ ...shop, pull_number })
  expect(files.data.map(file => file.filename)).toEqual(['long.txt', 'new.txt'])
  const diff = await app.rest.pulls.get({ ...shop, pull_number, mediaType: { format: 'diff' } })
  expect(diff.data).toContain('+++ b/new.txt')
})

test('a branch without commits of its own makes no pull request', async () => {
  await app.rest.git.createRef({ ...shop, ref: 'refs/heads/nothing', sha: main })
  const opening = app.rest.pulls.create({ ...shop, title: 'x', head: 'nothing', base: 'main' })
  expect(await refusal(opening)).toMatchObject({
    status: 422,
    errors: [{ message: 'No commits between main and nothing' }],
  })
})

test('a review with all its comments is one request, pinned to the commit that was read', async () => {
  const { pull_number, head } = await openPull('reviewed')
  const { data: review } = await app.rest.pulls.createReview({
    ...shop,
    pull_number,
    commit_id: head,
    event: 'COMMENT',
    body: 'Two findings',
    comments: [
      { path: 'long.txt', line: 10, side: 'RIGHT', body: 'why?' },
      { path: 'long.txt', start_line: 38, start_side: 'RIGHT', line: 40, side: 'RIGHT', body: 'and these?' },
      { path: 'new.txt', line: 2, body: 'new' },
      { path: 'long.txt', line: 10, side: 'LEFT', body: 'was better' },
    ],
  })
  expect(review).toMatchObject({ state: 'COMMENTED', commit_id: head, body: 'Two findings' })
  const comments = await app.rest.pulls.listReviewComments({ ...shop, pull_number })
  expect(comments.data.map(each => [each.path, each.start_line, each.line, each.side, each.position])).toEqual([
    ['long.txt', null, 10, 'RIGHT', 5],
    ['long.txt', 38, 40, 'RIGHT', 14],
    ['new.txt', null, 2, 'RIGHT', 2],
    ['long.txt', null, 10, 'LEFT', 4],
  ])
  expect(comments.data[0]?.diff_hunk).toBe('@@ -7,7 +7,7 @@ line 6\n line 7\n line 8\n line 9\n-line 10\n+ten')
  const own = await app.rest.pulls.listCommentsForReview({ ...shop, pull_number, review_id: review.id })
  expect(own.data).toHaveLength(4)
})

const OUTSIDE = 'Pull request review thread line must be part of the diff'

test.each([
  ['a line between two hunks', { line: 25 }, OUTSIDE],
  ['a line just below a hunk', { line: 14 }, OUTSIDE],
  ['an added line on the left', { path: 'new.txt', line: 1, side: 'LEFT' as const }, OUTSIDE],
  ['a line past the end of the file', { line: 1000 }, OUTSIDE],
  ['a file that is not in the diff', { path: 'other.txt', line: 1 }, 'Path could not be resolved'],
  ['a range over two hunks', { start_line: 12, line: 38 }, /same hunk/],
  ['a range that ends above its start', { start_line: 12, line: 10 }, /must precede the end line/],
  ['a range of one line', { start_line: 10, line: 10 }, /must precede the end line/],
])('%s refuses the whole review', async (name, place, words) => {
  const { pull_number } = await openPull(`refused-${name.replaceAll(/\W/g, '-')}`)
  const good = { path: 'long.txt', line: 10, body: 'good' }
  const bad = { path: 'long.txt', body: 'bad', ...place }
  const asked = app.rest.pulls.createReview({
    ...shop,
    pull_number,
    event: 'COMMENT',
    body: 'x',
    comments: [good, bad],
  })
  expect(await refusal(asked)).toMatchObject({
    status: 422,
    errors: [words instanceof RegExp ? expect.stringMatching(words) : words],
  })
  expect((await app.rest.pulls.listReviews({ ...shop, pull_number })).data).toEqual([])
  expect((await app.rest.pulls.listReviewComments({ ...shop, pull_number })).data).toEqual([])
})

test('three lines around a change belong to its hunk', async () => {
  const { pull_number } = await openPull('context')
  const comments = [7, 13, 37, 43].map(line => ({ path: 'long.txt', line, body: 'context' }))
  await app.rest.pulls.createReview({ ...shop, pull_number, event: 'COMMENT', comments })
  expect((await app.rest.pulls.listReviewComments({ ...shop, pull_number })).data).toHaveLength(4)
})

test('nobody approves their own pull request; somebody else may', async () => {
  const { pull_number } = await openPull('own')
  for (const event of ['APPROVE', 'REQUEST_CHANGES'] as const) {
    const asked = app.rest.pulls.createReview({ ...shop, pull_number, event, body: 'Fine' })
    expect(await refusal(asked)).toMatchObject({ status: 422, message: 'Unprocessable Entity' })
  }
  const { data } = await ann.rest.pulls.createReview({ ...shop, pull_number, event: 'APPROVE' })
  expect(data.state).toBe('APPROVED')
})

test('a review without an event waits, seen by its author alone', async () => {
  const { pull_number } = await openPull('pending')
  const { data } = await app.rest.pulls.createReview({ ...shop, pull_number, body: 'Later' })
  expect(data.state).toBe('PENDING')
  expect((await ann.rest.pulls.listReviews({ ...shop, pull_number })).data).toEqual([])
  expect((await app.rest.pulls.listReviews({ ...shop, pull_number })).data).toHaveLength(1)
})

test('when the branch moves, comments follow their lines and those whose lines changed are outdated', async () => {
  const { pull_number, head } = await openPull('moving')
  const comments = [10, 40].map(line => ({ path: 'long.txt', line, body: `at ${line}` }))
  await app.rest.pulls.createReview({ ...shop, pull_number, commit_id: head, event: 'COMMENT', comments })
  const moved = text(['zero', 'and a half'], numbered(1, 9), ['TEN'], numbered(11, 39), ['forty'], numbered(41, 60))
  const next = await commitOn('moving', head, { 'long.txt': moved })
  expect((await app.rest.pulls.get({ ...shop, pull_number })).data.head.sha).toBe(next)
  const { data } = await app.rest.pulls.listReviewComments({ ...shop, pull_number })
  expect(data.map(each => [each.original_line, each.line ?? null])).toEqual([
    [10, null],
    [40, 42],
  ])
  const elsewhere = app.rest.pulls.createReview({ ...shop, pull_number, commit_id: main, event: 'COMMENT', body: 'x' })
  expect(await refusal(elsewhere)).toMatchObject({ status: 422 })
})

test('a reply joins the thread, and threads are resolved through GraphQL', async () => {
  const { pull_number } = await openPull('thread')
  const comments = [{ path: 'long.txt', line: 10, body: 'why?' }]
  await app.rest.pulls.createReview({ ...shop, pull_number, event: 'COMMENT', comments })
  const [first] = (await ann.rest.pulls.listReviewComments({ ...shop, pull_number })).data
  if (first === undefined) throw new Error('no comment')
  const place = { ...shop, pull_number, comment_id: first.id }
  const { data: reply } = await ann.rest.pulls.createReplyForReviewComment({ ...place, body: '/fix' })
  expect(reply).toMatchObject({ in_reply_to_id: first.id, line: 10 })
  const nested = ann.rest.pulls.createReplyForReviewComment({ ...place, comment_id: reply.id, body: 'x' })
  expect(await refusal(nested)).toMatchObject({ status: 422 })

  interface Threads {
    repository: {
      pullRequest: {
        reviewThreads: { nodes: { id: string; isResolved: boolean; comments: { nodes: { body: string }[] } }[] }
      }
    }
  }
  const threads = `query ($number: Int!) { repository(owner: "acme", name: "shop") { pullRequest(number: $number) {
    reviewThreads(first: 10) { nodes { id isResolved comments(first: 5) { nodes { body } } } } } } }`
  const [thread] = (await app.graphql<Threads>(threads, { number: pull_number })).repository.pullRequest.reviewThreads
    .nodes
  expect(thread).toMatchObject({ isResolved: false, comments: { nodes: [{ body: 'why?' }, { body: '/fix' }] } })
  const resolve = 'mutation ($id: ID!) { resolveReviewThread(input: { threadId: $id }) { thread { isResolved } } }'
  expect(await app.graphql(resolve, { id: thread?.id })).toEqual({
    resolveReviewThread: { thread: { isResolved: true } },
  })
})

test('a draft becomes ready through GraphQL, for whoever may write pull requests', async () => {
  const { pull_number } = await openPull('draft')
  const { data: pull } = await app.rest.pulls.get({ ...shop, pull_number })
  const ready =
    'mutation ($id: ID!) { markPullRequestReadyForReview(input: { pullRequestId: $id }) { pullRequest { isDraft } } }'
  const stranger = setting.octokit(setting.github.createUser('stranger').token)
  await expect(stranger.graphql(ready, { id: pull.node_id })).rejects.toMatchObject({ errors: [{ type: 'FORBIDDEN' }] })
  await app.graphql(ready, { id: pull.node_id })
  expect((await app.rest.pulls.get({ ...shop, pull_number })).data.draft).toBe(false)
  await expect(app.graphql(ready, { id: 'PR_none' })).rejects.toMatchObject({ errors: [{ type: 'NOT_FOUND' }] })
})

test('a check run takes fifty annotations at once, adds up more, and only an App makes one', async () => {
  const annotations = Array.from({ length: 51 }, (_, index) => ({
    path: 'long.txt',
    start_line: index + 1,
    end_line: index + 1,
    annotation_level: 'warning' as const,
    message: 'look',
  }))
  const run = { ...shop, name: 'crew', head_sha: main, status: 'in_progress' as const }
  const output = { title: 'Crew', summary: 'At work' }
  const made = await app.rest.checks.create({ ...run, output: { ...output, annotations: annotations.slice(0, 50) } })
  const check_run_id = made.data.id
  await app.rest.checks.update({
    ...shop,
    check_run_id,
    conclusion: 'success',
    output: { ...output, annotations: annotations.slice(50) },
  })
  const { data } = await app.rest.checks.listForRef({ ...shop, ref: 'main' })
  expect(data.check_runs).toMatchObject([
    { status: 'completed', conclusion: 'success', output: { annotations_count: 51 } },
  ])
  expect(await refusal(ann.rest.checks.create(run))).toMatchObject({ status: 403 })
})
