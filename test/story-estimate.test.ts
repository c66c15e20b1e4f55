import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { beginGateStory, type GateStory } from './support/gate-story.js'

jest.setTimeout(120_000)

let story: GateStory
beforeAll(async () => {
  story = await beginGateStory()
}, 120_000)
afterAll(() => story.stop())

const newestPlan = async (issue: number): Promise<string> => (await story.plans(issue)).at(-1)?.body ?? ''

test('the first plan states its budget only; once a run has come to its pull request, the next says what it will cost', async () => {
  const first = await story.planned('Greet for the first time')
  const rejected = await story.planned('Greet in vain')
  await story.comment(rejected, '/reject')
  await story.end(rejected)
  await story.comment(first, '/approve')
  const end = await story.end(first)
  expect(end.kind).toBe('done')

  const second = await story.planned('Greet for the second time')
  expect(await newestPlan(first)).not.toContain('estimated')
  expect(await newestPlan(rejected)).not.toContain('estimated')
  const said =
    /Runs of this repository so far: 1; a task cost <?\$\d+\.\d\d in the middle[^\n]*, so this plan is estimated at about \$(\d+\.\d\d), planning included\./
  const [, usd] = said.exec(await newestPlan(second)) ?? []
  // The same plan of the same three tasks by one agent, and the same review: the middle is near what each of them cost.
  expect(Math.abs(Number(usd) - end.cost.usd)).toBeLessThan(end.cost.usd / 2)
  expect(await newestPlan(second)).not.toContain('more than the budget')
})

test('a plan that will probably cost more than the budget says so', async () => {
  story.pushAsOther('main', { '.github/crew.yml': 'budget_usd: 0.03\n' })
  const issue = await story.planned('Greet cheaply')
  expect(await newestPlan(issue)).toMatch(/planning included\. That is more than the budget: `\/budget` raises it\.$/m)
})
