import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { eventually } from './support/eventually.js'
import { beginGateStory, type GateStory } from './support/gate-story.js'

describe('who may put the crew to work, and how', () => {
  let story: GateStory
  beforeAll(async () => {
    story = await beginGateStory()
  })
  afterAll(() => story.stop())

  test('a label put on by somebody who may only read or sort issues starts nothing and says nothing', async () => {
    const { github, repository } = story.stage
    const issue = await story.issue({ title: 'Greet louder, please' })
    const at = { owner: repository.owner, repo: repository.name }
    await story.stage.as('grace').rest.issues.createLabel({ ...at, name: 'crew' })
    github.setPermission(repository.fullName, 'omar', 'triage')
    await story.label(issue, 'omar')
    github.setPermission(repository.fullName, 'omar', 'read')
    expect((await story.end(issue)).kind).toBe('refused')
    expect(await story.comments(issue)).toEqual([])
    const reactions = await story.stage.as('grace').rest.reactions.listForIssue({ ...at, issue_number: issue })
    expect(reactions.data).toEqual([])

    await story.relabel(issue, 2)
    await story.phase(issue, 'waiting-for-approval')
    expect(await story.plans(issue)).toHaveLength(1)
  })

  test('a label that is put on again while the crew is at it, or delivered twice, starts nothing more', async () => {
    const issue = await story.planned('Greet everybody twice')
    const labelled = story.stage.github.deliveries.findLast(delivery => delivery.action === 'labeled')
    story.stage.github.redeliver(labelled?.id ?? 0)
    await story.sendLike('issues')
    await story.heard(issue)
    expect(await story.runs(issue)).toHaveLength(1)
    expect(await story.plans(issue)).toHaveLength(1)
  })

  test('a command that is delivered twice is obeyed once', async () => {
    const issue = await story.planned('Greet once only')
    const comment = await story.comment(issue, '/revise politely')
    await story.versions(issue, 2)
    const delivery = story.stage.github.deliveries.find(one => one.payload.includes('/revise politely'))
    story.stage.github.redeliver(delivery?.id ?? 0)
    await story.heard(issue)
    expect(await story.plans(issue)).toHaveLength(2)
    expect(await story.reactionsTo(comment)).toEqual(['rocket'])
  })
})

describe('what counts as a command', () => {
  let story: GateStory
  let issue: number
  beforeAll(async () => {
    story = await beginGateStory()
    issue = await story.planned('Greet people as they like it')
  })
  afterAll(() => story.stop())

  test('only the first word of a line does: not one in a sentence, a quotation, code or an HTML comment', async () => {
    const said = await story.replies(issue)
    const comments: number[] = []
    for (const body of [
      'I would say /approve to that.',
      '> /approve',
      '```\n/approve\n```',
      '    /approve',
      '<!--\n/approve\n-->',
      '- /approve',
      '/approved',
      '/lgtm',
      '/assign @grace',
    ])
      comments.push(await story.comment(issue, body))
    expect(await story.heard(issue)).toContain('Waiting for `/approve`')
    expect(await story.replies(issue)).toHaveLength(said.length + 1)
    for (const comment of comments) expect(await story.reactionsTo(comment)).toEqual([])
  })

  test('only a new comment does, not an edit of one', async () => {
    const comment = await story.comment(issue, 'Looks fine to me.')
    await story.editComment(comment, '/approve')
    expect(await story.heard(issue)).toContain('Waiting for `/approve`')
    expect(await story.reactionsTo(comment)).toEqual([])
  })

  test('only a person’s does, not a bot’s that may write', async () => {
    await story.comment(issue, 'Just a word.')
    await story.stage.github.settled()
    await story.sendLike('issue_comment', payload => {
      if (!payload.comment) throw new Error('no comment')
      payload.comment.body = '/approve'
      payload.sender.type = payload.comment.user.type = 'Bot'
    })
    expect(await story.heard(issue)).toContain('Waiting for `/approve`')
  })

  test('a mistyped one gets an answer with what was probably meant; other bots’ words get none', async () => {
    const mistyped = await story.comment(issue, '/crew aprove')
    expect(await story.replyTo(issue, mistyped)).toMatch(/I don’t know `\/crew aprove`\. Did you mean `\/approve`\?/)
    const unknown = await story.comment(issue, '/crew sing')
    const answer = await story.replyTo(issue, unknown)
    expect(answer).toContain('I don’t know `/crew sing`.')
    expect(answer).not.toContain('Did you mean')
    const unreadable = await story.comment(issue, '/approve all but the second')
    expect(await story.replyTo(issue, unreadable)).toContain('I can’t read what follows `/approve`')
  })

  test('one that has no use now is told what would have', async () => {
    for (const command of ['/retry', '/skip 1']) {
      const comment = await story.comment(issue, command)
      const answer = await story.replyTo(issue, comment)
      expect(answer).toContain(`\`${command.split(' ')[0]}\` does nothing now. The plan waits for \`/approve\``)
    }
  })

  test('/help and /status are answered; /help offers what is obeyed', async () => {
    const help = await story.replyTo(issue, await story.comment(issue, '/help'))
    for (const word of ['/approve', '/revise', '/reject', '/retry', '/budget', '/cancel', '/status'])
      expect(help).toContain(`\`${word}`)
    expect(help).not.toContain('/skip')
    expect(await story.replyTo(issue, await story.comment(issue, '/crew'))).toContain('/crew approve')
    expect(await story.heard(issue)).toContain('Cost: $')
  })

  test('a stranger’s gets one short answer a comment where the crew is at work, and none elsewhere', async () => {
    const said = (await story.replies(issue)).length
    const comment = await story.comment(issue, '/approve\n/cancel\n/crew dance', 'omar')
    expect(await story.replyTo(issue, comment)).toMatch(/Sorry `omar`, I only take commands from people who may write/)
    expect(await story.heard(issue)).toContain('Waiting for `/approve`')
    expect(await story.replies(issue)).toHaveLength(said + 2)
    expect(await story.reactionsTo(comment)).toEqual([])

    const elsewhere = await story.issue({ title: 'Nobody labelled this' })
    await story.comment(elsewhere, '/approve', 'omar')
    await story.stage.github.settled()
    const mine = await story.comment(elsewhere, '/approve')
    expect(await story.replyTo(elsewhere, mine)).toContain('Nothing is under way here. Put the label `crew` on')
    expect(await story.replies(elsewhere)).toHaveLength(1)
  })

  test('the permission is asked for when the command is used: who has lost it since the plan can’t approve', async () => {
    const { github, repository } = story.stage
    github.setPermission(repository.fullName, 'omar', 'write')
    const help = await story.comment(issue, '/help', 'omar')
    expect(await story.replyTo(issue, help)).toContain('`/approve')
    github.setPermission(repository.fullName, 'omar', 'read')
    const comment = await story.comment(issue, `/approve ${await story.planId(issue)}`, 'omar')
    expect(await story.replyTo(issue, comment)).toContain('I only take commands from people who may write')
    expect(await story.heard(issue)).toContain('Waiting for `/approve`')
  })

  test('a deleted command is still obeyed, though nobody can be shown so', async () => {
    const other = await story.planned('Greet and forget')
    story.stage.github.fail({
      method: 'GET',
      route: '/repos/{owner}/{repo}/collaborators/{username}/permission',
      by: 'installation',
      answer: { status: 502 },
      times: 1,
    })
    const comment = await story.comment(other, '/reject It is rude.\nReally.')
    await story.deleteComment(comment)
    expect((await story.end(other)).kind).toBe('rejected')
    expect(await story.status(other)).toMatch(
      /Rejected: nothing was written[^]*`grace` rejected it: It is rude\. Really\./,
    )
  })

  test('/crew approve is the same as /approve', async () => {
    const comment = await story.comment(issue, '/crew approve')
    expect((await story.end(issue)).kind).toBe('done')
    expect(await story.reactionsTo(comment)).toEqual(['rocket'])
  })

  test('once a run is over, a command is told how it ended', async () => {
    expect((await story.end(issue)).kind).toBe('done')
    const status = await story.replyTo(issue, await story.comment(issue, '/status\n/retry'))
    expect(status).toContain('`/status` does nothing now. This run is done; its pull request is yours.')
    expect(status).toContain('`/retry` does nothing now.')
    const mistyped = await story.replyTo(issue, await story.comment(issue, '/crew aprove'))
    expect(mistyped).toContain('Did you mean `/approve`?')
  })
})

