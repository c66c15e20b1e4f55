import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { compileSources, type CompiledSources } from '../../scripts/compile-sources.mjs'
import { eventually } from '../support/eventually.js'
import { countRequests, expectExactlyOnce, type Repeated } from '../support/exactly-once.js'
import { beginScriptedStory, type ScriptedStory } from '../support/scripted-story.js'
import { calls, title, twoTasks } from '../support/two-tasks.js'
import { asksModel, cutOffAfter, hangsBefore, type Moment } from '../support/moments.js'
import { openWorkers, type Worker, type Workers } from '../support/workers.js'

describe('two workers on one database', () => {
  let sources: CompiledSources
  let story: ScriptedStory
  let workers: Workers
  let undisturbed: Repeated
  /** Who has the issue at first, and who is to go on with it. */
  let first: Worker
  let other: Worker
  beforeAll(async () => {
    ;[sources, story] = await Promise.all([compileSources(), beginScriptedStory([twoTasks])])
    const issue = await story.approved(title)
    await story.end(issue)
    undisturbed = { title, tree: story.tree(issue) }
    workers = await openWorkers(story, sources)
    ;[first, other] = [await workers.start(), await workers.start()]
  })
  afterAll(async () => {
    await workers.stop()
    await story.stop()
    await sources.remove()
  })

  async function labelled(): Promise<number> {
    const issue = await story.issue({ title, body: 'As the title says.' })
    first.listen()
    await story.label(issue)
    return issue
  }

  async function approve(issue: number): Promise<void> {
    await story.statusSays(issue, 'Waiting for `/approve`')
    await story.comment(issue, '/approve')
  }

  /** That the issue came to its end as ever; how many model calls were made more than once. */
  async function expectEnd(issue: number, counts: () => Record<string, number>): Promise<number> {
    await story.statusSays(issue, '✅ Done')
    await expectExactlyOnce(story, issue, undisturbed)
    const paid = Object.values(counts())
    expect(paid).toHaveLength(calls)
    return paid.reduce((sum, times) => sum + times) - calls
  }

  const phases: { phase: string; moment: () => Moment; again: number }[] = [
    { phase: 'it plans', moment: () => asksModel(story, 'You are tech-lead-orchestrator', 1), again: 1 },
    { phase: 'it posts the plan', moment: () => cutOffAfter(story, 'POST', /\/issues\/\d+\/comments$/), again: 1 },
    { phase: 'a specialist works', moment: () => asksModel(story, '# Your task: Greet louder', 2), again: 1 },
    { phase: 'it commits', moment: () => hangsBefore(story, 'POST', /\/git\/commits$/), again: 0 },
    { phase: 'it makes the branch', moment: () => cutOffAfter(story, 'POST', /\/git\/refs$/), again: 0 },
    { phase: 'it opens the pull request', moment: () => cutOffAfter(story, 'POST', /\/pulls$/), again: 0 },
    { phase: 'the reviewer reads', moment: () => asksModel(story, 'You are code-reviewer', 1), again: 1 },
    { phase: 'it posts the review', moment: () => cutOffAfter(story, 'POST', /\/reviews$/), again: 0 },
  ]

  test.each(phases)('one is killed while $phase: the other goes on with it', async ({ moment, again }) => {
    const counts = countRequests(story, title)
    const come = moment()()
    const issue = await labelled()
    const approved = approve(issue)
    await come
    first.signal('SIGKILL')
    await first.ended
    other.listen()
    await approved
    expect(await expectEnd(issue, counts)).toBeLessThanOrEqual(again)
    expect(other.log.map(({ msg }) => msg)).toContainEqual(expect.stringMatching(/^Took over \d+ workflow\(s\)/))
    ;[first, other] = [other, await workers.start()]
  })

  test('one is killed at the gate: the approval that comes right after reaches the other', async () => {
    const counts = countRequests(story, title)
    const issue = await labelled()
    await story.statusSays(issue, 'Waiting for `/approve`')
    first.signal('SIGKILL')
    await first.ended
    other.listen()
    await story.comment(issue, '/approve')
    expect(await expectEnd(issue, counts)).toBe(0)
    ;[first, other] = [other, await workers.start()]
  })

  const pauses: { phase: string; moment: () => Moment }[] = [
    { phase: 'a specialist works', moment: () => asksModel(story, '# Your task: Greet louder', 2) },
    { phase: 'it moves the branch', moment: () => hangsBefore(story, 'PATCH', /\/git\/refs\//) },
    { phase: 'it opens the pull request', moment: () => hangsBefore(story, 'POST', /\/pulls$/) },
  ]

  test.each(pauses)('one hangs while $phase, and finds itself replaced when it wakes', async ({ moment }) => {
    const counts = countRequests(story, title)
    const come = moment()()
    const issue = await labelled()
    await approve(issue)
    await come
    first.signal('SIGSTOP')
    other.listen()
    await eventually(() => other.log.some(({ msg }) => /gives no sign of life/.test(msg)))
    // In the middle of what the other does.
    first.signal('SIGCONT')
    await eventually(() => first.log.some(({ msg }) => /This process gave no sign of life; [1-9]/.test(msg)))
    expect(await expectEnd(issue, counts)).toBeLessThanOrEqual(1)

    // And it is as good as any again.
    const next = await labelled()
    await approve(next)
    await story.statusSays(next, '✅ Done')
    await expectExactlyOnce(story, next, undisturbed)
    first.signal('SIGKILL')
    await first.ended
    ;[first, other] = [other, await workers.start()]
  })

  test('what may go on at once is counted over both', async () => {
    for (const { signal, ended } of [first, other]) {
      signal('SIGTERM')
      await ended
    }
    const one = { RUNS_AT_ONCE_REPOSITORY: '1' }
    ;[first, other] = [await workers.start(one), await workers.start(one)]
    const from = story.model.stats().requests.length
    const issues = [await labelled()]
    other.listen()
    issues.push(await story.issue({ title, body: 'As the title says.' }))
    await story.label(issues[1] ?? 0)
    await Promise.all(issues.map(approve))
    for (const issue of issues) await story.statusSays(issue, '✅ Done')
    const requests = story.model.stats().requests.slice(from)
    expect(requests).toHaveLength(2 * calls)
    // One agent of one issue at a time: none was asked for before the one before it was answered.
    const inOrder = requests.sort((a, b) => a.receivedAt - b.receivedAt)
    for (const [index, { receivedAt }] of inOrder.entries())
      if (index > 0) expect(inOrder[index - 1]?.answeredAt ?? Infinity).toBeLessThanOrEqual(receivedAt)
  })

  test('every request was one that GitHub takes, and nothing broke', () => {
    expect(story.stage.github.violations).toEqual([])
    expect([...first.log, ...other.log].filter(({ level }) => level >= 50)).toEqual([])
  })
})
