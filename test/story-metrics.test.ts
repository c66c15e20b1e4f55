import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { edit } from './support/script.js'
import { beginScriptedStory, type ScriptedStory } from './support/scripted-story.js'

const title = 'Louder under watch'

describe('what whoever runs the App can see of it', () => {
  let story: ScriptedStory
  beforeAll(async () => {
    const louder = edit('greet.sh', ['  echo "Hello"', '  echo "HELLO"'])
    story = await beginScriptedStory([
      { title, tasks: [{ title: 'Greet louder', paths: ['greet.sh'], turns: [louder] }] },
    ])
  })
  afterAll(() => story.stop())

  const at = async (url: string): Promise<{ status: number; text: string }> => {
    const answer = await fetch(url)
    return { status: answer.status, text: await answer.text() }
  }
  const read = async (): Promise<string> => (await at(story.stage.crew.metricsUrl ?? '')).text
  /** The sum of all series of a name whose labels hold that. */
  const sum = (metrics: string, name: string, labels = ''): number =>
    metrics
      .split('\n')
      .filter(line => line.startsWith(`issue_crew_${name}`) && /[{ ]/.test(line[name.length + 11] ?? ''))
      .filter(line => line.includes(labels))
      .reduce((total, line) => total + Number(line.split(' ').at(-1)), 0)

  test('serves no metrics unless it is told where', async () => {
    expect(story.stage.crew.metricsUrl).toBeNull()
    expect((await at(`${story.stage.crew.url}/metrics`)).status).toBe(404)
  })

  test('counts runs, calls of the model, tokens, cost and requests, on an address of their own', async () => {
    await story.stage.stopCrew()
    story.stage.config.metrics = { host: '127.0.0.1', port: 0 }
    await story.stage.restartCrew()
    expect(new URL(story.stage.crew.metricsUrl ?? '').port).not.toBe(new URL(story.stage.crew.url).port)
    expect((await at(`${story.stage.crew.url}/metrics`)).status).toBe(404)

    const issue = await story.planned(title)
    const waiting = await read()
    expect(sum(waiting, 'runs', 'state="waiting-for-approval"')).toBe(1)
    expect(sum(waiting, 'agents_at_work')).toBe(0)
    expect(sum(waiting, 'database_up')).toBe(1)

    await story.comment(issue, '/approve')
    const end = await story.end(issue)
    const over = await read()
    expect(over).toContain('issue_crew_runs{state="done"} 1')
    expect(sum(over, 'model_cost_usd_total')).toBeCloseTo(end.cost.usd, 9)
    expect(sum(over, 'model_tokens_total', 'kind="output"')).toBe(end.cost.outputTokens)
    expect(sum(over, 'model_call_seconds_count')).toBe(end.cost.calls)
    for (const role of ['lead', 'specialist', 'reviewer'])
      expect(sum(over, 'model_call_seconds_count', `role="${role}"`)).toBeGreaterThan(0)
    for (const purpose of ['app', 'talk', 'write'])
      expect(sum(over, 'github_requests_total', `purpose="${purpose}"`)).toBeGreaterThan(0)
    expect(sum(over, 'github_requests_total')).toBe(
      story.sights.filter(sight => sight.kind === 'github').length - requestsBefore(),
    )
    expect(over).toMatch(/^issue_crew_github_rate_limit_remaining\{installation="\d+"\} \d+$/m)
    expect(over).toMatch(/^issue_crew_deliveries_waiting 0$/m)
    expect(over).toMatch(/^issue_crew_runs_waiting_for_place 0$/m)
    expect(over).toMatch(/^issue_crew_place_oldest_seconds 0$/m)
    expect(over).toMatch(/^issue_crew_github_budget_wait_seconds_count \d+$/m)
    expect(over).toMatch(/^process_resident_memory_bytes \d+$/m)
    for (const name of ['acme', 'storefront', 'run:', title]) expect(over).not.toContain(name)
  })

  test('says when a step waits for another try', async () => {
    const answer = { status: 502, body: { message: 'Bad gateway' } }
    story.stage.github.fail({
      method: 'POST',
      route: '/repos/{owner}/{repo}/issues/{issue_number}/reactions',
      answer,
      times: 1,
    })
    await story.planned(title)
    expect(sum(await read(), 'step_retries_total', 'workflow="run"')).toBe(1)
  })

  test('every line of a run in the log says which run, issue and task it belongs to', () => {
    const lines = story.log.map(line => JSON.parse(line) as Record<string, unknown>)
    const run = `run:${story.stage.repository.id}:1:1`
    const issue = 'acme/storefront#1'
    const of = (message: string) => lines.filter(line => line['msg'] === message)
    expect(of('A delivery was taken')[0]).toMatchObject({ issue })
    expect(of('A run ended')).toEqual([expect.objectContaining({ run, issue, end: 'done' })])
    expect(of('Waiting before another try')).toEqual([
      expect.objectContaining({ run: run.replace(/1:1$/, '3:1'), issue: 'acme/storefront#3', step: 'eyes' }),
    ])
    const about = (line: Record<string, unknown>) => JSON.stringify(line['route'] ?? '').includes('/repos/{owner}')
    const requests = of('GitHub request').filter(about)
    expect(requests.length).toBeGreaterThan(20)
    expect(requests.filter(line => line['issue'] === undefined)).toEqual([])
    const ofRun = lines.filter(line => JSON.stringify(line).includes(run))
    expect(ofRun.filter(line => line['run'] === undefined && !String(line['id']).startsWith('delivery:'))).toEqual([])
  })

  test('/readyz says that it is well', async () => {
    expect(await at(`${story.stage.crew.url}/readyz`)).toEqual({ status: 200, text: '{"ok":true}' })
  })

  /** Made by the App that had no metrics: its credentials' check. */
  const requestsBefore = (): number => 1
})
