import { generateKeyPairSync } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import nock from 'nock'
import { type AppClient, connectApp } from '../src/github/app-client.js'
import { endpoints, stepOf } from '../src/github/endpoints.js'
import { createGitHub } from '../src/github/github.js'
import { createOverview } from '../src/github/overview.js'
import { limitOf } from '../src/github/refusal.js'
import type { GitHubRequest } from '../src/github/traced-fetch.js'
import { createLog } from '../src/log.js'
import { type GitHub, GitHubRefusal, TransientError } from '../src/ports.js'
import { memoryLedger } from './support/memory-ledger.js'

const api = 'https://github.example'
const repo = '/api/v3/repos/octo/shop'
const repository = { id: 7, owner: 'octo', name: 'shop', installationId: 3 }
const sha = 'a'.repeat(40)
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

let app: AppClient
let github: GitHub
let requests: GitHubRequest[]
const everyRoute = new Set<string>()

beforeAll(() => nock.disableNetConnect())
// Node's own http is patched, and other tests of the same process share it.
afterAll(() => {
  nock.enableNetConnect()
  nock.restore()
})

beforeEach(async () => {
  requests = []
  app = await connect({})
  github = createGitHub({ ...app, repository })
  tokensFor(talk, 'ghs_first')
  tokensFor(write, 'ghs_write')
})

const talk = { contents: 'read', issues: 'write', pull_requests: 'read' }
const write = { contents: 'write', pull_requests: 'write' }

/** The next token for this repository with these permissions. */
function tokensFor(permissions: object, token: string): void {
  nock(api)
    .post('/api/v3/app/installations/3/access_tokens', { repository_ids: [7], permissions: { ...permissions } })
    .optionally()
    .reply(201, () => ({ token, expires_at: inMinutes(60), permissions }))
}

afterEach(() => {
  for (const request of requests) everyRoute.add(request.route)
  nock.cleanAll()
})

