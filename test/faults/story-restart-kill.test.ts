import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { CrewSight } from '../../src/cli/crew.js'
import { compileSources, type CompiledSources } from '../../scripts/compile-sources.mjs'
import { eventually } from '../support/eventually.js'
import { countRequests, expectExactlyOnce, type Repeated } from '../support/exactly-once.js'
import { cutOffAfter, hangsBefore, type Moment } from '../support/moments.js'
import { startKillableCrew, type KillableCrew } from '../support/killable-crew.js'
import { beginScriptedStory, type ScriptedStory } from '../support/scripted-story.js'
import { calls, title, twoTasks } from '../support/two-tasks.js'

describe('an App that is killed and started again', () => {
  let sources: CompiledSources
  let story: ScriptedStory
  let crew: KillableCrew
  let undisturbed: Repeated
  const sights: CrewSight[] = []
  const logged: string[] = []
  beforeAll(async () => {
    ;[sources, story] = await Promise.all([compileSources(), beginScriptedStory([twoTasks])])
    const issue = await story.approved(title)
    await story.end(issue)
    undisturbed = { title, tree: story.tree(issue) }
    await story.stage.stopCrew()
    crew = await startKillableCrew(story.stage, { sources, sights, logged })
  })
  afterAll(async () => {
    await crew.kill()
    // What the killed ones have left, a database above all, is for the stage's own to end.
    await story.stage.restartCrew()
    await story.stop()
    await sources.remove()
  })

  /** An agent is at work, and waits for the model's answer to that turn. */
  const thinking = (work: string, turn: number): Moment => {
    return () => {
      const from = sights.length
      return eventually(() =>
        sights
          .slice(from)
          .some(sight =>
            turn === 1
              ? sight.kind === 'agent' && sight.work === work
              : sight.kind === 'turn' && sight.work === work && sight.turn === turn - 1,
          ),
      )
    }
  }
  /** Carries out an issue from its label to its review; at each of the moments the App is killed and started anew. */
  async function carryOut(moments: Moment[], { atTheGate }: { atTheGate?: 'killed' } = {}): Promise<number> {
    const counts = countRequests(story, title)
    let next = moments[0]?.()
    const die = async (at?: Moment): Promise<void> => {
      await crew.kill()
      // Waited for before it can come.
      next = at?.()
      crew = await startKillableCrew(story.stage, { sources, sights, logged })
    }
    const deaths = async (): Promise<void> => {
      for (const index of moments.keys()) {
        await next
        await die(moments[index + 1])
      }
    }
    const issue = await story.issue({ title, body: 'As the title says.' })
    const dying = atTheGate ? null : deaths()
    await story.label(issue)
    await story.statusSays(issue, 'Waiting for `/approve`')
    await story.comment(issue, '/approve')
    if (atTheGate) {
      // GitHub has its answer: from here on nobody else remembers the approval.
      await story.stage.github.settled()
      await die(moments[0])
      await deaths()
    }
    await dying
    await story.statusSays(issue, '✅ Done')
    await expectExactlyOnce(story, issue, undisturbed)
    const paid = Object.values(counts())
    expect(paid).toHaveLength(calls)
    expect(paid.reduce((sum, times) => sum + times)).toBeLessThanOrEqual(calls + moments.length)
    return paid.reduce((sum, times) => sum + times) - calls
  }

  test('while it plans: one status comment, one plan', async () => {
    const again = await carryOut([
      cutOffAfter(story, 'POST', /\/issues\/\d+\/comments$/),
      thinking('plan', 1),
      cutOffAfter(story, 'POST', /\/issues\/\d+\/comments$/),
    ])
    expect(again).toBeLessThanOrEqual(1)
  })

  test('right after an approval was acknowledged, and in a specialist’s second turn: both are kept', async () => {
    const again = await carryOut([thinking('task 1', 2)], { atTheGate: 'killed' })
    expect(again).toBeLessThanOrEqual(2)
  })

  test('while it commits: one commit a task, in order, and no model call is made again', async () => {
    const again = await carryOut([
      hangsBefore(story, 'POST', /\/git\/trees$/),
      cutOffAfter(story, 'POST', /\/git\/refs$/),
      cutOffAfter(story, 'PATCH', /\/git\/refs\//),
    ])
    expect(again).toBe(0)
  })

  test('while it opens the pull request and has it reviewed: one of each, ready for review', async () => {
    const again = await carryOut([
      cutOffAfter(story, 'POST', /\/pulls$/),
      thinking('review', 1),
      cutOffAfter(story, 'POST', /\/reviews$/),
      cutOffAfter(story, 'POST', /\/graphql$/),
    ])
    expect(again).toBeLessThanOrEqual(1)
  })

  test('every request was one that GitHub takes, and nothing broke', () => {
    expect(story.stage.github.violations).toEqual([])
    expect(logged.filter(line => line.includes('"level":50'))).toEqual([])
  })
})
