import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { eventually } from './support/eventually.js'
import { edit, read, say, taskConversation, type Script, type Turn } from './support/script.js'
import { beginScriptedStory, type ScriptedStory } from './support/scripted-story.js'

const louder = edit('greet.sh', ['  echo "Hello"', '  echo "HELLO"'])
const otherWord = edit('lib/words.sh', ['german="Hallo"', 'german="Servus"'])

/** Fails until the first task's word is in its brief. */
const failingFirst = (title: string, path: string, turns: Turn[]): Script['tasks'][number] => ({
  title,
  paths: [path, 'lib/words.sh'],
  turns,
  again: [
    {
      when: 'german="Servus"',
      turns: [{ calls: [{ tool: 'write_files', input: { files: [{ path, content: 'x\n' }] } }] }],
    },
  ],
})

const scripts: Script[] = [
  {
    title: 'Three ways to fail',
    tasks: [
      { title: 'Know another word', paths: ['lib/words.sh'], turns: [otherWord], finishDelay: 500 },
      failingFirst(
        'Never end',
        'a.txt',
        [1, 2, 3, 4, 5].map(() => read('README.md')),
      ),
      failingFirst(
        'Never hand in',
        'b.txt',
        ['I am done.', 'Really.', 'Yes.'].map(text => say(text)),
      ),
      failingFirst('Not want to', 'c.txt', [say('I can’t help @somebody with that.', { refuses: true })]),
    ],
  },
  {
    title: 'The first of two fails',
    tasks: [
      { title: 'Greet louder', paths: ['greet.sh'], turns: [louder] },
      { title: 'Know another word', paths: ['lib/words.sh'], turns: [otherWord] },
    ],
  },
  {
    title: 'A commit that is refused',
    tasks: [{ title: 'Greet louder', paths: ['greet.sh'], turns: [louder] }],
  },
  {
    title: 'A busy model',
    tasks: [
      { title: 'Greet louder', paths: ['greet.sh'], turns: [louder] },
      { title: 'Know another word', paths: ['lib/words.sh'], turns: [otherWord], finishDelay: 500 },
    ],
  },
  {
    title: 'Dear work',
    tasks: [
      { title: 'Greet louder', paths: ['greet.sh'], turns: [louder] },
      { title: 'Know another word', paths: ['lib/words.sh'], turns: [otherWord] },
    ],
  },
]

