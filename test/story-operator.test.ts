import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { DBOS } from '@dbos-inc/dbos-sdk'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { manageRuns, type RunsCommand } from '../src/cli/runs.js'
import type { RunView } from '../src/domain/run-view.js'
import { eventually } from './support/eventually.js'
import { edit, type Script } from './support/script.js'
import { beginScriptedStory, type ScriptedStory } from './support/scripted-story.js'

const script = (title: string): Script => ({
  title,
  tasks: [
    { title: 'Greet louder', paths: ['greet.sh'], turns: [edit('greet.sh', ['  echo "Hello"', '  echo "HELLO"'])] },
  ],
})
const titles = ['Louder, then not', 'Louder in spite of GitHub', 'Louder after a stop', 'Louder by night']

/** What `issue-crew runs` shows, and its exit status. */
async function say(command: RunsCommand, env: Record<string, string>): Promise<{ status: number; shown: string }> {
  const lines: string[] = []
  const status = await manageRuns(command, env, {
    say: line => void lines.push(line),
    paint: (_, text) => text,
    ask: () => Promise.resolve(null),
    close: () => undefined,
  })
  return { status, shown: lines.join('\n') }
}

describe('issue-crew runs', () => {
  let story: ScriptedStory
  beforeAll(async () => {
    story = await beginScriptedStory(titles.map(script))
  })
  afterAll(() => story.stop())

  const operator = (command: RunsCommand) => say(command, { CREW_HOME: story.stage.config.home })
  const runOf = (issue: number, number = 1) => `run:${story.stage.repository.id}:${issue}:${number}`
  const listed = async (change: Partial<Extract<RunsCommand, { verb: 'list' }>> = {}): Promise<RunView[]> =>
    JSON.parse(
      (await operator({ verb: 'list', json: true, all: false, state: undefined, ...change })).shown,
    ) as RunView[]
  const states = async () => (await listed({ all: true })).map(({ id, state }) => `${id} ${state}`)

  test('lists and shows a run that waits: whose it is, how it stands, what it cost, what it did', async () => {
    const issue = await story.planned('Louder, then not')
    const id = runOf(issue)
    await eventually(async () => (await listed())[0]?.state === 'waiting-for-approval')
    const [run] = await listed()
    const url = `https://github.com/acme/storefront/issues/${issue}`
    expect(run).toMatchObject({ id, active: true, issue: { number: issue, title: 'Louder, then not', url } })
    expect(run?.usd).toBeGreaterThan(0)
    const { shown: table } = await operator({ verb: 'list', json: false, all: false, state: undefined })
    expect(table).toMatch(
      new RegExp(
        `^RUN +ISSUE +STATE +FOR +COST +TITLE\n${id} +acme/storefront#${issue} +waiting-for-approval +\\d+ s +[<$0-9.]+ +Louder, then not$`,
      ),
    )
    const { status, shown } = await operator({ verb: 'show', id, json: false, steps: true })
    expect(status).toBe(0)
    expect(shown).toContain(url)
    expect(shown).toMatch(/^ {2}plan +tech-lead-orchestrator +ended +1 turn +[<$0-9.]+ +\d+ s +agent:run:/m)
    expect(shown).toMatch(/^ {2}\d+ +\S+Z +\d+ ms +eyes$/m)
  })

  test('cancels as /cancel does, and says on the issue who did it', async () => {
    const id = runOf(1)
    const { status, shown } = await operator({ verb: 'cancel', id })
    expect([status, shown]).toEqual([0, expect.stringContaining(`${id} (acme/storefront#1) was cancelled.`)])
    expect((await story.end(1)).kind).toBe('cancelled')
    expect(await story.status(1)).toContain('Whoever runs this App ended the run.')
    expect(await operator({ verb: 'cancel', id })).toMatchObject({
      status: 1,
      shown: expect.stringContaining('has ended already: cancelled. Nothing was done to it.'),
    })
    expect(await listed()).toEqual([])
    expect(await states()).toEqual([`${id} cancelled`])
  })

  test('tries again what failed, as /retry does', async () => {
    const answer = { status: 403, body: { message: 'Resource not accessible by integration' } }
    const route = '/repos/{owner}/{repo}/git/trees'
    story.stage.github.fail({ method: 'POST', route, by: 'installation', answer, times: 1 })
    const issue = await story.approved('Louder in spite of GitHub')
    const id = runOf(issue)
    await eventually(async () => (await listed({ state: 'paused-failed' })).length === 1)
    const { shown } = await operator({ verb: 'show', id, json: false, steps: false })
    expect(shown).toMatch(/^ {2}failed +.*GitHub does not allow the App to do this/m)
    expect(shown).toMatch(/^Tasks\n {2}1 +failed +backend-developer +Greet louder$/m)
    expect(shown).toMatch(/^Steps, the newest 15 of \d+ \(--steps shows all\)$/m)
    expect((await operator({ verb: 'retry', id })).status).toBe(0)
    expect((await story.end(issue)).kind).toBe('done')
    expect(await operator({ verb: 'retry', id })).toMatchObject({ status: 1, shown: expect.stringContaining('done') })
    expect((await listed({ all: true })).find(run => run.id === id)?.pullRequest).toMatch(/\/pull\/\d+$/)
  })

  test('begins anew where a run has ended, once', async () => {
    const { status, shown } = await operator({ verb: 'retry', id: runOf(1) })
    expect([status, shown]).toEqual([0, expect.stringContaining('A new run of its issue was begun')])
    await eventually(async () => (await states()).includes(`${runOf(1, 2)} waiting-for-approval`))
    expect(await operator({ verb: 'retry', id: runOf(1) })).toMatchObject({
      status: 1,
      shown: expect.stringContaining(`${runOf(1, 2)} is at work on its issue`),
    })
    expect(await operator({ verb: 'retry', id: runOf(1, 2) })).toMatchObject({
      status: 1,
      shown: expect.stringContaining('has failed or waits for leave: it is waiting-for-approval'),
    })
  })

  test('resumes what the engine was told to stop', async () => {
    const issue = await story.planned('Louder after a stop')
    const id = runOf(issue)
    await eventually(async () => (await states()).includes(`${id} waiting-for-approval`))
    expect(await operator({ verb: 'resume', id })).toMatchObject({
      status: 1,
      shown: expect.stringContaining('doesn’t stand still'.replace('’', "'")),
    })
    await DBOS.cancelWorkflow(id)
    await eventually(async () => (await states()).includes(`${id} halted`))
    expect(await operator({ verb: 'cancel', id })).toMatchObject({
      status: 1,
      shown: expect.stringContaining('resume'),
    })
    expect((await operator({ verb: 'resume', id })).shown).toContain(`${id} goes on after its last recorded step.`)
    await story.comment(issue, '/approve')
    expect((await story.end(issue)).kind).toBe('done')
  })

  test('what is wanted while the App is away is done when it is back', async () => {
    const issue = await story.planned('Louder by night')
    await story.stage.stopCrew()
    expect((await operator({ verb: 'cancel', id: runOf(issue) })).shown).toMatch(
      /was told to end\.\nNo App is running on this database: it hears of it at the next start\./,
    )
    await story.stage.restartCrew()
    expect((await story.end(issue)).kind).toBe('cancelled')
    expect(story.model.stats().refusals).toEqual([])
  })

  test('says what is wrong with an id, a state, a home', async () => {
    const id = 'run:1\u001b[31m:1'
    expect(await operator({ verb: 'show', id, json: false, steps: false })).toEqual({
      status: 1,
      shown: 'There is no run run:1 [31m:1. `issue-crew runs list --all` has all that are known.',
    })
    const list = { verb: 'list', json: false, all: false } as const
    expect(await operator({ ...list, state: 'asleep' })).toMatchObject({
      status: 1,
      shown: expect.stringMatching(/^There is no state asleep\. There are: looking, .*halted\.$/),
    })
    const empty = await mkdtemp(join(tmpdir(), 'crew-operator-'))
    expect(await say({ ...list, state: undefined }, { CREW_HOME: empty })).toEqual({
      status: 2,
      shown: `No App has run with ${empty} yet. Set CREW_HOME or DATABASE_URL as for \`issue-crew start\`, or call this in the same directory.`,
    })
    await rm(empty, { recursive: true })
    const away = await say({ ...list, state: undefined }, { DATABASE_URL: 'postgresql://crew:hush@127.0.0.1:1/crew' })
    expect(away).toMatchObject({ status: 2, shown: expect.stringContaining("database can't be reached") })
    expect(away.shown).not.toContain('hush')
  })
})
