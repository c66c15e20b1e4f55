import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type FrontDoor, startFrontDoor } from '../src/app.js'
import type { CrewEvent } from '../src/domain/event.js'
import { type AppClient, connectApp } from '../src/github/app-client.js'
import { createGitHub } from '../src/github/github.js'
import { createLog } from '../src/log.js'
import { type GitHub, TransientError } from '../src/ports.js'
import { type PracticeGitHub, startPracticeGitHub } from '../src/practice/github/start.js'
import { createOpenApiCheck } from '../src/practice/openapi/openapi-check.js'
import { memoryLedger } from './support/memory-ledger.js'

const secret = 'a webhook secret for tests'
const log = createLog({ level: 'silent', pretty: false, secrets: [] })

let folder: string
let shop: string
let practice: PracticeGitHub
let app: AppClient
let door: FrontDoor
let events: CrewEvent[]
let github: GitHub
let gitDir: string
let repositoryId: number
let installationId: number
let ada: string
let issueNumber: number

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crew-github-'))
  practice = await startPracticeGitHub({ dataDir: folder, check: createOpenApiCheck() })
  shop = join(folder, 'shop-to-begin-with')
  mkdirSync(join(shop, 'shop'), { recursive: true })
  writeFileSync(join(shop, 'shop/models.py'), 'class Shop:\n    pass\n')
  writeFileSync(join(shop, 'README.md'), '# Shop\n')
  const made = await practice.createRepository({ owner: 'octo', name: 'shop', from: { directory: shop } })
  gitDir = made.gitDir
  repositoryId = made.id
  installationId = made.installationId
  ada = practice.createUser('ada').token
  practice.setPermission('octo/shop', 'ada', 'maintain')

  app = await connectApp({
    appId: practice.app.id,
    privateKey: practice.app.privateKey,
    webhookSecret: secret,
    baseUrl: `${practice.url}/api/v3`,
    writeSpacingMs: 0,
    ledger: memoryLedger(),
    log,
  })
  const repository = { id: made.id, owner: 'octo', name: 'shop', installationId }
  github = createGitHub({ ...app, repository })
  events = []
  door = await startFrontDoor({
    host: '127.0.0.1',
    port: 0,
    crew: { label: 'crew', appSlug: practice.app.slug },
    verify: app.verify,
    engine: { start: async (_workflow, _id, event) => void events.push(event as CrewEvent) },
    asks: async () => true,
    whyNotReady: () => Promise.resolve(null),
    log,
  })
  practice.sendWebhooksTo({ url: `${door.url}/api/github/webhooks`, secret })
  const issue = await asAda('POST', '/repos/octo/shop/issues', { title: 'Add a login', body: 'please' })
  issueNumber = issue['number'] as number
})

afterAll(async () => {
  await practice.stop()
  await door.close()
  rmSync(folder, { recursive: true, force: true })
})

test('the App signs in, and GitHub knows it', async () => {
  expect(await app.checkAppCredentials()).toEqual({ ok: true, slug: practice.app.slug, lacks: [] })
})

test('the way from a branch to a reviewed pull request works over HTTP, and git agrees', async () => {
  const facts = await github.describe()
  expect(facts).toMatchObject({ defaultBranch: 'main', archived: false, empty: false })
  const base = await github.head('main')
  const before = await github.commit(base ?? '')

  const tree = await github.createTree(before.tree, [
    { path: 'shop/models.py', mode: '100644', content: { text: 'class Shop:\n    open = True\n' } },
    { path: 'logo.bin', mode: '100644', content: { base64: 'AP8A' } },
    { path: 'README.md', mode: '100644', content: null },
  ])
  const commit = await github.createCommit({ message: 'Open the shop\n\nCrew-Task: 1/1', tree, parents: [base ?? ''] })
  expect(await github.head('crew/issue-1')).toBeNull()
  await github.createBranch('crew/issue-1', base ?? '')
  expect(await github.moveBranch('crew/issue-1', commit)).toBe('moved')
  expect(await github.moveBranch('crew/issue-1', base ?? '')).toBe('moved-by-others')
  await expect(github.createBranch('crew/issue-1', commit)).rejects.toMatchObject({ kind: 'exists' })
  expect(git('ls-tree', '-r', '--name-only', 'crew/issue-1')).toBe('logo.bin\nshop/models.py')
  expect(git('show', 'crew/issue-1:shop/models.py')).toBe('class Shop:\n    open = True')
  expect(git('log', '-1', '--format=%an|%B', 'crew/issue-1')).toContain('[bot]|Open the shop\n\nCrew-Task: 1/1')

  const title = 'Open the shop'
  const pull = await github.createPullRequest({ title, body: 'b', branch: 'crew/issue-1', base: 'main', draft: true })
  expect(pull).toMatchObject({ draft: true, head: commit, branch: 'crew/issue-1', base: 'main', state: 'open' })
  expect(await github.pullRequestOf('crew/issue-1')).toEqual(pull)
  expect(await github.pullRequestOf('crew/issue-2')).toBeNull()
  await github.updatePullRequest(pull.number, { body: 'the summary' })
  await github.markReady(pull.nodeId)
  expect(await github.pullRequest(pull.number)).toMatchObject({ draft: false, body: 'the summary', title })

  const onTheLine = { path: 'shop/models.py', line: 2, body: 'Why open?' }
  const offTheDiff = { ...onTheLine, line: 40 }
  const refused = github.createReview(pull.number, { commit, body: 'r', comments: [onTheLine, offTheDiff] })
  await expect(refused).rejects.toMatchObject({ kind: 'validation' })
  const review = await github.createReview(pull.number, { commit, body: 'The report', comments: [onTheLine] })
  expect(await github.reviews(pull.number)).toMatchObject([
    { id: review.id, body: 'The report', commit, author: { login: 'issue-crew[bot]' } },
  ])
})