describe('on the pull request', () => {
  let story: GateStory
  beforeAll(async () => {
    story = await beginGateStory()
  })
  afterAll(() => story.stop())

  test('/status, /help and /cancel are heard there, what belongs on the issue is told so, and branches of others are left alone', async () => {
    story.model.fail({ conversation: 'review', nth: 1, fault: 'hang' })
    const issue = await story.planned('Greet louder and be reviewed')
    await story.comment(issue, '/approve')
    await story.phase(issue, 'reviewing')
    const pull = (await story.pullRequests(issue))[0]?.number ?? 0

    const status = await story.replyTo(pull, await story.comment(pull, '/status'))
    expect(status).toMatch(/The reviewer is reading \[pull request \d+\]/)
    const help = await story.replyTo(pull, await story.comment(pull, '/help'))
    expect(help).toContain('`/cancel` ends the run')
    expect(help).not.toContain('`/approve [plan-id]')
    const misplaced = await story.replyTo(pull, await story.comment(pull, '/crew approve'))
    expect(misplaced).toContain('`/approve` belongs on the issue')
    const stranger = await story.replyTo(pull, await story.comment(pull, '/cancel', 'omar'))
    expect(stranger).toContain('Sorry `omar`')
    const again = await story.replyTo(issue, await story.comment(issue, '/approve'))
    expect(again).toMatch(/Plan `[0-9a-f]{10}` is approved already, and under way/)

    const cancel = await story.comment(pull, '/cancel')
    expect((await story.end(issue)).kind).toBe('cancelled')
    expect(await story.reactionsTo(cancel)).toEqual(['rocket'])
    expect(await story.status(issue)).toMatch(/Cancelled[^]*`grace` cancelled it\. Commits that were made stay/)
    expect(story.commits(issue)).toHaveLength(3)
    const late = await story.replyTo(pull, await story.comment(pull, '/status'))
    expect(late).toContain('The run was cancelled.')
    expect(await eventually(() => story.reviews(pull))).toEqual([])

    const { rest } = story.stage.as('grace')
    const where = { owner: story.stage.repository.owner, repo: story.stage.repository.name }
    story.pushAsOther('main', { 'NEWS.md': 'Nothing.\n' })
    story.git('branch', 'topic', 'main')
    story.pushAsOther('topic', { 'NEWS.md': 'Something.\n' })
    const other = await rest.pulls.create({ ...where, title: 'By hand', head: 'topic', base: 'main' })
    await story.comment(other.data.number, '/cancel')
    await story.comment(other.data.number, '/help')
    await story.stage.github.settled()
    const last = await story.replyTo(pull, await story.comment(pull, '/help'))
    expect(last).toContain('Write a command')
    expect(await story.comments(other.data.number)).toHaveLength(2)
  })
})
