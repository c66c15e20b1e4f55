import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { beginGateStory, type GateStory } from './support/gate-story.js'
import { baited, setTrap, type Trap } from './support/trap.js'

jest.setTimeout(120_000)

let story: GateStory
let trap: Trap
beforeAll(async () => {
  story = await beginGateStory()
  trap = await setTrap()
}, 120_000)
afterAll(async () => {
  await story.stop()
  await trap.close()
})

/** Does something while the App is away, and tells it of that afterwards with every address leading elsewhere. */
async function toldWithBait(event: string, act: () => Promise<unknown>): Promise<void> {
  await story.stage.stopCrew()
  await act()
  await story.stage.github.settled()
  await story.stage.restartCrew()
  await story.sendLike(event, payload => Object.assign(payload, baited(payload, trap)))
}

test('a run goes its whole way without going anywhere that a payload points to', async () => {
  const issue = await story.issue({ title: 'Greet by another address', body: 'As the title says.' })
  await toldWithBait('issues', () => story.label(issue))
  await story.phase(issue, 'waiting-for-approval')
  await toldWithBait('issue_comment', () => story.comment(issue, '/approve'))
  expect((await story.end(issue)).kind).toBe('done')
  expect(story.commits(issue)).toHaveLength(3)
  expect(trap.caught()).toBe(0)

  // The trap does catch.
  await expect(fetch(trap.url)).rejects.toThrow()
  expect(trap.caught()).toBe(1)
})