describe('work that fails', () => {
  let story: ScriptedStory
  const requestsOf = (conversation: string): number =>
    story.model.stats().requests.filter(request => request.conversation === conversation).length
  beforeAll(async () => {
    story = await beginScriptedStory(scripts)
  })
  afterAll(() => story.stop())

  test('a limit of turns, answers without an end and a model that declines are each named, and /retry mends them', async () => {
    // So little for each that the budget lets all four begin at once.
    const limits = 'limits:\n  turns: 4\n  usd: 1\nmax_parallel: 4\n'
    story.pushAsOther('main', { '.github/crew.yml': limits })
    const issue = await story.approved('Three ways to fail')
    for (const failed of ['Task 2 (', 'Task 3 (', 'Task 4 (']) await story.statusSays(issue, failed)
    // The first task takes longest, so that the run pauses once its commit is there.
    const status = await story.statusSays(issue, 'Paused')
    expect(status).toMatch(/Task 2 \(Never end\) failed: reached its limit of turns: 4 of 4 turns/)
    expect(status).toMatch(/Task 3 \(Never hand in\) failed: the model’s answer did not fit its form/)
    expect(status).toMatch(/Task 4 \(Not want to\) failed: the model declined: I can’t help/)
    expect(status).not.toMatch(/(?<!`)@somebody/)
    for (const task of [2, 3, 4]) expect(await story.row(issue, task)).toMatch(/failed.*\$0\.\d\d/)
    expect(story.commits(issue).map(commit => commit.task)).toEqual(['1/4'])
    const spent = /Cost: (\$[\d.]+)/.exec(status)?.[1]

    await story.comment(issue, '/retry 3')
    await eventually(async () => (await story.row(issue, 3)).includes('committing'))
    await story.comment(issue, '/retry')
    const end = await story.end(issue)
    expect(end.kind).toBe('done')
    expect(story.commits(issue).map(commit => commit.files)).toEqual([
      ['lib/words.sh'],
      ['a.txt'],
      ['b.txt'],
      ['c.txt'],
    ])
    expect(end.cost.usd).toBeGreaterThan(Number(spent?.slice(1)))
    expect(end.cost.calls).toBe(story.model.stats().requests.length)
    expect(await story.status(issue)).not.toContain('failed')
  })

  test('when the first of two fails the second goes on, and a retry brings both to the pull request in order', async () => {
    story.pushAsOther('main', { '.github/crew.yml': '' })
    const first = taskConversation('The first of two fails', 1)
    story.model.fail({ conversation: first, nth: 2, fault: 400 })
    const issue = await story.approved('The first of two fails')
    await story.phase(issue, 'paused-failed')
    const status = await story.status(issue)
    expect(status).toContain('Task 1 (Greet louder) failed')
    expect(status).toContain('Could not process this request.')
    expect(status).toContain('`/retry` tries again')
    expect(await story.row(issue, 1)).toMatch(/failed.*\$0\.\d\d/)
    expect(await story.row(issue, 2)).toContain('committing')
    expect(story.branch(issue)).toBe('')

    const mistaken = await story.comment(issue, '/retry 2')
    expect(await story.replyTo(issue, mistaken)).toContain('`/retry` does nothing now')
    await story.comment(issue, '/retry 1')
    expect((await story.end(issue)).kind).toBe('done')
    expect(story.commits(issue).map(commit => commit.task)).toEqual(['1/2', '2/2'])
    expect((await story.pullRequests(issue)).map(pull => pull.draft)).toEqual([false])
    expect(requestsOf(first)).toBe(3)
  })

  test('a commit, a pull request and a review that GitHub refuses are tried again on /retry, without new work', async () => {
    const title = 'A commit that is refused'
    const refused = { status: 403, body: { message: 'Resource not accessible by integration' } }
    const routes = [
      { method: 'POST', route: '/repos/{owner}/{repo}/git/trees' },
      { method: 'POST', route: '/repos/{owner}/{repo}/git/refs' },
      { method: 'POST', route: '/repos/{owner}/{repo}/pulls' },
      { method: 'POST', route: '/repos/{owner}/{repo}/pulls/{pull_number}/reviews' },
      { method: 'PATCH', route: '/repos/{owner}/{repo}/pulls/{pull_number}' },
    ]
    for (const one of routes) story.stage.github.fail({ ...one, by: 'installation', answer: refused, times: 1 })
    const issue = await story.approved(title)
    for (const { route } of routes) {
      const last = route.replace(/.*\//, '').replace('{pull_number}', '')
      const status = await eventually(async () => {
        const text = await story.status(issue)
        return (
          new RegExp(`Paused[^]*GitHub does not allow the App to do this \\((POST|PATCH) [^ ]*/${last}[:\\d]`).test(
            text,
          ) && text
        )
      })
      expect(status).toContain('Resource not accessible by integration')
      await story.comment(issue, '/retry')
      await eventually(async () => !(await story.status(issue)).includes(`/${last}:`))
    }
    expect((await story.end(issue)).kind).toBe('done')
    expect(requestsOf(taskConversation(title, 1))).toBe(2)
    expect(story.commits(issue)).toHaveLength(1)
    const pulls = await story.pullRequests(issue)
    expect(pulls.map(pull => pull.draft)).toEqual([false])
    expect(await story.reviews(pulls[0]?.number ?? 0)).toHaveLength(1)
  })

  test('while the model can’t answer one specialist the status says so, until nobody waits any more', async () => {
    const first = taskConversation('A busy model', 1)
    story.model.fail({ conversation: first, nth: 2, fault: 529, retryAfter: 900 })
    const issue = await story.approved('A busy model')
    await story.statusSays(issue, '⏳ Waiting: ')
    await eventually(async () => (await story.row(issue, 2)).includes('committing'))
    expect(await story.status(issue)).toMatch(/Working[^]*⏳ Waiting: .*can't answer now.*529/)
    await story.comment(issue, '/cancel')
    expect((await story.end(issue)).kind).toBe('cancelled')
    expect(await story.status(issue)).not.toContain('Waiting')
  })

  test('no call is made past the budget; the run asks, and /budget goes on', async () => {
    story.pushAsOther('main', { '.github/crew.yml': 'budget_usd: 0.001\n' })
    const issue = await story.approved('Dear work')
    await story.phase(issue, 'paused-failed')
    const status = await story.status(issue)
    expect(status).toMatch(/The budget is used up: \$0\.\d\d of <\$0\.01\. `\/budget`/)
    expect(status.match(/The budget is used up/g)).toHaveLength(1)
    expect(requestsOf(taskConversation('Dear work', 1)) + requestsOf(taskConversation('Dear work', 2))).toBe(0)
    const raise = await story.comment(issue, '/budget 20')
    expect((await story.end(issue)).kind).toBe('done')
    expect(await story.reactionsTo(raise)).toEqual(['rocket'])
    expect(await story.status(issue)).toContain('of at most $20.00')
    expect(story.commits(issue)).toHaveLength(2)
  })
})
