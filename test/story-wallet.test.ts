import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { usualLimits } from '../src/domain/limits.js'
import { workflows } from '../src/workflow/world.js'
import { eventually } from './support/eventually.js'
import { edit, planConversation, type Script } from './support/script.js'
import { beginScriptedStory, type ScriptedStory } from './support/scripted-story.js'

const script = (title: string, rest: Partial<Script> = {}): Script => ({
  title,
  tasks: [
    { title: 'Greet louder', paths: ['greet.sh'], turns: [edit('greet.sh', ['  echo "Hello"', '  echo "HELLO"'])] },
  ],
  ...rest,
})

describe('a day’s budget', () => {
  let story: ScriptedStory
  beforeAll(async () => {
    const titles = ['Loud by hand', 'Loud by itself', 'Loud no more', 'Loud on a leash']
    // Less than the tech lead's first call will probably cost.
    const limits = { usdPerDay: { repository: 0.02, installation: 200 } }
    story = await beginScriptedStory(
      titles.map(title => script(title)),
      {},
      [],
      { limits },
    )
  })
  afterAll(() => story.stop())

  const paused = async (title: string): Promise<number> => {
    const issue = await story.issue({ title, body: 'As the title says.' })
    await story.label(issue)
    await story.statusSays(issue, 'Paused: what the App allows this repository for a day is used up.')
    return issue
  }
  const agentsOf = (issue: number) => story.stage.crew.engine.list(`agent:run:${story.stage.repository.id}:${issue}:`)

  test('the call that would pass it isn’t made: the run says which budget, how far, until when and who can raise it', async () => {
    const issue = await paused('Loud by hand')
    expect(await story.status(issue)).toMatch(
      /Of \$0\.02, \$0\.00 is spent .* would pass it\.\n\nI go on by myself at \d{4}-\d\d-\d\d 00:00 UTC\. Whoever runs the App can raise `BUDGET_USD_PER_DAY_REPOSITORY`; then `\/retry` goes on at once\. `\/cancel` ends the run\./,
    )
    expect(story.model.stats().requests).toEqual([])
    expect(await story.plans(issue)).toEqual([])
  })

  test('/cancel works while it is paused', async () => {
    const issue = await paused('Loud no more')
    await story.comment(issue, '/cancel')
    expect((await story.end(issue)).kind).toBe('cancelled')
    const agents = await agentsOf(issue)
    expect(agents.map(agent => agent.state)).toEqual(['cancelled'])
  })

  test('once the operator has raised it, /retry goes on, and what was under way was not begun anew', async () => {
    const issue = 1
    const other = await paused('Loud by itself')
    await story.stage.stopCrew()
    story.stage.config.limits = usualLimits
    await story.stage.restartCrew()
    const retry = await story.comment(issue, '/retry')
    await story.phase(issue, 'waiting-for-approval')
    expect(await story.reactionsTo(retry)).toEqual(['rocket'])
    expect(await story.status(issue)).not.toContain('Paused')
    await story.comment(issue, '/approve')
    expect((await story.end(issue)).kind).toBe('done')
    expect((await agentsOf(issue)).map(agent => agent.id)).toContain(
      `agent:run:${story.stage.repository.id}:${issue}:1:plan-1-1:1`,
    )
    expect(await story.plans(other)).toEqual([])

    // What midnight does.
    const run = `run:${story.stage.repository.id}:${other}:1`
    await story.stage.crew.engine.start(workflows.alarm, 'alarm:midnight', { run, inMs: 0 })
    await story.phase(other, 'waiting-for-approval')
    expect(story.model.stats().refusals).toEqual([])
  })

  test('crew.yml lowers it for its repository', async () => {
    story.pushAsOther('main', { '.github/crew.yml': 'budget_usd_per_day: 0.01\n' })
    const issue = await story.issue({ title: 'Loud on a leash', body: 'As the title says.' })
    await story.label(issue)
    const status = await story.statusSays(issue, 'Paused')
    expect(status).toContain('Paused: what `.github/crew.yml` allows this repository for a day is used up.')
    expect(status).toContain('`budget_usd_per_day` there counts for runs that start after it')
  })
})

