import { readdir, readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { eventually } from './support/eventually.js'
import { edit, run, type Script } from './support/script.js'
import { beginScriptedStory, type ScriptedStory } from './support/scripted-story.js'
import { treesOf } from './support/trees-of.js'

jest.setTimeout(120_000)

/** A command that nothing else on the machine runs. */
const long = 'sleep 1234.5678'
const script: Script = {
  title: 'Greet until they are gone',
  tasks: [
    { title: 'Greet louder', paths: ['greet.sh'], turns: [edit('greet.sh', ['  echo "Hello"', '  echo "HELLO"'])] },
    { title: 'Greet for long', paths: ['lib/*.sh'], dependsOn: [1], turns: [run(long)] },
  ],
}
const { title } = script

let story: ScriptedStory
beforeAll(async () => {
  story = await beginScriptedStory([script])
}, 120_000)
afterAll(() => story.stop())

const github = () => story.stage.github

async function processes(): Promise<string[]> {
  const ids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const lines = await Promise.all(ids.map(id => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')))
  return lines.map(line => line.replaceAll('\0', ' ').trim()).filter(line => line === long)
}

/** A run whose first task is committed, and whose second one runs a command. */
async function atWork(): Promise<number> {
  const issue = await story.approved(title)
  await eventually(async () => (await processes()).length > 0)
  return issue
}

async function expectEnded(issue: number, why: string): Promise<void> {
  const end = await story.end(issue)
  expect(end).toMatchObject({ kind: 'stopped' })
  expect('why' in end ? end.why : '').toContain(why)
  await eventually(async () => (await processes()).length === 0)
  await eventually(async () => (await treesOf(story.stage)).length === 0)
  await eventually(() => story.logged.some(line => line.includes('A run ended early') && line.includes(why)))
}

test('taking the repository from the installation ends what runs and what waits there, and kills its box', async () => {
  const { repository } = story.stage
  const waiting = await story.planned(title)
  const working = await atWork()
  github().removeFrom(repository.installationId, repository.fullName)
  await expectEnded(working, 'took this repository from my installation. Done were: task 1;')
  await expectEnded(waiting, 'took this repository from my installation. No task was done yet.')
  expect(story.commits(working)).toHaveLength(1)
  github().install(repository.fullName)
})

test('so does suspending the installation', async () => {
  const { repository } = story.stage
  const working = await atWork()
  github().suspend(repository.installationId, true)
  await expectEnded(working, 'suspended my installation')
  github().suspend(repository.installationId, false)
})

test('where the App was not told, it finds out, and leaves alone what is within its reach', async () => {
  const { repository } = story.stage
  const waiting = await story.planned(title)
  await story.stage.crew.lookForMissed()
  await story.phase(waiting, 'waiting-for-approval')
  github().sendWebhooksTo(null)
  github().removeFrom(repository.installationId, repository.fullName)
  await story.stage.crew.lookForMissed()
  await expectEnded(waiting, 'out of my reach')
  github().install(repository.fullName)
  github().sendWebhooksTo({ url: story.stage.crew.webhookUrl, secret: story.stage.webhookSecret })
})

test('uninstalling the App ends it, too', async () => {
  const working = await atWork()
  github().uninstall(story.stage.repository.installationId)
  await expectEnded(working, 'uninstalled me')
  expect(github().violations).toEqual([])
})