describe('what the crew reads', () => {
  test('is a repository in our own words', async () => {
    nock(api)
      .get(repo)
      .reply(200, { ...repositoryAnswer, size: 12 })
    expect(await github.describe()).toEqual({
      defaultBranch: 'main',
      archived: false,
      empty: false,
      private: true,
      htmlUrl: 'https://github.example/octo/shop',
      cloneUrl: 'https://github.example/octo/shop.git',
    })
  })

  test('is an empty repository only if its branch has no commit, however small it is', async () => {
    nock(api)
      .get(repo)
      .twice()
      .reply(200, { ...repositoryAnswer, size: 0 })
    nock(api).get(`${repo}/git/ref/heads%2Fmain`).reply(409, { message: 'Git Repository is empty.' })
    expect(await github.describe()).toMatchObject({ empty: true })
    nock(api).get(`${repo}/git/ref/heads%2Fmain`).reply(200, { object: { sha } })
    expect(await github.describe()).toMatchObject({ empty: false })
  })

  test('is what the installation lacks; once it is granted, a new token is made, as the old one lacks it still', async () => {
    const installation = (permissions: object) =>
      nock(api).get('/api/v3/app/installations/3').reply(200, { id: 3, permissions })
    const enough = { contents: 'write', issues: 'write', pull_requests: 'write', metadata: 'read' }
    const used: (string | undefined)[] = []
    const read = async () => {
      nock(api)
        .get(repo)
        .reply(200, function () {
          used.push(this.req.headers.authorization)
          return { ...repositoryAnswer, size: 12 }
        })
      await github.describe()
    }
    await read()
    installation({ contents: 'read', issues: 'write', metadata: 'read' })
    expect(await github.missingPermissions()).toEqual(['contents: write', 'pull_requests: write'])
    await read()
    tokensFor(talk, 'ghs_second')
    installation(enough)
    expect(await github.missingPermissions()).toEqual([])
    await read()
    expect(used).toEqual(['token ghs_first', 'token ghs_first', 'token ghs_second'])
  })

  test.each([
    [{ permission: 'admin', role_name: 'admin' }, 'admin'],
    [{ permission: 'write', role_name: 'maintain' }, 'maintain'],
    [{ permission: 'read', role_name: 'triage' }, 'triage'],
    [{ permission: 'write', role_name: 'release-captain' }, 'write'],
    [{ permission: 'read' }, 'read'],
    [{ permission: 'something new' }, 'none'],
  ])('is a permission: %j means %s', async (answer, permission) => {
    nock(api).get(`${repo}/collaborators/ada/permission`).reply(200, answer)
    expect(await github.permissionOf('ada')).toBe(permission)
  })

  test.each([
    [200, { state: 'active', role: 'member' }, 'member'],
    [200, { state: 'pending', role: 'member' }, 'none'],
    [404, { message: 'Not Found' }, 'none'],
    [403, { message: 'Resource not accessible by integration' }, 'unseen'],
  ])('is a membership: %i %j means %s', async (status, answer, membership) => {
    tokensFor({ members: 'read' }, 'ghs_teams')
    nock(api).get('/api/v3/orgs/acme/teams/leads/memberships/ada').reply(status, answer)
    expect(await github.membership('acme/leads', 'ada')).toBe(membership)
  })

  test('is no membership that may be seen where not even a token for it is to be had; none is asked for with less', async () => {
    nock(api)
      .post('/api/v3/app/installations/3/access_tokens', { repository_ids: [7], permissions: { members: 'read' } })
      .reply(422, { message: 'The permissions requested are not granted to this installation.' })
    nock(api)
      .get('/api/v3/app/installations/3')
      .reply(200, { id: 3, permissions: { contents: 'write', metadata: 'read' } })
    expect(await github.membership('acme/leads', 'ada')).toBe('unseen')
    expect(requests).toHaveLength(2)
  })

  test('is no permission for somebody GitHub doesn’t know', async () => {
    nock(api).get(`${repo}/collaborators/nobody%5Bbot%5D/permission`).reply(404, { message: 'Not Found' })
    expect(await github.permissionOf('nobody[bot]')).toBe('none')
  })

  test('is an issue, with null for its body and its author', async () => {
    nock(api)
      .get(`${repo}/issues/12`)
      .reply(200, { ...issueAnswer, body: null, user: null, labels: ['crew', { name: 'bug' }] })
    expect(await github.issue(12)).toEqual({
      number: 12,
      title: 'Add a login',
      body: '',
      author: { login: 'ghost', type: 'User' },
      state: 'open',
      labels: ['crew', 'bug'],
      isPullRequest: false,
    })
  })

  test('is not an issue that was moved to another repository', async () => {
    nock(api)
      .get(`${repo}/issues/12`)
      .reply(301, '', { location: `${api}/api/v3/repositories/9/issues/1` })
    nock(api)
      .get('/api/v3/repositories/9/issues/1')
      .reply(200, { ...issueAnswer, number: 1 })
    await expect(github.issue(12)).rejects.toMatchObject({ kind: 'not-found' })
  })

  test('is every page of the comments', async () => {
    const more = { link: `<https://elsewhere.example/steal?page=2>; rel="next"` }
    nock(api)
      .get(`${repo}/issues/12/comments?per_page=100&page=1`)
      .reply(200, [commentAnswer(1)], more)
    nock(api)
      .get(`${repo}/issues/12/comments?per_page=100&page=2`)
      .reply(200, [commentAnswer(2)])
    expect((await github.comments(12)).map(comment => comment.id)).toEqual([1, 2])
  })

  test('is null for a branch that is not there', async () => {
    nock(api).get(`${repo}/git/ref/heads%2Fcrew%2Fissue-12`).reply(404, { message: 'Not Found' })
    expect(await github.head('crew/issue-12')).toBeNull()
  })

  test('is the pull request of our own branch, never that of a fork with the same name', async () => {
    const fork = { ...pullAnswer, number: 5, head: { ref: 'crew/issue-12', sha, repo: { id: 99 } } }
    nock(api).get(`${repo}/pulls?head=octo%3Acrew%2Fissue-12&state=open`).twice().reply(200, [fork, pullAnswer])
    expect(await github.pullRequestOf('crew/issue-12')).toMatchObject({ number: 6, draft: true, base: 'main' })
    nock.cleanAll()
    nock(api).get(`${repo}/pulls?head=octo%3Acrew%2Fissue-12&state=open`).reply(200, [fork])
    expect(await github.pullRequestOf('crew/issue-12')).toBeNull()
  })

  test('is a commit, a pull request and its reviews', async () => {
    nock(api)
      .get(`${repo}/git/commits/${sha}`)
      .reply(200, { sha, message: 'm', tree: { sha: 't' }, parents: [{ sha: 'p' }] })
    nock(api).get(`${repo}/pulls/6`).reply(200, pullAnswer)
    nock(api)
      .get(`${repo}/pulls/6/reviews?per_page=100&page=1`)
      .reply(200, [{ id: 1, user: null, body: 'b', commit_id: null, html_url: 'u' }])
    expect(await github.commit(sha)).toEqual({ sha, message: 'm', tree: 't', parents: ['p'] })
    expect(await github.pullRequest(6)).toMatchObject({ branch: 'crew/issue-12', head: sha, body: '' })
    expect(await github.reviews(6)).toMatchObject([{ id: 1, author: { login: 'ghost' }, body: 'b', commit: '' }])
  })
})

