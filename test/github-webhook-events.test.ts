import { describe, expect, test } from '@jest/globals'
import { readWebhook } from '../src/github/webhook-events.js'

const crew = { label: 'crew', appSlug: 'issue-crew' }
const ada = { login: 'ada', type: 'User' }
const bot = { login: 'sorter[bot]', type: 'Bot' }
const ourselves = { login: 'issue-crew[bot]', type: 'Bot' }
const repository = { id: 7, owner: 'octo', name: 'shop', installationId: 3 }

describe('an issue', () => {
  test('labelled by a person puts the crew to work', () => {
    expect(read('issues', { action: 'labeled', label: { name: 'CREW' } })).toMatchObject({
      kind: 'labelled',
      delivery: 'd-1',
      repository,
      issue: { number: 12, body: 'please' },
      by: ada,
    })
  })

  test.each([
    ['another label', { label: { name: 'crew-later' } }],
    ['a bot', { label: { name: 'crew' }, sender: bot }],
    ['a closed issue', { label: { name: 'crew' }, issue: { ...issue(), state: 'closed' } }],
    ['a pull request', { label: { name: 'crew' }, issue: { ...issue(), pull_request: {} } }],
    ['an installation that is not named', { label: { name: 'crew' }, installation: undefined }],
    ['an issue without a state', { label: { name: 'crew' }, issue: { ...issue(), state: undefined } }],
  ])('labelled with or by %s does not', (_, change) => {
    expect(read('issues', { action: 'labeled', ...change })).toBeNull()
  })

  test('stops when the label is taken off, whoever does it, but not another label', () => {
    const taken = { action: 'unlabeled', label: { name: 'crew' } }
    expect(read('issues', taken)).toMatchObject({ kind: 'withdrawn', issueNumber: 12, why: 'unlabelled', by: ada })
    expect(read('issues', { ...taken, sender: bot })).toMatchObject({ kind: 'withdrawn', by: bot })
    expect(read('issues', { ...taken, sender: ourselves })).toBeNull()
    expect(read('issues', { ...taken, label: { name: 'bug' } })).toBeNull()
  })

  test('stops when it is closed', () => {
    expect(read('issues', { action: 'closed' })).toMatchObject({ kind: 'withdrawn', why: 'closed' })
  })

  test.each(['opened', 'edited', 'reopened', 'assigned', 'deleted', 'transferred'])(
    '%s is nobody’s business',
    action => {
      expect(read('issues', { action, label: { name: 'crew' } })).toBeNull()
    },
  )
})

describe('a comment', () => {
  const approve = { id: 5, body: '/approve', user: ada }

  test('with a command counts, on an issue and on a pull request', () => {
    expect(read('issue_comment', { action: 'created', comment: approve })).toEqual({
      kind: 'commented',
      delivery: 'd-1',
      repository,
      on: 'issue',
      number: 12,
      comment: { id: 5, body: '/approve', author: ada },
    })
    const onPull = {
      action: 'created',
      comment: { ...approve, body: '/status' },
      issue: { ...issue(), pull_request: {} },
    }
    expect(read('issue_comment', onPull)).toMatchObject({ kind: 'commented', on: 'pull-request' })
  })

  test.each([
    ['edited', { action: 'edited', comment: approve }],
    ['deleted', { action: 'deleted', comment: approve }],
    ['with a word for another bot', { action: 'created', comment: { ...approve, body: '/assign me\n\n/lgtm' } }],
    ['without words', { action: 'created', comment: { ...approve, body: null } }],
    ['of a bot', { action: 'created', comment: { ...approve, user: bot }, sender: bot }],
    ['of a bot, sent by a person', { action: 'created', comment: { ...approve, user: bot } }],
    ['of our own', { action: 'created', comment: { ...approve, user: ourselves }, sender: ourselves }],
    ['of an account of no known kind', { action: 'created', comment: { ...approve, user: { ...ada, type: 'Robot' } } }],
  ])('%s does not count', (_, change) => {
    expect(read('issue_comment', change)).toBeNull()
  })
})

describe('a comment without a command', () => {
  const said = (body: string, change: object = {}) =>
    read('issue_comment', { action: 'created', comment: { id: 5, body, user: ada }, ...change })

  test.each(['I would /approve of that', '> /approve', 'German.\n\n/assign me', '/etc/greet is where it lies'])(
    'may be an answer: %j',
    body => {
      expect(said(body)).toEqual({
        kind: 'remarked',
        delivery: 'd-1',
        repository,
        issueNumber: 12,
        comment: { id: 5, author: ada },
      })
    },
  )

  test.each([
    ['that was edited', { action: 'edited' }],
    ['on a pull request', { issue: { ...issue(), pull_request: {} } }],
    ['on a closed issue', { issue: { ...issue(), state: 'closed' } }],
    ['sent by a bot', { sender: bot }],
    ['of our own', { sender: ourselves }],
  ])('%s is none', (_, change) => {
    expect(said('German.', change)).toBeNull()
  })
})

test.each([[null], ['text'], [[]], [{}], [{ action: 'labeled' }], [{ action: 3 }]])('%j means nothing', payload => {
  expect(readWebhook({ name: 'issues', delivery: 'd-1', payload }, crew)).toBeNull()
})

function read(name: string, change: Record<string, unknown>) {
  const payload = {
    issue: issue(),
    sender: ada,
    repository: { id: 7, name: 'shop', owner: { login: 'octo' } },
    installation: { id: 3 },
    ...change,
  }
  return readWebhook({ name, delivery: 'd-1', payload }, crew)
}

function issue() {
  const labels = [{ name: 'crew' }]
  const at = '2026-05-04T10:00:00Z'
  return { number: 12, title: 'Add a login', body: 'please', user: ada, state: 'open', labels, updated_at: at }
}
