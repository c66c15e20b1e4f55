import type { Cost } from '../domain/usage.js'
import type { RunMessage } from './world.js'

export type CommandMessage = Extract<RunMessage, { kind: 'command' }>

/** What an agent came to. */
export type AgentMade = Extract<RunMessage, { kind: 'agent-ended' | 'agent-broke' }>

/** What only the present phase of a run can answer. */
export type Occurrence = CommandMessage | AgentMade | Extract<RunMessage, { kind: 'setup-ended' }>

/** A comment without a command that came while the run had something to ask. */
export type Remark = Extract<RunMessage, { kind: 'remark' }>

/** Stands for the comment where whoever runs the App wants something: nobody wrote one, and nothing is answered. */
export const ofOperator = { id: 0, author: { login: 'operator', type: 'User' } } as const

/** What the operator's wish to try again is to a run: a `/retry` whose permission needn't be asked. */
export const asRetry = (issue: number): CommandMessage => ({
  kind: 'command',
  command: { kind: 'retry' },
  on: 'issue',
  number: issue,
  comment: ofOperator,
})

/** What an agent that is no longer at work has cost. */
export const costOf = (message: AgentMade): Cost =>
  message.kind === 'agent-ended' ? message.end.outcome.cost : message.cost