describe('what an approval is held against', () => {
  const present = (issue: object, ref: object | null) => ({ data: { repository: { ref, issue } } })
  const page = (ids: number[], next: string | null) => ({
    title: 'Add a login',
    body: '',
    comments: {
      nodes: ids.map(id => ({ url: `https://github.example/octo/shop/issues/12#issuecomment-${id}`, body: `${id}` })),
      pageInfo: { hasNextPage: next !== null, endCursor: next },
    },
  })
  const answer = (after: string | null, body: object) =>
    nock(api)
      .post('/api/graphql', asked => asked.variables.after === after && asked.variables.branch === 'refs/heads/main')
      .reply(200, body)

  test('is read in one request, and in one more for each hundred comments', async () => {
    // Numbers of comments have outgrown GraphQL's integers.
    answer(null, present(page([5, 6], 'next'), { target: { oid: sha } }))
    answer('next', present(page([4_000_000_000], null), { target: { oid: sha } }))
    expect(await github.present(12, 'main')).toEqual({
      issue: { title: 'Add a login', body: '' },
      comments: [5, 6, 4_000_000_000].map(id => ({ id, body: `${id}` })),
      head: sha,
    })
    answer(null, present(page([], null), null))
    expect(await github.present(12, 'main')).toMatchObject({ comments: [], head: null })
  })

  test('is no guess where the answer was cut short, or has another form', async () => {
    nock(api).post('/api/graphql').reply(200, '{"data":{"repo', { 'content-type': 'application/json' })
    await expect(github.present(12, 'main')).rejects.toBeInstanceOf(TransientError)
    answer(null, present({ title: 'Add a login' }, null))
    await expect(github.present(12, 'main')).rejects.toThrow(/not what was expected \(GraphQL\)/)
  })
})

