import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { eventually } from './support/eventually.js'
import { beginGateStory, type GateStory } from './support/gate-story.js'

let story: GateStory
beforeAll(async () => {
  story = await beginGateStory()
})
afterAll(() => story.stop())

const agents = async (issue: number) => (await story.runs(issue)).at(-1)?.agents ?? []

describe('when the tech lead must know something first', () => {
  test('its questions are a comment, /revise answers them, and the plan comes when all is answered', async () => {
    const issue = await story.labelled('Greet in the right language')
    await story.phase(issue, 'asking')
    const asked = (await story.replies(issue)).at(-1)
    expect(asked).toContain('1. Which language is the right one?')
    expect(asked).toContain('`/revise …` answers, too')
    expect(await story.status(issue)).toContain('Waiting for your answers')
    expect(await story.plans(issue)).toEqual([])

    const early = await story.comment(issue, '/approve')
    expect(await story.replyTo(issue, early)).toContain('I wait for an answer to what I asked above.')
    // What people add meanwhile is read with the answers.
    await story.editIssue(issue, { body: 'It should know at least one more.' })
    await story.comment(issue, '/revise\nGerman')
    await eventually(async () => (await story.replies(issue)).some(text => text.includes('Always, or only')))
    expect((await story.replies(issue)).at(-1)).not.toMatch(/(?<!`)@omar/)
    await story.comment(issue, '/revise\nOnly when asked')
    await story.phase(issue, 'waiting-for-approval')
    await story.comment(issue, `/approve ${await story.planId(issue)}`)
    expect((await story.end(issue)).kind).toBe('done')
  })
})

test('the plan says whom it falls back on, and who was missing', async () => {
  const issue = await story.planned('Greet from the shell')
  const [plan] = await story.plans(issue)
  expect(plan?.body).toContain('→ AGENT: `@agent-backend-developer` (in place of `shell-expert`)')
  expect(plan?.body).toContain('- Task 1 goes to backend-developer, a universal agent: there is no shell-expert here.')
  expect(plan?.body).toContain('recommends a 1-step approach:')
  await story.comment(issue, '/reject')
  await story.end(issue)
})

describe('the ways out', () => {
  test('/reject ends the run with its reason, and nothing is written', async () => {
    const issue = await story.planned('Greet in vain')
    const comment = await story.comment(issue, '/reject We have decided otherwise, see #1.')
    expect((await story.end(issue)).kind).toBe('rejected')
    expect(await story.reactionsTo(comment)).toEqual(['rocket'])
    const status = await story.status(issue)
    expect(status).toMatch(/Rejected: nothing was written[^]*`grace` rejected it: We have decided otherwise/)
    expect(status).not.toMatch(/(?<![\w`])#1\b/)
    expect(story.branch(issue)).toBe('')
  })

  test.each([
    ['/cancel', (issue: number) => story.comment(issue, '/cancel'), '`grace` cancelled it.'],
    ['the label taken off', (issue: number) => story.unlabel(issue), '`grace` took the label off.'],
    ['the issue closed', (issue: number) => story.editIssue(issue, { state: 'closed' }), '`grace` closed the issue.'],
  ])('%s at the gate ends the run', async (_, act, said) => {
    const issue = await story.planned('Greet until it ends')
    await act(issue)
    expect((await story.end(issue)).kind).toBe('cancelled')
    expect(await story.status(issue)).toContain(said)
    expect(story.branch(issue)).toBe('')
  })

  test('/cancel while the tech lead thinks ends its work, and no plan appears', async () => {
    story.model.fail({ conversation: 'plan that takes long', nth: 1, fault: 'hang' })
    const issue = await story.labelled('Think for ever')
    await story.phase(issue, 'planning')
    const early = await story.comment(issue, '/approve')
    expect(await story.replyTo(issue, early)).toContain('The tech lead is making the plan')
    await story.comment(issue, '/cancel')
    expect((await story.end(issue)).kind).toBe('cancelled')
    await eventually(async () => (await agents(issue))[0]?.state === 'cancelled')
    expect(await story.plans(issue)).toEqual([])
  })

  test('/cancel while a specialist works ends its work within seconds, and nothing is committed afterwards', async () => {
    story.model.fail({ conversation: 'whispering', nth: 2, fault: 'hang' })
    const issue = await story.planned('Whisper instead')
    await story.comment(issue, '/approve')
    await eventually(() => story.model.stats().requests.some(request => request.conversation === 'whispering'))
    const working = await story.replyTo(issue, await story.comment(issue, '/status'))
    expect(working).toMatch(/1\. \[Greet in a whisper\]\(\S+\) \| backend-developer \| 🔵 working/)
    const late = await story.replyTo(issue, await story.comment(issue, '/revise louder'))
    expect(late).toContain('`/revise` does nothing now. The approved tasks are under way.')
    await story.comment(issue, '/cancel')
    expect((await story.end(issue)).kind).toBe('cancelled')
    await eventually(async () => (await agents(issue)).at(-1)?.state === 'cancelled')
    expect(await story.status(issue)).toMatch(/1\. \[Greet in a whisper\]\(\S+\) \| backend-developer \| 🛑 cancelled/)
    expect(story.branch(issue)).toBe('')
  })
})

