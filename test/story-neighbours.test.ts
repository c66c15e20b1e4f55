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

const lastBrief = async (issue: number): Promise<string> => {
  const agents = await story.stage.crew.engine.list(`agent:run:${story.stage.repository.id}:${issue}:`)
  return (agents.at(-1)?.input as AgentInput | undefined)?.work.brief ?? ''
}

const newestPlan = async (issue: number): Promise<string> => (await story.plans(issue)).at(-1)?.body ?? ''

const pullsRead = (): number =>
  story.stage.github.requests.filter(({ method, path }) => method === 'GET' && /\/pulls\/\d+$/.test(path)).length

test('a plan that may touch what another issue’s waiting plan may says so, and its tech lead knew', async () => {
  const first = await story.planned('Greet @omar, fixes #1')
  expect(await newestPlan(first)).not.toContain('Before you decide')
  expect(await lastBrief(first)).not.toContain('<runs>')

  const second = await story.planned('Greet another way')
  const plan = await newestPlan(second)
  expect(plan.split('\n')[0]).toBe('⚠️ **Before you decide**, mind this:')
  expect(plan).toMatch(
    new RegExp(`The plan of \\[issue ${first}\\]\\(http\\S+/issues/${first}\\), “Greet \`@omar\`, fixes`),
  )
  expect(plan).toContain(
    'waits for its approval, and may touch the same files: `greet.sh`, `lib/words.sh`, `README.md`. Whichever',
  )
  expect(plan).not.toMatch(/(?<!`)@omar|fixes #1/)
  expect(await lastBrief(second)).toContain(
    `<runs>\nIssue ${first}, Greet @omar, fixes #1: its plan, not approved yet, may touch greet.sh, lib/words.sh, README.md\n</runs>`,
  )

  // Once that one is over, a new version has nothing to say of it.
  await story.comment(first, '/reject')
  await story.end(first)
  await story.comment(second, '/revise politely')
  await story.versions(second, 2)
  expect(await newestPlan(second)).not.toContain('Before you decide')
  await story.comment(second, '/reject')
  await story.end(second)
})

test('what is approved and under way is said as such, only of the tasks that were approved', async () => {
  story.model.fail({ conversation: 'polite greeting', nth: 1, fault: 'hang' })
  const working = await story.planned('Greet at length')
  await story.comment(working, '/revise politely')
  await story.versions(working, 2)
  await story.comment(working, '/approve')
  await story.phase(working, 'working')
  const issue = await story.planned('Greet shortly')
  expect(await newestPlan(issue)).toMatch(
    new RegExp(
      `/issues/${working}\\), “Greet at length”, is approved and under way, and may touch the same files: \`greet.sh\`\\.`,
    ),
  )
  for (const one of [working, issue]) {
    await story.comment(one, '/cancel')
    await story.end(one)
  }
})

test('an open pull request of an earlier run of the issue is said, until it is closed, and GitHub is asked only then', async () => {
  const before = pullsRead()
  const issue = await story.planned('Greet once more')
  await story.comment(issue, '/approve')
  expect((await story.end(issue)).kind).toBe('done')
  expect(pullsRead()).toBe(before)
  const [pull] = await story.pullRequests(issue)

  await story.relabel(issue, 2)
  await story.phase(issue, 'waiting-for-approval')
  expect(await newestPlan(issue)).toMatch(
    new RegExp(
      `An earlier run of this issue has a pull request open: \\[pull request ${pull?.number}\\]\\(http\\S+/pull/${pull?.number}\\)`,
    ),
  )
  expect(await lastBrief(issue)).toContain(
    `<runs>\nPull request ${pull?.number} of an earlier run of this issue is open.`,
  )

  const { owner, name: repo } = story.stage.repository
  await story.stage.as('grace').rest.pulls.update({ owner, repo, pull_number: pull?.number ?? 0, state: 'closed' })
  await story.comment(issue, '/revise politely')
  await eventually(async () => (await story.plans(issue)).length === 3)
  expect(await newestPlan(issue)).not.toContain('Before you decide')
  await story.comment(issue, '/reject')
  await story.end(issue)
})

test('every request was one that GitHub takes', () => {
  expect(story.stage.github.violations).toEqual([])
})