test('comments and reactions are written, found again and folded', async () => {
  const comment = await github.createComment(issueNumber, 'A plan')
  await github.updateComment(comment.id, 'A better plan')
  await github.reactToIssue(issueNumber, 'eyes')
  await github.reactToComment(comment.id, 'rocket')
  await github.foldComment(comment.nodeId)
  const author = { login: practice.app.botLogin, type: 'Bot' }
  expect(await github.comments(issueNumber)).toMatchObject([{ id: comment.id, body: 'A better plan', author }])
  expect(await github.issue(issueNumber)).toMatchObject({
    title: 'Add a login',
    author: { login: 'ada', type: 'User' },
  })
})

test('permissions are those of the moment', async () => {
  expect(await github.permissionOf('ada')).toBe('maintain')
  practice.setPermission('octo/shop', 'ada', 'triage')
  expect(await github.permissionOf('ada')).toBe('triage')
  practice.setPermission('octo/shop', 'ada', 'maintain')
  expect(await github.permissionOf('nobody-at-all')).toBe('none')
})

test('what people do on GitHub comes in at the front door; what the App does itself stays outside', async () => {
  await practice.settled()
  events.length = 0
  await github.createComment(issueNumber, '/approve')
  await asAda('POST', `/repos/octo/shop/issues/${issueNumber}/labels`, { labels: ['crew'] })
  await asAda('POST', `/repos/octo/shop/issues/${issueNumber}/comments`, { body: 'Nice.\n\n/approve' })
  await asAda('PATCH', `/repos/octo/shop/issues/${issueNumber}`, { state: 'closed' })
  await practice.settled()
  expect(events.map(event => event.kind)).toEqual(['labelled', 'commented', 'withdrawn'])
  expect(events[0]).toMatchObject({ repository: { id: repositoryId, owner: 'octo', name: 'shop', installationId } })
  expect(practice.deliveries.map(one => one.statusCode).filter(status => status >= 300)).toEqual([])
})

test('a token for git reads that repository and no other', async () => {
  const token = await app.installationToken({ id: repositoryId, owner: 'octo', name: 'shop', installationId }, 'fetch')
  const other = await practice.createRepository({ owner: 'octo', name: 'secret', from: null, private: true })
  expect(other.installationId).toBe(installationId)
  const ask = (name: string) =>
    fetch(`${practice.url}/api/v3/repos/octo/${name}`, { headers: { authorization: `token ${token}` } })
  expect((await ask('shop')).status).toBe(200)
  expect((await ask('secret')).status).toBe(404)
})

describe('where something is in the way', () => {
  test('an empty repository is seen as one', async () => {
    const made = await practice.createRepository({ owner: 'octo', name: 'nothing', from: null })
    const repository = { id: made.id, owner: 'octo', name: 'nothing', installationId: made.installationId }
    const empty = createGitHub({ ...app, repository })
    expect(await empty.describe()).toMatchObject({ empty: true })
    expect(await empty.head('main')).toBeNull()
  })

  test('an archived repository is told apart', async () => {
    practice.setArchived('octo/shop', true)
    await expect(github.createComment(issueNumber, 'x')).rejects.toMatchObject({ kind: 'archived' })
    expect(await github.describe()).toMatchObject({ archived: true })
    practice.setArchived('octo/shop', false)
  })

  test('a missing permission is told apart', async () => {
    const made = await practice.createRepository({
      owner: 'reader',
      name: 'shop',
      from: { directory: shop },
      install: { metadata: 'read', contents: 'read', issues: 'read', pull_requests: 'read' },
    })
    const repository = { id: made.id, owner: 'reader', name: 'shop', installationId: made.installationId }
    const reader = createGitHub({ ...app, repository })
    const head = await reader.head('main')
    await expect(reader.createBranch('crew/x', head ?? '')).rejects.toMatchObject({ kind: 'forbidden' })
    expect(await reader.missingPermissions()).toEqual(['contents: write', 'issues: write', 'pull_requests: write'])
    practice.install('reader/shop')
    expect(await reader.missingPermissions()).toEqual([])
    await reader.createBranch('crew/x', head ?? '')
  })

  test('a cut connection is something to wait out', async () => {
    const end = practice.fail({ method: 'POST', route: /comments$/, answer: 'cut', times: 1 })
    await expect(github.createComment(issueNumber, 'written, and never confirmed')).rejects.toBeInstanceOf(
      TransientError,
    )
    end()
    const bodies = (await github.comments(issueNumber)).map(comment => comment.body)
    expect(bodies).toContain('written, and never confirmed')
  })
})

test('GitHub’s own description has nothing against any request or answer above', () => {
  expect(practice.violations).toEqual([])
  expect(practice.requests.length).toBeGreaterThan(40)
})

async function asAda(method: string, path: string, body: unknown): Promise<Record<string, unknown>> {
  const answer = await fetch(`${practice.url}/api/v3${path}`, {
    method,
    headers: { authorization: `token ${ada}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Record<string, unknown>
}

function git(...args: string[]): string {
  return execFileSync('git', ['--git-dir', gitDir, ...args], { encoding: 'utf8' }).trim()
}
