import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { beginGateStory, type GateStory } from './support/gate-story.js'

describe('an approval is for exactly the plan that a person saw', () => {
  let story: GateStory
  const approve = async (issue: number, rest = ''): Promise<number> => story.comment(issue, `/approve ${rest}`.trim())
  /** The approval is refused: nothing is written, and the plan still waits. Returns what was said. */
  const refused = async (issue: number, rest = ''): Promise<string> => {
    const comment = await approve(issue, rest)
    const answer = await story.replyTo(issue, comment)
    expect(answer).toContain('Not approved: ')
    expect(await story.reactionsTo(comment)).toEqual([])
    expect(story.branch(issue)).toBe('')
    return answer
  }
  beforeAll(async () => {
    story = await beginGateStory()
  })
  afterAll(() => story.stop())

  test('another id than the plan’s is refused, and the right one is named', async () => {
    const issue = await story.planned('Greet by the wrong id')
    const id = await story.planId(issue)
    const answer = await refused(issue, 'deadbeef00')
    expect(answer).toContain('`deadbeef00` is not the plan that waits here')
    expect(answer).toContain(`\`/approve ${id}\``)
  })

  test('after /revise the new version begins with what differs, the old comment is folded, and its id is void', async () => {
    const issue = await story.planned('Greet otherwise')
    const old = await story.planId(issue)
    const [first] = await story.plans(issue)
    const revise = await story.comment(issue, '/revise Politely, please.\nOnly <!-- whisper-in-a-comment -->that.')
    const [, second] = await story.versions(issue, 2)
    const id = await story.planId(issue)
    expect(id).not.toBe(old)
    expect(await story.reactionsTo(revise)).toEqual(['rocket'])
    expect(second?.body.split('\n')[0]).toBe(`**Version 2**, in place of \`${old}\`. What differs:`)
    expect(second?.body).toContain('Greet politely')
    expect(second?.body).toMatch(/a `\/revise`, line 2: HTML comment: `whisper-in-a-comment`/)
    expect(await story.folded(issue, first?.id ?? 0)).toBe('outdated')
    expect(await story.folded(issue, second?.id ?? 0)).toBeNull()
    expect(await story.status(issue)).toContain(id)

    expect(await refused(issue, old)).toContain(`plan \`${old}\` was replaced by \`${id}\``)
    await approve(issue, id)
    expect((await story.end(issue)).kind).toBe('done')
    expect(story.commits(issue).map(commit => commit.files)).toEqual([['greet.sh']])
    expect(story.git('log', '-1', '--format=%B', story.branch(issue))).toContain(`Crew-Plan: ${id}`)
  })

  test('when the issue’s title or text was edited since, the approval says so; a new version mends it', async () => {
    const issue = await story.planned('Greet what changes')
    await story.editIssue(issue, { title: 'Greet what has changed', body: 'And more.' })
    const answer = await refused(issue)
    expect(answer).toContain('- the issue’s title\n- the issue’s text')
    await story.comment(issue, '/revise as the issue says now')
    await story.versions(issue, 2)
    await approve(issue)
    expect((await story.end(issue)).kind).toBe('done')
    expect(story.branch(issue)).toBe(`crew/issue-${issue}-greet-what-has-changed`)
  })

  test('when a comment that the plan includes was edited or deleted, the approval says which; later ones don’t matter', async () => {
    const issue = await story.issue({ title: 'Greet as discussed' })
    const edited = await story.comment(issue, 'In capitals, I think.', 'omar')
    const deleted = await story.comment(issue, 'No, in italics.')
    await story.label(issue)
    await story.phase(issue, 'waiting-for-approval')
    expect((await story.plans(issue))[0]?.body).toContain('and 2 comments')

    await story.comment(issue, 'Whatever you decide.', 'omar')
    await story.editComment(edited, '/approve In capitals, I think.', 'omar')
    await story.deleteComment(deleted)
    const answer = await refused(issue)
    expect(answer).toContain(`- comment ${edited} by omar\n- comment ${deleted} by grace (deleted)`)
    await story.editComment(edited, 'In capitals, I think.', 'omar')
    expect(await refused(issue)).not.toContain(`comment ${edited}`)
  })

  test('a comment that is added after the plan changes nothing', async () => {
    const issue = await story.planned('Greet with applause')
    await story.comment(issue, 'Well done!', 'omar')
    await approve(issue, await story.planId(issue))
    expect((await story.end(issue)).kind).toBe('done')
  })

  test('when somebody edited the plan’s own comment, or deleted it, nobody can approve it; /revise makes another', async () => {
    const issue = await story.planned('Greet by a planted plan')
    const [plan] = await story.plans(issue)
    await story.editComment(plan?.id ?? 0, plan?.body.replace('greet.sh', '**') ?? '')
    expect(await refused(issue, await story.planId(issue))).toContain('the plan’s comment was edited or deleted')
    await story.editComment(plan?.id ?? 0, plan?.body ?? '')
    await story.deleteComment(plan?.id ?? 0)
    expect(await refused(issue)).toContain('the plan’s comment was edited or deleted')
    await story.comment(issue, '/revise the same once more')
    await story.versions(issue, 1)
    await approve(issue, await story.planId(issue))
    expect((await story.end(issue)).kind).toBe('done')
  })

  test('some of the tasks can be approved, with all that they need', async () => {
    const issue = await story.planned('Greet in part')
    expect(await refused(issue, '3')).toContain('- task 3 needs tasks 1 and 2')
    expect(await refused(issue, '2,9')).toContain('there is no task 9. The plan’s tasks are numbered 1 to 4')
    expect(await refused(issue, '4')).toContain('task 4 needs task 3')
    await approve(issue, `${await story.planId(issue)} 2`)
    expect((await story.end(issue)).kind).toBe('done')
    expect(story.commits(issue)).toMatchObject([{ task: '2/4', files: ['lib/words.sh'] }])
    expect(await story.row(issue, 1)).toContain('left out')
  })

  test('two approvals at once are one, whichever comes first: the other is told so', async () => {
    const issue = await story.planned('Greet only once')
    const first = await approve(issue)
    const second = await approve(issue, await story.planId(issue))
    expect(await story.replyTo(issue, first)).toMatch(/Plan `[0-9a-f]{10}` is approved already, and under way/)
    expect((await story.end(issue)).kind).toBe('done')
    expect([...(await story.reactionsTo(first)), ...(await story.reactionsTo(second))]).toEqual(['rocket'])
    expect(story.commits(issue)).toHaveLength(3)
    expect(await story.pullRequests(issue)).toHaveLength(1)
  })
})