describe('what the crew writes', () => {
  test('is a tree: text inline, a binary as a blob of its own, a deletion as null', async () => {
    nock(api).post(`${repo}/git/blobs`, { content: 'AP8=', encoding: 'base64' }).reply(201, { sha: 'b10b' })
    const tree = [
      { path: 'a.txt', mode: '100644', type: 'blob', content: 'text' },
      { path: 'b.png', mode: '100644', type: 'blob', sha: 'b10b' },
      { path: 'c.sh', mode: '100755', type: 'blob', sha: null },
    ]
    nock(api).post(`${repo}/git/trees`, { base_tree: sha, tree }).reply(201, { sha: 'tree' })
    const made = await github.createTree(sha, [
      { path: 'a.txt', mode: '100644', content: { text: 'text' } },
      { path: 'b.png', mode: '100644', content: { base64: 'AP8=' } },
      { path: 'c.sh', mode: '100755', content: null },
    ])
    expect(made).toBe('tree')
  })

  test('is a commit without author, so that GitHub signs it as the App', async () => {
    nock(api)
      .post(`${repo}/git/commits`, { message: 'm', tree: 't', parents: [sha] })
      .reply(201, { sha: 'c' })
    expect(await github.createCommit({ message: 'm', tree: 't', parents: [sha] })).toBe('c')
  })

  test('is one review with all its comments, on the new side', async () => {
    const comments = [
      { path: 'a.py', line: 3, side: 'RIGHT', body: 'one' },
      { path: 'a.py', line: 9, side: 'RIGHT', start_line: 7, start_side: 'RIGHT', body: 'several' },
    ]
    nock(api)
      .post(`${repo}/pulls/6/reviews`, { commit_id: sha, body: 'all', event: 'COMMENT', comments })
      .reply(200, {
        id: 8,
        user: { login: 'issue-crew[bot]', type: 'Bot' },
        body: 'all',
        html_url: 'https://github.example/r',
      })
    const review = await github.createReview(6, {
      commit: sha,
      body: 'all',
      comments: [
        { path: 'a.py', line: 3, startLine: 3, body: 'one' },
        { path: 'a.py', line: 9, startLine: 7, body: 'several' },
      ],
    })
    expect(review).toEqual({ id: 8, url: 'https://github.example/r' })
  })

  test('is comments, reactions and branches, each in one request', async () => {
    nock(api).post(`${repo}/issues/12/comments`, { body: 'hello' }).reply(201, commentAnswer(1))
    nock(api).patch(`${repo}/issues/comments/1`, { body: 'bye' }).reply(200, commentAnswer(1))
    nock(api).post(`${repo}/issues/12/reactions`, { content: 'eyes' }).reply(201, { id: 1 })
    nock(api).post(`${repo}/issues/comments/1/reactions`, { content: 'rocket' }).reply(200, { id: 2 })
    nock(api).post(`${repo}/git/refs`, { ref: 'refs/heads/crew/x', sha }).reply(201, {})
    nock(api).patch(`${repo}/pulls/6`, { title: 'new' }).reply(200, pullAnswer)
    expect(await github.createComment(12, 'hello')).toMatchObject({ id: 1, nodeId: 'IC_1', author: { login: 'ada' } })
    await github.updateComment(1, 'bye')
    await github.reactToIssue(12, 'eyes')
    await github.reactToComment(1, 'rocket')
    await github.createBranch('crew/x', sha)
    await github.updatePullRequest(6, { title: 'new' })
    expect(requests.filter(request => request.route.startsWith('POST /app'))).toHaveLength(2)
    expect(requests).toHaveLength(8)
  })

  test('is done by GraphQL where REST can’t do it', async () => {
    nock(api)
      .post('/api/graphql', body => body.query.includes('OUTDATED') && body.variables.id === 'IC_1')
      .reply(200, { data: { minimizeComment: {} } })
    nock(api)
      .post(
        '/api/graphql',
        body => body.query.includes('markPullRequestReadyForReview') && body.variables.id === 'PR_6',
      )
      .reply(200, { data: {} })
    await github.foldComment('IC_1')
    await github.markReady('PR_6')
    expect(nock.pendingMocks().filter(mock => mock.includes('graphql'))).toEqual([])
  })

  test('moves a branch forward, and says when somebody else was there first', async () => {
    nock(api).patch(`${repo}/git/refs/heads%2Fcrew%2Fx`, { sha, force: false }).reply(200, {})
    expect(await github.moveBranch('crew/x', sha)).toBe('moved')
    nock(api).patch(`${repo}/git/refs/heads%2Fcrew%2Fx`).reply(422, { message: 'Update is not a fast forward' })
    expect(await github.moveBranch('crew/x', sha)).toBe('moved-by-others')
    nock(api).patch(`${repo}/git/refs/heads%2Fcrew%2Fx`).reply(422, { message: 'Reference does not exist' })
    await expect(github.moveBranch('crew/x', sha)).rejects.toMatchObject({ kind: 'validation' })
  })

  test('opens a pull request without draft where GitHub offers none', async () => {
    const pull = { title: 't', body: 'b', head: 'crew/issue-12', base: 'main' }
    const errors = [{ message: 'Draft pull requests are not supported in this repository.' }]
    nock(api)
      .post(`${repo}/pulls`, { ...pull, draft: true })
      .reply(422, { message: 'Validation Failed', errors })
    nock(api)
      .post(`${repo}/pulls`, { ...pull, draft: false })
      .reply(201, { ...pullAnswer, draft: false })
    const made = await github.createPullRequest({
      title: 't',
      body: 'b',
      branch: 'crew/issue-12',
      base: 'main',
      draft: true,
    })
    expect(made.draft).toBe(false)
  })
})