describe('the label once more', () => {
  test('that it was taken off before is no reason to stop, should GitHub say so late', async () => {
    const issue = await story.planned('Greet again and again')
    await story.comment(issue, '/reject')
    expect((await story.end(issue)).kind).toBe('rejected')
    await story.relabel(issue, 2)
    await story.phase(issue, 'waiting-for-approval')
    await story.sendLike('issues', payload => (payload.action = 'unlabeled'))
    await story.comment(issue, '/approve')
    expect((await story.end(issue)).kind).toBe('done')
  })

  test('after a rejection, a cancellation and a success, each time a new run begins, with a branch of its own', async () => {
    const issue = await story.planned('Greet again and again')
    await story.comment(issue, '/reject')
    expect((await story.end(issue)).kind).toBe('rejected')

    await story.relabel(issue, 2)
    await story.phase(issue, 'waiting-for-approval')
    expect(await story.plans(issue)).toHaveLength(2)
    await story.comment(issue, '/cancel')
    expect((await story.end(issue)).kind).toBe('cancelled')
    for (const [run, branch] of [
      [3, `crew/issue-${issue}-greet-again-and-again`],
      [4, `crew/issue-${issue}-greet-again-and-again-2`],
    ] as const) {
      await story.relabel(issue, run)
      await story.phase(issue, 'waiting-for-approval')
      await story.comment(issue, '/approve')
      expect((await story.end(issue)).kind).toBe('done')
      expect(story.git('rev-list', '--count', `main..${branch}`).trim()).toBe('3')
    }
    expect(await story.pullRequests(issue)).toHaveLength(2)
    expect((await story.comments(issue)).filter(({ body }) => body.includes('issue-crew:status:'))).toHaveLength(4)
  })
})

describe('what people do to the App’s own comments', () => {
  test('a status comment that was deleted is posted again', async () => {
    const issue = await story.planned('Greet and be seen')
    const status = (await story.comments(issue)).find(({ body }) => body.includes('issue-crew:status:'))
    await story.deleteComment(status?.id ?? 0)
    await story.comment(issue, '/reject')
    expect((await story.end(issue)).kind).toBe('rejected')
    expect(await story.status(issue)).toContain('Rejected')
  })
})

describe('the budget', () => {
  test('used up while planning, the run pauses and says so; /budget with more goes on', async () => {
    story.pushAsOther('main', { '.github/crew.yml': 'budget_usd: 0.003\n' })
    const issue = await story.labelled('Think dearly')
    await story.phase(issue, 'paused-failed')
    story.pushAsOther('main', { '.github/crew.yml': '' })
    const status = await story.status(issue)
    expect(status).toMatch(/The budget is used up: \$0\.\d\d of <\$0\.01\. `\/budget` with a larger amount goes on/)
    const raise = await story.comment(issue, '/budget 5')
    await story.phase(issue, 'waiting-for-approval')
    expect(await story.reactionsTo(raise)).toEqual(['rocket'])
    expect((await story.plans(issue))[0]?.body).toContain('may cost at most **$5.00**')
    await story.comment(issue, '/budget 7.50')
    await eventually(async () => (await story.status(issue)).includes('of at most $7.50'))
    await story.comment(issue, '/reject')
    await story.end(issue)
  })
})
