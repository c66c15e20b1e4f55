import { createHmac } from 'node:crypto'

import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Octokit } from '@octokit/rest'

import {
  openReceiver,
  openSetting,
  writeFiles,
  type Received,
  type Setting,
} from './support/practice-github-setting.js'

let setting: Setting
let receiver: Awaited<ReturnType<typeof openReceiver>>
let answers: number[]
let installationId: number
let app: Octokit
let ann: Octokit
const shop = { owner: 'acme', repo: 'shop' }
const secret = 'a secret that nobody guesses'

beforeEach(async () => {
  setting = await openSetting()
  answers = []
  receiver = await openReceiver(() => answers.shift() ?? 202)
  const { github } = setting
  const directory = await writeFiles(`${setting.directory}/shop`, { 'a.txt': 'a\n' })
  ;({ installationId } = await github.createRepository({ owner: 'acme', name: 'shop', from: { directory } }))
  app = await setting.asInstallation(installationId)
  ann = setting.octokit(github.createUser('ann').token)
  github.setPermission('acme/shop', 'ann', 'write')
  github.sendWebhooksTo({ url: receiver.url, secret })
})

afterEach(async () => {
  await setting.close()
  await receiver.close()
})

const names = (received: Received[]): string[] =>
  received.map(({ headers, payload }) => [headers['x-github-event'], payload['action']].filter(Boolean).join('.'))

async function told(): Promise<Received[]> {
  await setting.github.settled()
  return receiver.received
}

test('the life of an issue is told in order, signed, each delivery with an id of its own', async () => {
  const { data: issue } = await ann.rest.issues.create({ ...shop, title: 'Add login' })
  const place = { ...shop, issue_number: issue.number }
  await ann.rest.issues.addLabels({ ...place, labels: ['crew'] })
  const { data: comment } = await app.rest.issues.createComment({ ...place, body: 'Plan' })
  await app.rest.issues.updateComment({ ...shop, comment_id: comment.id, body: 'Plan 2' })
  await ann.rest.issues.update({ ...place, body: 'More' })
  await ann.rest.issues.removeLabel({ ...place, name: 'crew' })
  await ann.rest.issues.update({ ...place, state: 'closed' })
  const received = await told()
  expect(names(received)).toEqual([
    'ping',
    'issues.opened',
    'issues.labeled',
    'issue_comment.created',
    'issue_comment.edited',
    'issues.edited',
    'issues.unlabeled',
    'issues.closed',
  ])
  for (const { headers, raw } of received) {
    const signature = `sha256=${createHmac('sha256', secret).update(raw).digest('hex')}`
    expect(headers['x-hub-signature-256']).toBe(signature)
  }
  expect(new Set(received.map(({ headers }) => headers['x-github-delivery'])).size).toBe(received.length)
  expect(received[2]?.payload).toMatchObject({
    label: { name: 'crew' },
    issue: { number: issue.number, node_id: issue.node_id, labels: [{ name: 'crew' }] },
    repository: { full_name: 'acme/shop', default_branch: 'main' },
    sender: { login: 'ann', type: 'User' },
    installation: { id: installationId },
  })
  expect(received[3]?.payload).toMatchObject({ comment: { body: 'Plan' }, sender: { type: 'Bot' } })
  expect(received[4]?.payload).toMatchObject({ changes: { body: { from: 'Plan' } } })
})

test('the next thing is told when the last one was answered, however long that took', async () => {
  let open = 0
  let most = 0
  const slow = await openReceiver(async () => {
    most = Math.max(most, ++open)
    await new Promise(done => setTimeout(done, 20))
    open--
    return 202
  })
  try {
    setting.github.sendWebhooksTo({ url: slow.url, secret })
    await setting.github.settled()
    most = 0
    await ann.rest.issues.create({ ...shop, title: 'Add login', labels: ['crew', 'bug'] })
    await setting.github.settled()
    expect(names(slow.received).filter(name => name !== 'ping')).toEqual([
      'issues.opened',
      'issues.labeled',
      'issues.labeled',
    ])
    expect(most).toBe(1)
  } finally {
    await slow.close()
  }
})