describe('a no from GitHub says which kind it is', () => {
  const errors = [{ resource: 'PullRequestReviewComment', code: 'custom', message: 'line must be part of the diff' }]
  test.each([
    [403, { message: 'Repository was archived so is read-only.' }, 'archived', 'The repository is archived'],
    [403, { message: 'Resource not accessible by integration' }, 'forbidden', 'The App needs write access'],
    [403, { message: 'Unable to create comment because issue is locked.' }, 'locked', 'Unlock it'],
    [403, { message: 'This installation has been suspended' }, 'not-installed', 'suspended'],
    [404, { message: 'Not Found' }, 'not-found', 'the App may not see it'],
    [410, { message: 'Issues are disabled for this repo' }, 'not-found', 'no such thing'],
    [409, { message: 'Git Repository is empty.' }, 'empty', 'Push a first one'],
    [422, { message: 'Validation Failed', errors }, 'validation', 'line must be part of the diff'],
    [422, { message: 'Reference already exists' }, 'exists', 'Reference already exists'],
    [
      422,
      { message: 'Validation Failed', errors: [{ resource: 'Issue', field: 'body', code: 'missing' }] },
      'validation',
      'Issue body missing',
    ],
  ])('%i %j: %s', async (status, body, kind, words) => {
    nock(api).post(`${repo}/issues/12/comments`).reply(status, body)
    const error = await failureOf(github.createComment(12, 'x'))
    expect(error).toBeInstanceOf(GitHubRefusal)
    expect(error).toMatchObject({ kind, status, message: expect.stringContaining(words) })
    expect(requests.filter(request => request.route.includes('comments'))).toHaveLength(1)
  })

  test('when the App was uninstalled', async () => {
    nock.cleanAll()
    nock(api).post('/api/v3/app/installations/3/access_tokens').reply(404, { message: 'Not Found' })
    expect(await failureOf(github.head('main'))).toMatchObject({ kind: 'not-installed' })
  })

  test('when a GraphQL mutation is refused', async () => {
    nock(api)
      .post('/api/graphql')
      .reply(200, { data: null, errors: [{ type: 'FORBIDDEN', message: 'Resource not accessible' }] })
    expect(await failureOf(github.foldComment('IC_1'))).toMatchObject({ kind: 'forbidden' })
    nock(api)
      .post('/api/graphql')
      .reply(200, { data: null, errors: [{ type: 'NOT_FOUND', message: 'No node' }] })
    expect(await failureOf(github.foldComment('IC_1'))).toMatchObject({ kind: 'not-found' })
  })
})