describe('further limits', () => {
  let story: ScriptedStory
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crew-wallet-'))
    const leaks = join(folder, 'leaks.yaml')
    await writeFile(
      leaks,
      'conversations:\n  - { name: leak, when: [beyond-the-cut], turns: [{ say: I should not have seen this. }] }\n',
    )
    const scripts = [
      script('First in line', { planDelay: 4_000 }),
      script('Second in line'),
      script('Loud many times'),
      script('Loud at length'),
    ]
    const limits = {
      runsAtOnce: { repository: 1, installation: 10 },
      plansPerHour: 2,
      issueCharacters: 200,
      comments: 2,
      commentCharacters: 60,
    }
    story = await beginScriptedStory(scripts, {}, [leaks], { limits })
  })
  afterAll(async () => {
    await story.stop()
    await rm(folder, { recursive: true, force: true })
  })
  const agents = () => story.stage.crew.engine.list(`agent:run:${story.stage.repository.id}:`)
  const plansBy = (title: string): number =>
    story.model.stats().requests.filter(({ conversation }) => conversation === planConversation(title)).length

  test('a further run waits its turn and says so; the one before it leaves its place while it waits for a person', async () => {
    const first = await story.issue({ title: 'First in line', body: 'As the title says.' })
    await story.label(first)
    await eventually(async () => (await agents()).length > 0)
    const second = await story.issue({ title: 'Second in line', body: 'As the title says.' })
    await story.label(second)
    await story.statusSays(second, 'Waits for 1 other run: at most 1 may be at work at once in this repository.')
    expect([plansBy('First in line'), plansBy('Second in line')]).toEqual([0, 0])
    await story.phase(second, 'waiting-for-approval')
    expect([plansBy('First in line'), plansBy('Second in line')]).toEqual([1, 1])
    expect(await story.status(first)).toContain('Waiting for `/approve`')
    expect(await story.status(second)).not.toContain('Waits for')
    await story.comment(second, '/approve')
    await story.comment(first, '/approve')
    expect([(await story.end(first)).kind, (await story.end(second)).kind]).toEqual(['done', 'done'])
  })

  test('a storm of /revise is answered with when it works again, and so is one of labels', async () => {
    const issue = await story.planned('Loud many times')
    await story.comment(issue, '/revise Louder.')
    await eventually(async () => (await story.plans(issue)).length === 2)
    await story.phase(issue, 'waiting-for-approval')
    const third = await story.comment(issue, '/revise Even louder.')
    expect(await story.replyTo(issue, third)).toMatch(
      /^No new plan now: there can be 2 plans for one issue within an hour\. After \d{4}-\d\d-\d\d \d\d:\d\d UTC `\/revise` works again/,
    )
    expect(await story.plans(issue)).toHaveLength(2)

    await story.comment(issue, '/cancel')
    expect((await story.end(issue)).kind).toBe('cancelled')
    const label = { owner: 'acme', repo: 'storefront', issue_number: issue, name: 'crew' }
    await story.stage.as('grace').rest.issues.removeLabel(label)
    await story.label(issue)
    await story.phase(issue, 'refused')
    expect(await story.status(issue)).toMatch(/Take the label off and put it on again after .* UTC/)
    expect(plansBy('Loud many times')).toBe(2)
  })

  test('what is too long is read up to its limit, and the plan says what was not read', async () => {
    const body = `${'Loud, please. '.repeat(20)} beyond-the-cut`
    const issue = await story.issue({ title: 'Loud at length', body })
    await story.comment(issue, 'An old one: beyond-the-cut', 'omar')
    await story.comment(issue, `A long one. ${'And on it goes. '.repeat(5)} beyond-the-cut`, 'omar')
    await story.comment(issue, 'A short one.', 'omar')
    await story.label(issue)
    await story.phase(issue, 'waiting-for-approval')
    const [plan] = await story.plans(issue)
    expect(plan?.body).toContain(
      [
        `- The issue’s text has ${body.length} characters; the first 200 were read, the rest is unknown to the agents.`,
        '- The newest 2 comments of the issue were read; 1 older one was not.',
        '- 1 comment was read up to 60 characters only.',
      ].join('\n'),
    )
    await story.comment(issue, '/approve')
    expect((await story.end(issue)).kind).toBe('done')
    expect(story.model.stats().requests.filter(({ conversation }) => conversation === 'leak')).toEqual([])
  })
})
