import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Octokit } from '@octokit/rest'

import { openSetting, refusal, type Setting } from './support/practice-github-setting.js'

let setting: Setting
let app: Octokit
let ann: Octokit
const shop = { owner: 'acme', repo: 'shop' }

beforeAll(async () => {
  setting = await openSetting()
  const { github } = setting
  const { installationId } = await github.createRepository({ owner: 'acme', name: 'shop', from: null })
  app = await setting.asInstallation(installationId)
  ann = setting.octokit(github.createUser('ann').token)
  github.setPermission('acme/shop', 'ann', 'write')
})

afterAll(async () => {
  const { violations } = setting.github
  await setting.close()
  expect(violations).toEqual([])
})

const newIssue = async (by: Octokit = ann): Promise<{ issue_number: number }> => ({
  issue_number: (await by.rest.issues.create({ ...shop, title: 'Add login', body: 'Please' })).data.number,
})

test('an issue goes through its life: edited, labelled, closed, opened again', async () => {
  const issue = await newIssue()
  await ann.rest.issues.update({ ...shop, ...issue, title: 'Add a login', labels: ['crew', 'bug'] })
  await ann.rest.issues.removeLabel({ ...shop, ...issue, name: 'bug' })
  const absent = ann.rest.issues.removeLabel({ ...shop, ...issue, name: 'bug' })
  expect(await refusal(absent)).toMatchObject({ status: 404, message: 'Label does not exist' })
  await ann.rest.issues.update({ ...shop, ...issue, state: 'closed', state_reason: 'not_planned' })
  const { data } = await app.rest.issues.get({ ...shop, ...issue })
  expect(data).toMatchObject({
    title: 'Add a login',
    state: 'closed',
    state_reason: 'not_planned',
    closed_by: { login: 'ann' },
    user: { login: 'ann', type: 'User' },
    author_association: 'COLLABORATOR',
    labels: [{ name: 'crew' }],
  })
  const { data: reopened } = await app.rest.issues.update({ ...shop, ...issue, state: 'open' })
  expect(reopened).toMatchObject({ state: 'open', closed_at: null })
})

test('an issue without a title, and a number that nothing has, are refused', async () => {
  expect(await refusal(ann.rest.issues.create({ ...shop, title: ' ' }))).toMatchObject({
    status: 422,
    message: 'Validation Failed',
    errors: [{ resource: 'Issue', code: 'missing_field', field: 'title' }],
  })
  expect(await refusal(app.rest.issues.get({ ...shop, issue_number: 4711 }))).toMatchObject({ status: 404 })
})

test('comments come page by page, oldest first, with links to the other pages', async () => {
  const issue = await newIssue()
  for (let n = 1; n <= 5; n++) await app.rest.issues.createComment({ ...shop, ...issue, body: `Comment ${n}` })
  const second = await app.rest.issues.listComments({ ...shop, ...issue, per_page: 2, page: 2 })
  expect(second.data.map(each => each.body)).toEqual(['Comment 3', 'Comment 4'])
  expect(second.headers.link?.match(/rel="\w+"/g)).toEqual(['rel="prev"', 'rel="next"', 'rel="last"', 'rel="first"'])
  const all = await app.paginate(app.rest.issues.listComments, { ...shop, ...issue, per_page: 2 })
  expect(all.map(each => each.body)).toEqual([1, 2, 3, 4, 5].map(n => `Comment ${n}`))
})

test('a comment of the App is the words of a bot', async () => {
  const issue = await newIssue()
  const { data } = await app.rest.issues.createComment({ ...shop, ...issue, body: 'Here is the plan' })
  expect(data).toMatchObject({
    user: { login: setting.github.app.botLogin, type: 'Bot' },
    performed_via_github_app: { slug: 'issue-crew' },
  })
})

test('a comment may have 65,536 characters, and not one more; and not none', async () => {
  const issue = await newIssue()
  const write = (body: string) => app.rest.issues.createComment({ ...shop, ...issue, body })
  expect((await write('x'.repeat(65_536))).status).toBe(201)
  expect(await refusal(write('x'.repeat(65_537)))).toMatchObject({
    status: 422,
    errors: [{ field: 'body', message: 'body is too long (maximum is 65536 characters)' }],
  })
  expect(await refusal(write(' '))).toMatchObject({ status: 422 })
})

test('one edits and deletes one’s own comments; those of others only with the right to write', async () => {
  const issue = await newIssue()
  const { data: comment } = await app.rest.issues.createComment({ ...shop, ...issue, body: 'One' })
  const place = { ...shop, comment_id: comment.id }
  const stranger = setting.octokit(setting.github.createUser('stranger').token)
  expect(await refusal(stranger.rest.issues.updateComment({ ...place, body: 'Mine' }))).toMatchObject({ status: 403 })
  expect((await app.rest.issues.updateComment({ ...place, body: 'Two' })).data.body).toBe('Two')
  await ann.rest.issues.deleteComment(place)
  expect(await refusal(app.rest.issues.getComment(place))).toMatchObject({ status: 404 })
})

test('the same reaction twice is one reaction', async () => {
  const issue = await newIssue()
  const first = await app.rest.reactions.createForIssue({ ...shop, ...issue, content: 'eyes' })
  const again = await app.rest.reactions.createForIssue({ ...shop, ...issue, content: 'eyes' })
  expect([first.status, again.status, again.data.id]).toEqual([201, 200, first.data.id])
  await ann.rest.reactions.createForIssue({ ...shop, ...issue, content: 'eyes' })
  const listed = await app.rest.reactions.listForIssue({ ...shop, ...issue, content: 'eyes' })
  expect(listed.data.map(each => each.user?.login)).toEqual([setting.github.app.botLogin, 'ann'])

  const { data: comment } = await ann.rest.issues.createComment({ ...shop, ...issue, body: '/approve' })
  await app.rest.reactions.createForIssueComment({ ...shop, comment_id: comment.id, content: 'rocket' })
  const { data: after } = await app.rest.issues.getComment({ ...shop, comment_id: comment.id })
  expect(after.reactions).toMatchObject({ rocket: 1, total_count: 1 })
})

test('GraphQL tells when a comment was last edited, and folds it', async () => {
  const issue = await newIssue()
  const { data: comment } = await app.rest.issues.createComment({ ...shop, ...issue, body: 'Plan 1' })
  const ask = 'query ($id: ID!) { node(id: $id) { ... on IssueComment { lastEditedAt isMinimized minimizedReason } } }'
  const id = comment.node_id
  expect(await app.graphql(ask, { id })).toEqual({
    node: { lastEditedAt: null, isMinimized: false, minimizedReason: null },
  })
  await app.rest.issues.updateComment({ ...shop, comment_id: comment.id, body: 'Plan 1, changed' })
  const fold = `mutation ($id: ID!) {
    minimizeComment(input: { subjectId: $id, classifier: OUTDATED }) { minimizedComment { isMinimized } }
  }`
  await app.graphql(fold, { id })
  expect(await app.graphql(ask, { id })).toEqual({
    node: { lastEditedAt: expect.stringMatching(/Z$/), isMinimized: true, minimizedReason: 'outdated' },
  })
})

test('a request that lacks what it needs is told what', async () => {
  const issue = await newIssue()
  const url: string = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments'
  expect(await refusal(ann.request(url, { ...shop, ...issue }))).toMatchObject({
    status: 422,
    message: expect.stringContaining('"body" wasn\'t supplied.'),
  })
})
