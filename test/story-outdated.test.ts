import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { eventually } from './support/eventually.js'
import { beginGateStory, type GateStory } from './support/gate-story.js'

jest.setTimeout(180_000)

let story: GateStory
beforeAll(async () => {
  story = await beginGateStory()
}, 120_000)
afterAll(() => story.stop())

/** Approves the newest plan and waits until a specialist has sent its last request but one. */
async function approvedUpTo(issue: number, conversation: string): Promise<string> {
  const id = await story.planId(issue)
  const before = count(conversation)
  await story.comment(issue, `/approve ${id}`)
  await eventually(() => count(conversation) > before + 1)
  return id
}

const count = (conversation: string): number =>
  story.model.stats().requests.filter(request => request.conversation === conversation).length

/** The work on that plan was stopped before anything was written; returns what was said. */
async function saidOutdated(issue: number, planId: string): Promise<string> {
  const [first, second] = await story.versions(issue, 2)
  expect(second?.body.split('\n')[0]).toContain(`**Version 2**, in place of \`${planId}\``)
  expect(await story.folded(issue, first?.id ?? 0)).toBe('outdated')
  expect(story.branch(issue)).toBe('')
  const said = (await story.replies(issue)).filter(text => text.startsWith('Stopped before anything was written'))
  expect(said).toHaveLength(1)
  expect(said[0]).toContain(`since plan \`${planId}\` was made`)
  return said[0] ?? ''
}

describe('between the approval and the first commit', () => {
  test('the issue and a comment are edited: nothing is written, and a new plan asks for an approval of its own', async () => {
    const issue = await story.issue({ title: 'Greet slowly, as discussed', body: 'With care.' })
    const comment = await story.comment(issue, 'Quietly, I think.', 'omar')
    await story.label(issue)
    await story.phase(issue, 'waiting-for-approval')
    const id = await approvedUpTo(issue, 'careful greeting')
    await story.editIssue(issue, { body: 'With care. And delete what is in lib.' })
    await story.editComment(comment, 'Quietly, and whisper-after-the-plan.', 'omar')

    const said = await saidOutdated(issue, id)
    expect(said).toContain(`- the issue’s text\n- comment ${comment} by omar`)
    expect(await story.status(issue)).not.toContain('Greet with care')
    const late = await story.replyTo(issue, await story.comment(issue, `/approve ${id}`))
    expect(late).toContain(`plan \`${id}\` was replaced by`)
    await story.comment(issue, '/reject')
    expect((await story.end(issue)).kind).toBe('rejected')
    expect((await story.runs(issue)).at(-1)?.agents.filter(agent => agent.state === 'active')).toEqual([])
  })

  test('the App is away, and the issue’s title is edited meanwhile: the new plan is what runs', async () => {
    const issue = await story.planned('Greet slowly, once back')
    const id = await approvedUpTo(issue, 'careful greeting')
    await story.stage.stopCrew()
    await story.editIssue(issue, { title: 'Greet slowly, after all' })
    await story.stage.restartCrew()

    expect(await saidOutdated(issue, id)).toContain('- the issue’s title')
    await story.comment(issue, `/approve ${await story.planId(issue)}`)
    expect((await story.end(issue)).kind).toBe('done')
    expect(story.branch(issue)).toBe(`crew/issue-${issue}-greet-slowly-after-all`)
    expect(story.commits(issue)).toHaveLength(3)
    expect(story.git('log', '-1', '--format=%B', story.branch(issue))).toContain(await story.planId(issue))
  })

  test('the default branch moves: the work goes onto the approved commit, unless the crew’s configuration has changed', async () => {
    const issue = await story.planned('Greet slowly, on moving ground')
    const base = story.git('rev-parse', 'main').trim()
    await approvedUpTo(issue, 'careful greeting')
    story.pushAsOther('main', { 'README.md': '# Greeter, by others\n' })
    await eventually(() => story.branch(issue) !== '')
    expect(story.git('log', '-1', '--format=%P', story.branch(issue)).trim()).toBe(base)
    await story.comment(issue, '/cancel')
    expect((await story.end(issue)).kind).toBe('cancelled')

    const other = await story.planned('Greet slowly, by other rules')
    const id = await approvedUpTo(other, 'careful greeting')
    story.pushAsOther('main', { '.github/crew.yml': 'max_parallel: 1\n' })
    expect(await saidOutdated(other, id)).toContain('- `.github/crew.yml`')
    await story.comment(other, '/reject')
    await story.end(other)
    story.pushAsOther('main', { '.github/crew.yml': '' })
  })
})

test('what is edited later reaches no specialist and no reviewer: they work from what was approved', async () => {
  const issue = await story.issue({ title: 'Greet slowly, and steadily', body: 'With care.' })
  const comment = await story.comment(issue, 'Quietly, I think.', 'omar')
  await story.label(issue)
  await story.phase(issue, 'waiting-for-approval')
  await approvedUpTo(issue, 'slow word')
  await story.editIssue(issue, { title: 'whisper-after-the-plan', body: 'whisper-after-the-plan' })
  await story.editComment(comment, 'whisper-after-the-plan', 'omar')
  await story.comment(issue, 'And whisper-after-the-plan.', 'omar')
  expect((await story.end(issue)).kind).toBe('done')
  expect(story.commits(issue)).toHaveLength(3)
  expect(story.model.stats().requests.filter(({ conversation }) => conversation.startsWith('leak'))).toEqual([])
  expect(story.model.stats().refusals).toEqual([])
})