test('a branch, its pull request and a review are told too', async () => {
  const main = (await app.rest.git.getRef({ ...shop, ref: 'heads/main' })).data.object.sha
  const commit = async (parent: string, content: string): Promise<string> => {
    const tree = [{ path: 'a.txt', mode: '100644' as const, type: 'blob' as const, content }]
    const { data } = await app.rest.git.createTree({ ...shop, base_tree: parent, tree })
    return (await app.rest.git.createCommit({ ...shop, message: 'Work', tree: data.sha, parents: [parent] })).data.sha
  }
  const first = await commit(main, 'b\n')
  await app.rest.git.createRef({ ...shop, ref: 'refs/heads/work', sha: first })
  const { data: pull } = await app.rest.pulls.create({
    ...shop,
    title: 'Work',
    head: 'work',
    base: 'main',
    draft: true,
  })
  const second = await commit(first, 'c\n')
  await app.rest.git.updateRef({ ...shop, ref: 'heads/work', sha: second })
  const ready =
    'mutation ($id: ID!) { markPullRequestReadyForReview(input: { pullRequestId: $id }) { clientMutationId } }'
  await app.graphql(ready, { id: pull.node_id })
  const comments = [{ path: 'a.txt', line: 1, body: 'Why?' }]
  await ann.rest.pulls.createReview({ ...shop, pull_number: pull.number, event: 'COMMENT', comments })
  await ann.rest.pulls.update({ ...shop, pull_number: pull.number, state: 'closed' })
  const received = await told()
  expect(names(received)).toEqual([
    'ping',
    'push',
    'pull_request.opened',
    'push',
    'pull_request.synchronize',
    'pull_request.ready_for_review',
    'pull_request_review.submitted',
    'pull_request_review_comment.created',
    'pull_request.closed',
  ])
  expect(received[3]?.payload).toMatchObject({
    ref: 'refs/heads/work',
    before: first,
    after: second,
    forced: false,
    commits: [{ id: second, modified: ['a.txt'] }],
  })
  expect(received[4]?.payload).toMatchObject({ before: first, after: second, pull_request: { head: { sha: second } } })
  expect(received[6]?.payload).toMatchObject({ review: { state: 'commented' } })
})

test('a delivery that failed is not sent again by itself; sent again, it keeps its id', async () => {
  await told()
  answers = [500]
  await ann.rest.issues.create({ ...shop, title: 'Lost' })
  await told()
  expect(names(receiver.received)).toEqual(['ping', 'issues.opened'])
  const { data: listed } = await setting.asApp().rest.apps.listWebhookDeliveries()
  const failed = listed.find(each => each.status_code === 500)
  expect(failed).toMatchObject({ event: 'issues', action: 'opened', redelivery: false })
  if (failed === undefined) throw new Error('not listed')
  const { data: whole } = await setting.asApp().rest.apps.getWebhookDelivery({ delivery_id: failed.id })
  expect(whole.request.payload).toMatchObject({ issue: { title: 'Lost' } })
  await setting.asApp().rest.apps.redeliverWebhookDelivery({ delivery_id: failed.id })
  const [, first, again] = await told()
  expect(again?.headers['x-github-delivery']).toBe(first?.headers['x-github-delivery'])
  expect(again?.raw).toBe(first?.raw)
  expect(setting.github.violations).toEqual([])
})

test('while the App is down its deliveries are recorded as failed', async () => {
  await told()
  await receiver.close()
  await ann.rest.issues.create({ ...shop, title: 'Nobody home' })
  await setting.github.settled()
  expect(setting.github.deliveries.at(-1)).toMatchObject({
    event: 'issues',
    statusCode: 0,
    status: 'failed to connect to host',
  })
})

test('the App is not told what it did not subscribe to or may not know', async () => {
  setting.github.install('acme/shop', { metadata: 'read', issues: 'read' })
  const main = (await ann.rest.git.getRef({ ...shop, ref: 'heads/main' })).data.object.sha
  await ann.rest.git.createRef({ ...shop, ref: 'refs/heads/x', sha: main })
  await ann.rest.issues.create({ ...shop, title: 'Known' })
  expect(names(await told())).toEqual(['ping', 'issues.opened'])
})

test('being installed, suspended and taken off is told', async () => {
  const created = await setting.github.createRepository({ owner: 'bob', name: 'b', from: null })
  setting.github.suspend(created.installationId, true)
  setting.github.uninstall(created.installationId)
  expect(names(await told())).toEqual(['ping', 'installation.created', 'installation.suspend', 'installation.deleted'])
})
