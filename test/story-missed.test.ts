import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { eventually } from './support/eventually.js'
import { edit, type Script } from './support/script.js'
import { beginScriptedStory, type ScriptedStory } from './support/scripted-story.js'

jest.setTimeout(120_000)

const script: Script = {
  title: 'Greet after a silence',
  tasks: [
    { title: 'Greet louder', paths: ['greet.sh'], turns: [edit('greet.sh', ['  echo "Hello"', '  echo "HELLO"'])] },
  ],
}
const { title } = script

let story: ScriptedStory
let broken: Server
beforeAll(async () => {
  story = await beginScriptedStory([script])
  broken = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(500).end())
  })
  await new Promise<void>(done => broken.listen(0, '127.0.0.1', done))
}, 120_000)
afterAll(async () => {
  await story.stop()
  broken.close()
})

const github = () => story.stage.github
const look = () => story.stage.crew.lookForMissed()
const runs = (issue: number) => story.stage.crew.engine.list(`run:${story.stage.repository.id}:${issue}:`)

/** Does something of which GitHub tells nobody, while the App is away. */
async function unheard(act: () => Promise<unknown>): Promise<void> {
  await story.stage.stopCrew()
  github().sendWebhooksTo(null)
  await act()
  await story.stage.restartCrew()
}

/** Does something of which GitHub tells an App that answers 500. */
async function failing(act: () => Promise<unknown>): Promise<void> {
  await github().settled()
  const { port } = broken.address() as AddressInfo
  github().sendWebhooksTo({ url: `http://127.0.0.1:${port}`, secret: story.stage.webhookSecret })
  await act()
  await github().settled()
}

const backToTheApp = () =>
  github().sendWebhooksTo({ url: story.stage.crew.webhookUrl, secret: story.stage.webhookSecret })

const triesOf = (event: string, words: string) =>
  github()
    .deliveries.filter(delivery => delivery.event === event && delivery.payload.includes(words))
    .map(({ redelivery, statusCode }) => (redelivery ? `again: ${statusCode}` : `${statusCode}`))

/** Resolves once everything that was taken in has been handed on. */
async function handedOn(): Promise<void> {
  await github().settled()
  await eventually(async () => {
    const all = await story.stage.crew.engine.list('delivery:')
    return all.every(({ state }) => state !== 'active')
  })
}

async function expectOneOfEach(issue: number): Promise<void> {
  const own = (await story.comments(issue)).filter(({ author }) => author === github().app.botLogin)
  expect(own.map(({ body }) => /<!-- issue-crew:(\w+):/.exec(body)?.[1])).toEqual(['status', 'plan'])
  expect(await runs(issue)).toHaveLength(1)
  expect(story.commits(issue)).toHaveLength(1)
  expect(await story.pullRequests(issue)).toHaveLength(1)
}

test('a label and a command that no delivery ever brought are found, and come late without doing anything twice', async () => {
  const issue = await story.issue({ title, body: 'As the title says.' })
  await unheard(() => story.label(issue))
  await look()
  await story.phase(issue, 'waiting-for-approval')
  await unheard(() => story.comment(issue, '/approve'))
  await look()
  expect((await story.end(issue)).kind).toBe('done')
  await look()
  await handedOn()
  await expectOneOfEach(issue)
})

test('a delivery that was answered 500 is delivered once more, and no more once it was taken', async () => {
  const issue = await story.issue({ title, body: 'Greet number 500.' })
  await failing(() => story.label(issue))
  backToTheApp()
  await look()
  await github().settled()
  expect(triesOf('issues', 'Greet number 500.').slice(-2)).toEqual(['500', 'again: 200'])
  await story.phase(issue, 'waiting-for-approval')
  await look()
  await github().settled()
  expect(triesOf('issues', 'Greet number 500.').slice(-2)).toEqual(['500', 'again: 200'])
  await story.comment(issue, '/approve')
  expect((await story.end(issue)).kind).toBe('done')
  await expectOneOfEach(issue)
})

test('what fails whenever it is delivered is asked for five times, and then no more', async () => {
  const issue = await story.issue({ title, body: 'Greet in vain.' })
  await failing(async () => {
    await story.comment(issue, '/help in vain')
    for (let times = 0; times < 7; times++) {
      await github().settled()
      await look()
    }
  })
  expect(triesOf('issue_comment', '/help in vain')).toEqual(['500', ...Array<string>(5).fill('again: 500')])
  backToTheApp()
})

test('the same delivery twice, and all of them in the opposite order, end with one of everything', async () => {
  const issue = await story.issue({ title, body: 'Greet in disorder.' })
  await github().settled()
  const from = github().deliveries.length
  await failing(async () => {
    await story.label(issue)
    await story.unlabel(issue)
    await story.label(issue)
  })
  backToTheApp()
  const told = github()
    .deliveries.slice(from)
    .filter(({ event }) => event === 'issues')
  expect(told.map(({ action }) => action)).toEqual(['labeled', 'unlabeled', 'labeled'])
  for (const { id } of [...told.toReversed(), ...told]) github().redeliver(id)
  await story.phase(issue, 'waiting-for-approval')
  await handedOn()
  await story.comment(issue, '/approve')
  expect((await story.end(issue)).kind).toBe('done')

  for (const { id } of told) github().redeliver(id)
  await handedOn()
  await look()
  await handedOn()
  await expectOneOfEach(issue)
})

test.each([
  ['the label taken off', '`ada` took the label off.', (issue: number) => story.unlabel(issue, 'ada')],
  ['the issue closed', '`ada` closed the issue.', (issue: number) => story.close(issue, 'ada')],
])('%s while nobody listened ends the run', async (_, words, withdraw) => {
  const issue = await story.planned(title)
  await unheard(() => withdraw(issue))
  await look()
  expect((await story.end(issue)).kind).toBe('cancelled')
  expect(await story.status(issue)).toContain(words)
})

test('who may not start a run may not do so unheard either, and is asked about once', async () => {
  const issue = await story.issue({ title })
  const sorting = (role: 'triage' | 'read') => github().setPermission(story.stage.repository.fullName, 'omar', role)
  sorting('triage')
  await unheard(() => story.label(issue, 'omar'))
  sorting('read')
  await look()
  expect((await story.end(issue)).kind).toBe('refused')
  await look()
  await handedOn()
  expect(await runs(issue)).toHaveLength(1)
})

test('where nothing changed, a look is a handful of requests, all of which GitHub knows', async () => {
  await look()
  await handedOn()
  const from = github().requests.length
  await look()
  const asked = github().requests.slice(from)
  expect(asked.length).toBeLessThan(12)
  expect(asked.filter(({ contentCreating }) => contentCreating)).toEqual([])
  expect(github().violations).toEqual([])
})