describe('what waiting may mend is told apart, and asked only once', () => {
  test.each([
    ['a server error', 502, { message: 'Server Error' }, {}, undefined],
    ['a unicorn page', 503, '<html>Unicorn!</html>', { 'retry-after': '7' }, 7],
    [
      'a secondary limit with a time',
      403,
      { message: 'You have exceeded a secondary rate limit.' },
      { 'retry-after': '60' },
      60,
    ],
    ['a secondary limit without one', 403, { message: 'You have exceeded a secondary rate limit.' }, {}, 60],
    ['too many requests', 429, { message: 'Too Many Requests' }, { 'retry-after': '3' }, 3],
  ])('%s', async (_, status, body, headers: Record<string, string>, retryAfter) => {
    nock(api).get(`${repo}/pulls/6`).reply(status, body, headers)
    const error = await failureOf(github.pullRequest(6))
    expect(error).toBeInstanceOf(TransientError)
    expect((error as TransientError).retryAfter).toEqual(retryAfter)
    expect(requests.filter(request => request.route.includes('pulls'))).toHaveLength(1)
  })

  test('the hourly limit, until it is lifted', () => {
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1600' }
    const limit = {
      name: 'HttpError',
      status: 403,
      message: 'API rate limit exceeded',
      response: { headers, data: {} },
    }
    expect(limitOf({ ...limit, request: { method: 'GET', url: api } }, 1_000_000)).toBe(601)
  })

  test('a connection that breaks', async () => {
    nock(api).get(`${repo}/pulls/6`).replyWithError('socket hang up')
    expect(await failureOf(github.pullRequest(6))).toBeInstanceOf(TransientError)
  })

  test('an answer that doesn’t come', async () => {
    app = await connect({ timeoutMs: 50 })
    github = createGitHub({ ...app, repository })
    nock(api).get(`${repo}/pulls/6`).delay(5_000).reply(200, pullAnswer)
    expect(await failureOf(github.pullRequest(6))).toBeInstanceOf(TransientError)
    expect(requests.at(-1)).toMatchObject({ route: 'GET /repos/{owner}/{repo}/pulls/{pull_number}', status: null })
    nock.abortPendingRequests()
  })

  test('an answer that is cut short', async () => {
    nock(api).get(`${repo}/pulls/6`).reply(200, '{"number": 6, "titl', { 'content-type': 'application/json' })
    expect(await failureOf(github.pullRequest(6))).toBeInstanceOf(TransientError)
  })

  test('after a limit nothing is sent to that installation until it has passed', async () => {
    nock(api).get(`${repo}/pulls/6`).reply(429, { message: 'Slow down' }, { 'retry-after': '60' })
    await failureOf(github.pullRequest(6))
    const sent = requests.length
    expect(await failureOf(github.createComment(12, 'x'))).toMatchObject({ retryAfter: expect.any(Number) })
    expect(requests).toHaveLength(sent)
  })
})

test('an answer in a form that we don’t know is an error that names what is missing', async () => {
  nock(api).get(`${repo}/pulls/6`).reply(200, { number: 6 })
  await expect(github.pullRequest(6)).rejects.toThrow(/\/pulls\/6\).*expected string/s)
})

describe('a token', () => {
  const tokens: (string | undefined)[] = []
  const answer = (method: 'get' | 'post', path: string, status: number, body: object) =>
    nock(api)
      [method](path)
      .reply(status, function () {
        tokens.push(this.req.headers.authorization)
        return body
      })
  beforeEach(() => void tokens.splice(0))

  test('that may write goes only with what is written', async () => {
    answer('get', `${repo}/pulls/6`, 200, pullAnswer)
    answer('post', `${repo}/git/commits`, 201, { sha })
    answer('post', '/api/graphql', 200, { data: {} })
    answer('post', '/api/graphql', 200, { data: {} })
    await github.pullRequest(6)
    await github.createCommit({ message: 'm', tree: sha, parents: [sha] })
    await github.foldComment('IC_1')
    await github.markReady('PR_6')
    expect(tokens).toEqual(['token ghs_first', 'token ghs_write', 'token ghs_first', 'token ghs_write'])
  })

  test('that GitHub no longer takes is replaced at the next try', async () => {
    answer('get', `${repo}/pulls/6`, 401, { message: 'Bad credentials' })
    answer('get', `${repo}/pulls/6`, 200, pullAnswer)
    await expect(github.pullRequest(6)).rejects.toBeInstanceOf(TransientError)
    tokensFor(talk, 'ghs_second')
    await github.pullRequest(6)
    expect(tokens).toEqual(['token ghs_first', 'token ghs_second'])
  })

  test('is asked for with what was granted of it, where not all was, so that people can be told', async () => {
    nock.cleanAll()
    nock(api)
      .post('/api/v3/app/installations/3/access_tokens', { repository_ids: [7], permissions: talk })
      .reply(422, { message: 'The permissions requested are not granted to this installation.' })
    nock(api)
      .get('/api/v3/app/installations/3')
      .reply(200, { id: 3, permissions: { contents: 'write', issues: 'write', metadata: 'read' } })
    tokensFor({ contents: 'read', issues: 'write' }, 'ghs_less')
    answer('post', `${repo}/issues/12/comments`, 201, commentAnswer(5))
    await github.createComment(12, 'Something is missing')
    expect(tokens).toEqual(['token ghs_less'])
  })

  test('goes with no request that the table doesn’t name', () => {
    const unknown = { method: 'DELETE', url: '/repos/{owner}/{repo}', query: undefined }
    expect(() => stepOf(unknown)).toThrow('DELETE /repos/{owner}/{repo} is no request of an installation')
    const deletion = { method: 'POST', url: `${api}/api/graphql`, query: 'mutation { deleteRef(input: {}) { id } }' }
    expect(() => stepOf(deletion)).toThrow('deleteRef is no request of an installation')
  })
})

