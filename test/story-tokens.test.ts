import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { beginGateStory, type GateStory } from './support/gate-story.js'

jest.setTimeout(120_000)

let story: GateStory
beforeAll(async () => {
  story = await beginGateStory()
}, 120_000)
afterAll(() => story.stop())

const writing = { contents: 'write', pull_requests: 'write', metadata: 'read' }

test('no token that may write to the repository is asked for before the approval, and none is ever for another one', async () => {
  const { github, repository } = story.stage
  const other = await github.createRepository({ owner: 'acme', name: 'ledger', from: null, private: true })
  expect(other.installationId).toBe(repository.installationId)

  const issue = await story.planned('Greet with little power')
  await story.comment(issue, '/revise politely')
  await story.versions(issue, 2)
  expect(github.tokens.map(({ permissions }) => permissions)).toEqual([
    { contents: 'read', issues: 'write', pull_requests: 'read', metadata: 'read' },
    { contents: 'read', metadata: 'read' },
  ])

  await story.comment(issue, '/approve')
  expect((await story.end(issue)).kind).toBe('done')
  expect(github.tokens.slice(2).map(({ permissions }) => permissions)).toEqual([writing])
  for (const { repositories } of github.tokens) expect(repositories).toEqual([repository.fullName])
  expect(github.violations).toEqual([])
})

test('where a permission for talking is missing, too, the run is refused with all that is missing', async () => {
  const { github, repository } = story.stage
  github.install(repository.fullName, { contents: 'read', issues: 'write', metadata: 'read' })
  await story.stage.stopCrew()
  await story.stage.restartCrew()
  const issue = await story.labelled('Greet with too little power')
  expect((await story.end(issue)).kind).toBe('refused')
  expect(await story.status(issue)).toContain('lacks a permission here: `contents: write`, `pull_requests: write`')
})
