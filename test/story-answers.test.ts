import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import type { AgentInput } from '../src/workflow/world.js'
import { eventually } from './support/eventually.js'
import { beginGateStory, type GateStory } from './support/gate-story.js'

jest.setTimeout(120_000)

let story: GateStory
beforeAll(async () => {
  story = await beginGateStory()
}, 120_000)
afterAll(() => story.stop())

/** What the tech lead was told last. */
const lastBrief = async (issue: number): Promise<string> => {
  const agents = await story.stage.crew.engine.list(`agent:run:${story.stage.repository.id}:${issue}:`)
  return (agents.at(-1)?.input as AgentInput | undefined)?.work.brief ?? ''
}

const permissionsAsked = (login: string): number =>
  story.stage.github.requests.filter(({ path }) => path.endsWith(`/collaborators/${login}/permission`)).length

test('the issue’s author answers in a plain comment, without the right to write, and the plan covers what they said', async () => {
  const issue = await story.labelled('Greet as its author says')
  await story.phase(issue, 'asking')
  expect((await story.replies(issue)).at(-1)).toContain('Answer in a new comment, in your own words')
  const answer = await story.comment(issue, 'German <!-- whisper-in-a-comment -->', 'omar')
  await story.phase(issue, 'waiting-for-approval')
  expect(await story.reactionsTo(answer)).toEqual(['rocket'])
  const brief = await lastBrief(issue)
  expect(brief).toContain('# Your questions\n- Which language is it?\n\n<feedback>\nomar:\nGerman\n</feedback>')
  expect(brief.match(/German/g)).toHaveLength(1)
  const [plan] = await story.plans(issue)
  expect(plan?.body).toContain('and 1 comment.')
  expect(plan?.body).toContain(`comment ${answer}, line 1: HTML comment`)

  await story.editComment(answer, 'French', 'omar')
  const refused = await story.replyTo(issue, await story.comment(issue, '/approve'))
  expect(refused).toContain(`- comment ${answer} by omar`)
  await story.editComment(answer, 'German <!-- whisper-in-a-comment -->', 'omar')
  await story.comment(issue, '/approve')
  expect((await story.end(issue)).kind).toBe('done')
})

test('strangers, bots and edited comments are not heard, nor answered; somebody who may write is', async () => {
  const issue = await story.issue({ title: 'Greet as its author says', body: 'It should.', by: 'grace' })
  const before = await story.comment(issue, 'I have an idea.')
  await story.label(issue)
  await story.phase(issue, 'asking')
  await story.comment(issue, 'Italian!', 'omar')
  await story.comment(issue, '/assign me')
  await story.editComment(before, 'French')
  await story.sendLike('issue_comment', ({ sender, comment }) => {
    sender.login = 'translator[bot]'
    sender.type = 'Bot'
    if (comment) comment.user = sender
  })
  expect(await story.heard(issue)).toContain('Waiting for your answers')
  const own = (await story.replies(issue)).filter(text => !text.includes('issue-crew:reply'))
  expect(own).toHaveLength(1)
  await story.comment(issue, 'German', 'grace')
  await story.phase(issue, 'waiting-for-approval')
  const [answer] = /<feedback>[^]*<\/feedback>/.exec(await lastBrief(issue)) ?? []
  expect(answer).toContain('\ngrace:\nGerman\n')
  expect(answer).not.toMatch(/Italian|French|translator/)
})

test('where nothing is asked, what people say costs no request and reaches no run', async () => {
  const issue = await story.planned('Greet in peace')
  const asked = permissionsAsked('omar')
  for (const words of ['Nice plan!', 'I would do it otherwise.']) await story.comment(issue, words, 'omar')
  await story.stage.github.settled()
  const deliveries = await story.stage.crew.engine.list('delivery:')
  expect(deliveries.filter(({ input }) => (input as { issueNumber?: number }).issueNumber === issue)).toEqual([])
  expect(permissionsAsked('omar')).toBe(asked)
  await story.comment(issue, '/reject')
  await story.end(issue)
})

test('an answer that comes while the tech lead thinks answers its next question; one too late is named in the plan', async () => {
  const issue = await story.labelled('Greet as told bit by bit')
  await story.phase(issue, 'asking')
  story.model.fail({ conversation: 'question that was answered meanwhile', nth: 1, fault: 400 })
  story.model.fail({ conversation: 'plan after all that was said', nth: 1, fault: 400 })
  await story.comment(issue, 'German', 'omar')
  await story.phase(issue, 'paused-failed')
  await story.comment(issue, 'Politely', 'omar')
  await story.heard(issue)
  await story.comment(issue, '/retry')
  await eventually(() => story.model.stats().requests.some(({ conversation }) => conversation.includes('meanwhile')))
  await story.phase(issue, 'paused-failed')
  expect((await story.replies(issue)).filter(text => text.includes('issue-crew:questions'))).toHaveLength(1)

  const late = await story.comment(issue, 'And in a low voice', 'omar')
  await story.heard(issue)
  await story.comment(issue, '/retry')
  await story.phase(issue, 'waiting-for-approval')
  const [plan] = await story.plans(issue)
  expect(plan?.body.split('\n')[0]).toBe('⚠️ **Before you decide**, mind this:')
  expect(plan?.body).toMatch(/^- \[What `omar` wrote\]\(\S+\) came while this plan was being made/m)
  expect(plan?.body).toContain(`/issues/${issue}#issuecomment-${late})`)
  expect(plan?.body).toContain('and 2 comments.')
})

test('after three rounds the tech lead must plan with what it knows', async () => {
  const issue = await story.labelled('Greet without an end of asking')
  const rounds = async () => (await story.replies(issue)).filter(text => text.includes('issue-crew:questions')).length
  for (const round of [1, 2, 3]) {
    await eventually(async () => (await rounds()) === round)
    await story.comment(issue, round === 2 ? '/revise yes' : 'Yes.', round === 2 ? 'grace' : 'omar')
  }
  await story.phase(issue, 'waiting-for-approval')
  expect(await rounds()).toBe(3)
})

test('every request was one that GitHub takes', () => {
  expect(story.stage.github.violations).toEqual([])
})