describe('a token for git', () => {
  test('is asked for with that much right and no more, at the same address as everything else, and kept', async () => {
    nock.cleanAll()
    nock(api)
      .post('/api/v3/app/installations/3/access_tokens', { repository_ids: [7], permissions: { contents: 'read' } })
      .reply(201, { token: 'ghs_git', expires_at: inMinutes(60) })
    const tokens = [app.installationToken(repository, 'fetch'), app.installationToken(repository, 'fetch')]
    expect(await Promise.all(tokens)).toEqual(['ghs_git', 'ghs_git'])
    expect(await app.installationToken(repository, 'fetch')).toBe('ghs_git')
    expect(requests).toHaveLength(1)
  })

  test('is made anew when the old one is about to expire', async () => {
    nock.cleanAll()
    const path = '/api/v3/app/installations/3/access_tokens'
    nock(api)
      .post(path)
      .reply(201, { token: 'ghs_old', expires_at: inMinutes(4) })
    nock(api)
      .post(path)
      .reply(201, { token: 'ghs_new', expires_at: inMinutes(60) })
    await app.installationToken(repository, 'fetch')
    expect(await app.installationToken(repository, 'fetch')).toBe('ghs_new')
  })
})

describe('at the start', () => {
  const all = { contents: 'write', issues: 'write', pull_requests: 'write', metadata: 'read' }

  test('GitHub is asked once who the App is', async () => {
    nock(api).get('/api/v3/app').reply(200, { id: 1, slug: 'issue-crew', permissions: all, events: [] })
    expect(await app.checkAppCredentials()).toEqual({ ok: true, slug: 'issue-crew', lacks: [] })
  })

  test('permissions that the registration lacks are named', async () => {
    nock(api)
      .get('/api/v3/app')
      .reply(200, { id: 1, slug: 'issue-crew', permissions: { ...all, issues: 'read', contents: 'read' } })
    expect(await app.checkAppCredentials()).toMatchObject({ lacks: ['contents: write', 'issues: write'] })
  })

  test('a key of another App is named as that', async () => {
    nock(api).get('/api/v3/app').reply(401, { message: 'A JSON web token could not be decoded' })
    expect(await app.checkAppCredentials()).toMatchObject({
      ok: false,
      problem: expect.stringContaining("APP_ID 1 and the private key don't belong together"),
    })
  })

  test('a GitHub that can’t be reached is named as that', async () => {
    nock(api).get('/api/v3/app').replyWithError('getaddrinfo ENOTFOUND github.example')
    expect(await app.checkAppCredentials()).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/could not be asked.*GHE_HOST/),
    })
  })
})

