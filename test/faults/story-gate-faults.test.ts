import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { fileURLToPath } from 'node:url'
import { startScriptedModel, type ScriptedModel } from '../../src/practice/model/start.js'
import { beginGateStory, gateTranscript, type GateStory } from '../support/gate-story.js'

let story: GateStory
beforeAll(async () => {
  story = await beginGateStory()
})
afterAll(() => story.stop())

const comments = '/repos/{owner}/{repo}/issues/{issue_number}/comments'

describe('GitHub fails around the plan', () => {
  /** Nothing may be lost, and nothing be there twice. */
  const expectWhole = async (issue: number): Promise<void> => {
    const [first, second] = await story.versions(issue, 2)
    expect(await story.plans(issue)).toHaveLength(2)
    expect(await story.folded(issue, first?.id ?? 0)).toBe('outdated')
    expect(second?.body).toContain('**Version 2**')
    const comment = await story.comment(issue, `/approve ${await story.planId(issue)}`)
    expect((await story.end(issue)).kind).toBe('done')
    expect(await story.reactionsTo(comment)).toEqual(['rocket'])
    expect(await story.pullRequests(issue)).toHaveLength(1)
    const own = (await story.comments(issue)).filter(({ author }) => author.endsWith('[bot]'))
    expect(own).toHaveLength(3)
  }

  test.each([
    ['has a problem of its own', { status: 500, body: { message: 'Server Error' } }],
    [
      'asks to slow down',
      {
        status: 403,
        headers: { 'retry-after': '1' },
        body: { message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.' },
      },
    ],
    ['does as it is asked and is cut off before it says so', 'cut' as const],
  ])('it %s while the plan is posted: exactly one plan is there, and it can be approved', async (_, answer) => {
    const issue = await story.planned('Greet in a storm')
    const end = story.stage.github.fail({ method: 'POST', route: comments, by: 'installation', answer, times: 1 })
    await story.comment(issue, '/revise politely')
    await expectWhole(issue)
    end()
  })

  test('every request of the way from /revise to /approve fails once', async () => {
    const issue = await story.planned('Greet in a hurricane')
    const { github } = story.stage
    for (const [method, route] of [
      ['GET', '/repos/{owner}/{repo}/collaborators/{username}/permission'],
      ['POST', '/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions'],
      ['GET', '/repos/{owner}/{repo}'],
      ['GET', '/repos/{owner}/{repo}/issues/{issue_number}'],
      ['GET', comments],
      ['GET', '/repos/{owner}/{repo}/git/ref/{ref}'],
      ['PATCH', '/repos/{owner}/{repo}/issues/comments/{comment_id}'],
      ['POST', '/graphql'],
      ['GET', /info\/refs$/],
    ] as const)
      github.fail({ method, route, by: 'installation', answer: { status: 502 }, times: 1 })
    github.fail({ by: 'app', answer: { status: 500 }, times: 1 })
    await story.comment(issue, '/revise politely')
    await expectWhole(issue)
  })

  test('git is away for longer: the status comment says so, and all goes on by itself', async () => {
    const { github } = story.stage
    const noFetch = github.fail({ route: /info\/refs$/, by: 'installation', answer: { status: 503 } })
    const issue = await story.issue({ title: 'Greet after the flood' })
    await story.label(issue)
    const status = await story.statusSays(issue, '⏳')
    expect(status).toMatch(/Waiting: Fetching acme\/storefront failed.*503/)
    expect(status).toContain('I go on by myself; nothing is lost.')
    noFetch()
    await story.phase(issue, 'waiting-for-approval')
    expect(await story.status(issue)).not.toContain('⏳')
    expect(await story.plans(issue)).toHaveLength(1)
    await story.comment(issue, '/reject')
    await story.end(issue)
  })

  test('it is cut off after it took the plan, and then can’t say what is there: no second plan is posted meanwhile', async () => {
    const { github } = story.stage
    const issue = await story.planned('Greet on a bad line')
    github.fail({ method: 'POST', route: comments, by: 'installation', answer: 'cut', times: 1 })
    const afterwards = ({ method, route, status, by }: (typeof github.requests)[number]): void => {
      if (method !== 'POST' || route !== comments || status !== 0 || by !== 'installation') return
      github.fail({ method: 'GET', route: comments, by: 'installation', answer: { status: 502 }, times: 3 })
    }
    github.events.on('request', afterwards)
    await story.comment(issue, '/revise politely')
    expect(await story.statusSays(issue, '⏳')).toContain('Waiting: GitHub has a problem of its own')
    github.events.off('request', afterwards)
    await expectWhole(issue)
  })

  test('it takes a request and never answers', async () => {
    await story.stage.stopCrew()
    story.stage.config.github.timeoutMs = 500
    await story.stage.restartCrew()
    const issue = await story.planned('Greet in a calm')
    story.stage.github.fail({ method: 'POST', route: comments, by: 'installation', answer: 'hang', times: 1 })
    await story.comment(issue, '/revise politely')
    await expectWhole(issue)
    expect(story.logged.some(line => line.includes('GitHub could not be reached'))).toBe(true)
  })

  test('nothing above was no request of GitHub’s own description', () => {
    expect(story.stage.github.violations).toEqual([])
  })
})

describe('the model fails while planning', () => {
  test('it is away for a while: the status comment says so, and the plan comes', async () => {
    story.model.fail({ conversation: 'plan in two turns', nth: 2, times: 3, fault: 529 })
    const issue = await story.labelled('Think twice')
    const status = await story.statusSays(issue, '⏳')
    expect(status).toMatch(/Waiting: .*verloaded.* I go on by myself; nothing is lost\./)
    await story.phase(issue, 'waiting-for-approval')
    expect(await story.status(issue)).not.toContain('⏳')
    expect(await story.plans(issue)).toHaveLength(1)
  })

  test('its plan fits no form, also when it is told why: that is said, and /retry works once it can', async () => {
    const issue = await story.labelled('Plan what nobody can read')
    await story.phase(issue, 'paused-failed')
    const status = await story.status(issue)
    expect(status).toContain('the model’s answer did not fit its form, even after being asked again')
    expect(status).toContain('shell-whisperer')
    expect(status).toContain('`/retry` tries again')
    const asked = story.model.stats().requests.filter(({ conversation }) => conversation === 'plan that fits no form')
    expect(asked).toHaveLength(3)

    const better = await betterModel()
    try {
      const retry = await story.comment(issue, '/retry')
      await story.phase(issue, 'waiting-for-approval')
      expect(await story.reactionsTo(retry)).toEqual(['rocket'])
      expect(await story.status(issue)).not.toContain('fit its form')
      await story.comment(issue, '/reject')
      await story.end(issue)
    } finally {
      await better.stop()
    }
  })
})

/** Another model at the same address, one that no longer hands in what fits no form. */
async function betterModel(): Promise<ScriptedModel> {
  const port = Number(new URL(story.model.url).port)
  await story.model.stop()
  const transcripts = [fileURLToPath(new URL('../fixtures/gate/better.yaml', import.meta.url)), gateTranscript]
  return startScriptedModel({ transcripts, port })
}
