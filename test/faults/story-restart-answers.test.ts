import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { countRequests, expectExactlyOnce, type Repeated } from '../support/exactly-once.js'
import { edit, type Script } from '../support/script.js'
import { beginScriptedStory, type ScriptedStory } from '../support/scripted-story.js'

const title = 'Two tasks in a row'
const script: Script = {
  title,
  reviewTask: true,
  tasks: [
    { title: 'Greet louder', paths: ['greet.sh'], turns: [edit('greet.sh', ['  echo "Hello"', '  echo "HELLO"'])] },
    {
      title: 'Part louder',
      paths: ['greet.sh'],
      dependsOn: [1],
      turns: [edit('greet.sh', ['  echo "Bye"', '  echo "BYE"'])],
    },
  ],
}

const repository = '/repos/{owner}/{repo}'
/** Every kind of request by which the App writes, and how often an issue takes it. */
const writing: { method: string; route: string; times: number }[] = [
  { method: 'POST', route: `${repository}/issues/{issue_number}/reactions`, times: 1 },
  { method: 'POST', route: `${repository}/issues/{issue_number}/comments`, times: 2 },
  { method: 'PATCH', route: `${repository}/issues/comments/{comment_id}`, times: 1 },
  { method: 'POST', route: `${repository}/git/trees`, times: 1 },
  { method: 'POST', route: `${repository}/git/commits`, times: 1 },
  { method: 'POST', route: `${repository}/git/refs`, times: 1 },
  { method: 'PATCH', route: `${repository}/git/refs/{ref}`, times: 1 },
  { method: 'POST', route: `${repository}/pulls`, times: 1 },
  { method: 'POST', route: `${repository}/pulls/{pull_number}/reviews`, times: 1 },
  { method: 'PATCH', route: `${repository}/pulls/{pull_number}`, times: 1 },
  { method: 'POST', route: '/graphql', times: 1 },
]
const broken = { status: 502, body: { message: 'Server Error' } }
const tooFast = {
  status: 403,
  headers: { 'retry-after': '1' },
  body: { message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.' },
}

describe('a GitHub that fails', () => {
  let story: ScriptedStory
  let undisturbed: Repeated
  let once: Record<string, number>
  let failing: (() => void)[] = []
  beforeAll(async () => {
    story = await beginScriptedStory([script])
    const counts = countRequests(story, title)
    const issue = await story.approved(title)
    await story.end(issue)
    once = counts()
    undisturbed = { title, tree: story.tree(issue) }
  })
  afterEach(() => {
    failing.forEach(end => end())
    failing = []
  })
  afterAll(() => story.stop())

  const failed = (status: (status: number) => boolean, from: number): number =>
    story.stage.github.requests.slice(from).filter(({ by, status: got }) => by === 'installation' && status(got)).length
  const total = writing.reduce((sum, { times }) => sum + times, 0)

  test('whatever it has done is not done again when its answer is lost', async () => {
    const from = story.stage.github.requests.length
    const counts = countRequests(story, title)
    failing = writing.map(rule => story.stage.github.fail({ ...rule, by: 'installation', answer: 'cut' }))
    const issue = await story.approved(title)
    await story.end(issue)
    expect(failed(status => status === 0, from)).toBe(total)
    await expectExactlyOnce(story, issue, undisturbed)
    expect(counts()).toEqual(once)
  })

  test('what it could not do, or was asked for too fast, is done later, once', async () => {
    const from = story.stage.github.requests.length
    const counts = countRequests(story, title)
    failing = writing.map((rule, index) =>
      story.stage.github.fail({ ...rule, by: 'installation', answer: index % 2 === 0 ? broken : tooFast }),
    )
    const issue = await story.approved(title)
    await story.end(issue)
    expect(failed(status => status === 502 || status === 403, from)).toBe(total)
    await expectExactlyOnce(story, issue, undisturbed)
    expect(counts()).toEqual(once)
  })

  test('every request was one that GitHub takes', () => {
    expect(story.stage.github.violations).toEqual([])
  })
})