describe('what the App reaches altogether', () => {
  const since = '2026-11-20T00:00:00Z'

  test('is every repository of an installation that isn’t suspended, but for archived ones', async () => {
    nock(api)
      .get(/app\/installations\?/)
      .reply(200, [
        { id: 3, suspended_at: null },
        { id: 4, suspended_at: since },
      ])
    nock(api)
      .post('/api/v3/app/installations/3/access_tokens')
      .reply(201, () => ({ token: 'ghs_list', expires_at: inMinutes(60), permissions: { metadata: 'read' } }))
    const shop = { id: 7, name: 'shop', archived: false, owner: { login: 'octo' } }
    nock(api)
      .get(/installation\/repositories/)
      .reply(200, { total_count: 2, repositories: [shop, { ...shop, id: 8, archived: true }] })
    expect(await createOverview(app).repositories()).toEqual([repository])
  })

  test('is what was not taken of deliveries, which can be asked for again', async () => {
    const tried = { guid: 'one', delivered_at: '2026-11-21T00:00:00Z', event: 'issues', action: 'labeled' }
    nock(api)
      .get(/hook\/deliveries/)
      .reply(200, [
        { ...tried, id: 11, status_code: 500 },
        { ...tried, id: 12, status_code: 200 },
        { ...tried, id: 13, status_code: 500, delivered_at: '2026-11-19T00:00:00Z' },
      ])
    const overview = createOverview(app)
    const failed = await overview.deliveries(since, 'failure')
    expect(failed).toEqual([{ id: '11', guid: 'one', at: tried.delivered_at, event: 'issues', action: 'labeled' }])
    const asked = nock(api).post('/api/v3/app/hook/deliveries/11/attempts').reply(202, {})
    await overview.redeliver('11')
    expect(asked.isDone()).toBe(true)
  })

  test('is nothing where nothing changed', async () => {
    const overview = createOverview(app)
    for (const list of ['issues', 'issues/comments', 'issues/7/events'])
      nock(api).get(`${repo}/${list}`).query(true).reply(200, [])
    expect(await overview.changedIssues(repository, since)).toEqual([])
    expect(await overview.newComments(repository, since)).toEqual([])
    expect(await overview.history(repository, 7)).toEqual([])
  })
})

test('every request above is in the table of endpoints, and the table holds nothing else', () => {
  const rest = [...everyRoute].filter(route => route !== 'POST /graphql' && !route.includes('/repositories/'))
  expect(rest.sort()).toEqual(Object.keys(endpoints).sort())
})

const repositoryAnswer = {
  default_branch: 'main',
  archived: false,
  private: true,
  html_url: 'https://github.example/octo/shop',
  clone_url: 'https://github.example/octo/shop.git',
}

const issueAnswer = {
  number: 12,
  title: 'Add a login',
  body: 'please',
  user: { login: 'ada', type: 'User' },
  state: 'open',
  labels: [],
}

const commentAnswer = (id: number) => ({
  id,
  node_id: `IC_${id}`,
  body: 'hello',
  user: { login: 'ada', type: 'User' },
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
  html_url: `https://github.example/octo/shop/issues/12#issuecomment-${id}`,
})

const pullAnswer = {
  number: 6,
  node_id: 'PR_6',
  title: 't',
  body: null,
  draft: true,
  state: 'open',
  html_url: 'https://github.example/octo/shop/pull/6',
  head: { ref: 'crew/issue-12', sha, repo: { id: 7 } },
  base: { ref: 'main', repo: { id: 7 } },
}

function connect(changes: { timeoutMs?: number }): Promise<AppClient> {
  return connectApp({
    appId: 1,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    webhookSecret: 'a webhook secret for tests',
    baseUrl: `${api}/api/v3`,
    writeSpacingMs: 0,
    ledger: memoryLedger(),
    log: createLog({ level: 'silent', pretty: false, secrets: [] }),
    onRequest: request => requests.push(request),
    ...changes,
  })
}

function inMinutes(minutes: number): string {
  return new Date(Date.now() + minutes * 60_000).toISOString()
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}
