import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { write } from './support/script.js'
import { beginScriptedStory, type ScriptedStory } from './support/scripted-story.js'

const titles = ['First of the crowd', 'Second of the crowd', 'Third of the crowd', 'Fourth of the crowd']

/** An hour of these takes a minute. */
const timesAsFast = 60

describe('a crowd of issues on a GitHub that limits what is asked of it', () => {
  let story: ScriptedStory
  beforeAll(async () => {
    story = await beginScriptedStory(
      titles.map((title, index) => ({
        title,
        tasks: [
          { title: `Note ${title}`, paths: ['notes/**'], turns: [write({ [`notes/${index}.md`]: `${title}\n` })] },
        ],
      })),
      {},
      [],
      {
        rateLimits: { contentPerMinute: 6, contentPerHour: 60, perHour: 600, timesAsFast },
        budgets: {
          content: [
            { requests: 5, ms: 1_100 },
            { requests: 54, ms: 61_000 },
          ],
          points: [],
        },
        limits: { statusSpacingMs: 1_500 },
      },
    )
  })
  afterAll(() => story.stop())

  test('is worked through without a single refusal', async () => {
    const issues = await Promise.all(titles.map(title => story.approved(title)))
    for (const issue of issues) expect((await story.end(issue)).kind).toBe('done')
    const asked = story.stage.github.requests.filter(request => request.by === 'installation')
    expect(asked.filter(request => request.status === 403 || request.status === 429)).toEqual([])
    expect(asked.filter(request => request.contentCreating).length).toBeGreaterThan(20)
  })

  test('has no status comment edited twice within its time', () => {
    const edits = story.stage.github.requests.filter(
      ({ method, route }) => method === 'PATCH' && route === '/repos/{owner}/{repo}/issues/comments/{comment_id}',
    )
    const byComment = new Map<string, number[]>()
    for (const { path, at } of edits) byComment.set(path, [...(byComment.get(path) ?? []), Date.parse(at)])
    expect(byComment.size).toBe(titles.length)
    const apart = [...byComment.values()].flatMap(times => times.slice(1).map((at, index) => at - (times[index] ?? 0)))
    expect(apart.length).toBeGreaterThan(titles.length)
    // To the millisecond in which each was sent, and the second in which GitHub notes it.
    expect(Math.min(...apart)).toBeGreaterThanOrEqual(1_000)
  })
})
