import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { RunEnd } from '../src/workflow/world.js'
import { startOtlpReceiver, type SentSpan } from './support/otlp-receiver.js'
import { edit, run } from './support/script.js'
import { beginScriptedStory, type ScriptedStory } from './support/scripted-story.js'

const title = 'Louder under watch'
const louder = edit('greet.sh', ['  echo "Hello"', '  echo "HELLO"'])
const command = run('sh greet.sh --anybody', { when_tool: 'run' })

describe('traces of a run that two processes carried out, one after the other', () => {
  let story: ScriptedStory
  let receiver: Awaited<ReturnType<typeof startOtlpReceiver>>
  let end: RunEnd
  let spans: SentSpan[]
  let runId: string
  beforeAll(async () => {
    receiver = await startOtlpReceiver()
    story = await beginScriptedStory([
      { title, tasks: [{ title: 'Greet louder', paths: ['greet.sh'], turns: [louder, command] }] },
    ])
    await story.stage.stopCrew()
    story.stage.config.traces = { url: receiver.url }
    await story.stage.restartCrew()
    const issue = await story.planned(title)
    await story.stage.stopCrew()
    await story.stage.restartCrew()
    await story.comment(issue, '/approve')
    end = await story.end(issue)
    await story.stage.stopCrew()
    runId = `run:${story.stage.repository.id}:${issue}:1`
    spans = receiver.spans.filter(span => span.attributes['issue_crew.run'] === runId)
    await story.stage.restartCrew()
  })
  afterAll(async () => {
    await story.stop()
    await receiver.stop()
  })

  const named = (name: string | RegExp): SentSpan[] =>
    spans.filter(span => (typeof name === 'string' ? span.name === name : name.test(span.name)))
  const parentOf = (span: SentSpan | undefined): SentSpan | undefined =>
    spans.find(other => other.spanId === span?.parentSpanId)
  const sum = (some: SentSpan[], attribute: string): number =>
    some.reduce((total, span) => total + Number(span.attributes[attribute]), 0)

  test('are one tree, with the run at its root', () => {
    expect(receiver.services).toEqual(new Set(['issue-crew']))
    expect(new Set(spans.map(span => span.traceId)).size).toBe(1)
    expect(new Set(spans.map(span => span.spanId)).size).toBe(spans.length)
    const roots = spans.filter(span => span.parentSpanId === '')
    expect(roots.map(span => span.name)).toEqual(['issue-to-pull-request'])
    expect(spans.filter(span => span.parentSpanId !== '' && !parentOf(span)).map(span => span.name)).toEqual([])
  })

  test('show each phase beneath the run, and where a process left in the middle of one', () => {
    const phases = named(/^phase /)
    expect(phases.map(span => span.name).sort()).toEqual([
      'phase done',
      'phase looking',
      'phase opening-pull-request',
      'phase planning',
      'phase reviewing',
      'phase waiting-for-approval',
      'phase waiting-for-approval',
      'phase working',
    ])
    const cutShort = phases.filter(span => span.attributes['issue_crew.interrupted'])
    expect(cutShort.map(span => span.name)).toEqual(['phase waiting-for-approval'])
    for (const phase of phases) expect(parentOf(phase)?.name).toBe('issue-to-pull-request')
  })

  test('show each call of the model beneath its turn, with tokens and cost', () => {
    const calls = named(/^chat /)
    expect(calls).toHaveLength(end.cost.calls)
    for (const call of calls) {
      expect(parentOf(call)?.name).toBe('turn')
      expect(parentOf(parentOf(call))?.name).toMatch(/^invoke_agent /)
      expect(call.attributes).toMatchObject({
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'anthropic',
        'gen_ai.request.model': expect.stringMatching(/^claude-/),
      })
    }
    expect(sum(calls, 'issue_crew.cost_usd')).toBeCloseTo(end.cost.usd, 9)
    expect(sum(calls, 'gen_ai.usage.output_tokens')).toBe(end.cost.outputTokens)
    const { inputTokens, cacheReadTokens, cacheWriteTokens } = end.cost
    expect(sum(calls, 'gen_ai.usage.input_tokens')).toBe(inputTokens + cacheReadTokens + cacheWriteTokens)
  })

  test('show agents beneath their phase, by their task', () => {
    const agents = named(/^invoke_agent /)
    expect(agents.map(span => [span.name, span.attributes['issue_crew.task'], parentOf(span)?.name])).toEqual([
      ['invoke_agent tech-lead-orchestrator', 'plan', 'phase planning'],
      ['invoke_agent backend-developer', '1', 'phase working'],
      ['invoke_agent code-reviewer', 'review', 'phase reviewing'],
    ])
  })

  test('show requests to GitHub beneath the step that asked, and commands of the box', () => {
    const review = named('POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews')
    expect(review.map(span => span.attributes['http.response.status_code'])).toEqual([200])
    expect(parentOf(review[0])?.attributes['issue_crew.step']).toBe('review')
    expect(parentOf(parentOf(review[0]))?.name).toBe('phase reviewing')
    if (story.stage.crew.commandsOff !== null) return
    const [ran, ...more] = named('execute_tool run')
    expect(more).toEqual([])
    expect(ran?.attributes).toMatchObject({ 'process.exit.code': expect.any(Number), 'issue_crew.task': '1' })
  })

  test('hold nothing of what people and models wrote, and no secret', () => {
    const { app, model } = story.stage.config
    for (const words of [title, 'Greet louder', 'greet.sh', 'HELLO', 'You are', model.apiKey, app.webhookSecret])
      expect(receiver.text()).not.toContain(words)
  })

  test('a collector that takes them no more is warned of, and nothing waits for it', async () => {
    receiver.refuse()
    const issue = await story.planned(title)
    await story.stage.stopCrew()
    expect(story.logged.filter(line => line.includes("Traces don't reach"))).toHaveLength(1)
    await story.stage.restartCrew()
    await story.comment(issue, '/approve')
    expect((await story.end(issue)).kind).toBe('done')
  })
})
