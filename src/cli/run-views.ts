import { cleanText } from '../domain/hidden-text.js'
import type { AgentView, RunState, RunView, StepView } from '../domain/run-view.js'
import type { StepRow, WorkflowRow } from '../durable/operator-desk.js'
import type { AgentInput, RunEnd, RunInput } from '../workflow/world.js'

/** A run's workflow, with what its book has of it. `web`: where people see issues; `now` in milliseconds. */
export function runView(row: WorkflowRow, { web, now }: { web: string; now: number }): RunView {
  const { repository, issue } = row.input as RunInput
  const { owner, name } = repository
  const end = row.output as RunEnd | null
  const { standing = null, pullRequest = null } = row.record ?? {}
  const address = `${web}/${owner}/${name}`
  return {
    id: row.id,
    repository: { owner, name },
    issue: { number: issue.number, title: cleanText(issue.title).text, url: `${address}/issues/${issue.number}` },
    state: stateOf(row, end),
    active: row.state === 'active',
    ...span(row, now),
    usd: row.usd,
    notice: standing?.notice ?? null,
    failure: row.failure ?? (end && 'why' in end ? end.why : (standing?.failure ?? null)),
    tasks: standing?.tasks ?? [],
    pullRequest: pullRequest === null ? null : `${address}/pull/${pullRequest}`,
  }
}

function stateOf({ state, record }: WorkflowRow, end: RunEnd | null): RunState {
  switch (state) {
    case 'active':
      return record?.standing?.phase ?? 'looking'
    case 'done':
      return end?.kind ?? 'done'
    case 'failed':
      return 'broken'
    case 'halted':
      return 'halted'
  }
}

/** An agent's workflow, each of its tries, the first first. */
export function agentViews(rows: readonly WorkflowRow[], now = Date.now()): AgentView[] {
  const states = { active: 'at work', done: 'ended', failed: 'broken', halted: 'halted' } as const
  return rows.toReversed().map(row => {
    const { work } = row.input as AgentInput
    const { seconds } = span(row, now)
    const { id, failure, usd } = row
    return {
      id,
      agent: work.agent,
      work: work.title,
      state: states[row.state],
      turns: row.turns,
      usd,
      seconds,
      failure,
    }
  })
}

export function stepViews(rows: readonly StepRow[]): StepView[] {
  return rows.map(({ number, name, begun, ended, failure }) => ({
    number,
    name,
    at: begun?.toISOString() ?? null,
    milliseconds: begun && ended ? ended.getTime() - begun.getTime() : 0,
    failure,
  }))
}

function span({ begun, ended }: WorkflowRow, now: number): Pick<RunView, 'begun' | 'ended' | 'seconds'> {
  const until = ended?.getTime() ?? now
  return {
    begun: begun.toISOString(),
    ended: ended?.toISOString() ?? null,
    seconds: Math.max(0, Math.round((until - begun.getTime()) / 1000)),
  }
}