describe('the default branch moves between plan and approval', () => {
  let story: GateStory
  beforeAll(async () => {
    story = await beginGateStory()
  })
  afterAll(() => story.stop())

  test('while nothing changed that the plan read or may touch, the approval stands, and the work starts from the new head', async () => {
    story.pushAsOther('main', { 'package.json': '{ "version": "1.0.0" }\n' })
    const issue = await story.planned('Greet on a moving ground')
    story.pushAsOther('main', { 'docs/history.txt': 'It began.\n', 'package.json': '{ "version": "1.0.1" }\n' })
    const head = story.git('rev-parse', 'main').trim()
    await story.comment(issue, `/approve ${await story.planId(issue)}`)
    expect((await story.end(issue)).kind).toBe('done')
    expect(story.commits(issue)[0]?.parents).toBe(head)
    expect(await story.plans(issue)).toHaveLength(1)
  })

  test.each([
    ['a file that the tech lead read', { 'greet.sh': '#!/bin/sh\nsay() {\n  echo "Hello"\n}\nsay\n' }],
    ['a file that a task may touch', { 'README.md': '# Greeter\n' }],
    ['the crew’s configuration', { '.github/crew.yml': 'max_parallel: 1\n' }],
    ['the repository’s own instructions', { 'AGENTS.md': 'Never shout.\n' }],
    ['what the stack shows', { 'package.json': '{ "dependencies": { "react": "19" } }\n' }],
  ])('%s changed: the approval is refused with the list, and a new version is made', async (_, files) => {
    const issue = await story.planned('Greet on changed ground')
    const old = await story.planId(issue)
    story.pushAsOther('main', { 'docs/news.txt': `${issue}\n`, ...(files as Record<string, string>) })
    const comment = await story.comment(issue, `/approve ${old}`)
    const answer = await story.replyTo(issue, comment)
    expect(answer).toContain('have changed on the default branch since:')
    expect(answer.match(/^- .*$/gm)).toEqual(Object.keys(files).map(file => `- \`${file}\``))
    const [, second] = await story.versions(issue, 2)
    expect(second?.body).toContain(`**Version 2**, in place of \`${old}\``)
    expect(story.branch(issue)).toBe('')
    expect(await story.reactionsTo(comment)).toEqual([])
    await story.comment(issue, 'greet.sh' in files ? `/approve ${await story.planId(issue)}` : '/reject')
    expect((await story.end(issue)).kind).toBe('greet.sh' in files ? 'done' : 'rejected')
  })

  test('the default branch is gone: that is said, and the plan waits on', async () => {
    const issue = await story.planned('Greet from nowhere')
    const head = story.git('rev-parse', 'main').trim()
    story.git('update-ref', '-d', 'refs/heads/main')
    const answer = await story.replyTo(issue, await story.comment(issue, '/approve'))
    story.git('update-ref', 'refs/heads/main', head)
    expect(answer).toContain('the branch `main` is gone')
    await story.comment(issue, '/reject')
    expect((await story.end(issue)).kind).toBe('rejected')
  })
})
