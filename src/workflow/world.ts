import type { Agent } from '../domain/agent.js'
import type { Command } from '../domain/command.js'
import type { LostAccess } from '../domain/event.js'
import type { Actor, Issue } from '../domain/issue.js'
import type { Plan } from '../domain/plan.js'
import type { RepositoryRef } from '../domain/repository.js'
import type { Review } from '../domain/review.js'
import type { SecretFilter } from '../domain/secret.js'
import type { RunStatus } from '../domain/say/status-comment.js'
import type { SetupOrder, SetupOutcome } from '../domain/setup.js'
import type { Cost } from '../domain/usage.js'
import type { Limits } from '../domain/limits.js'
import type { Wait } from '../domain/wait.js'
import type { CloneSource, GitHub, Journal, RunBook, Wallet, Workspaces } from '../ports.js'
import type { AgentEnd, AgentWork } from '../team/agent-work.js'

/** What a run is told at its start. */
export interface RunInput {
  repository: RepositoryRef
  issue: Issue
  /** Who put the label on. */
  by: Actor
  /** GitHub's time of the issue's last change when it was known that the label is on: a label put on before is this one. */
  labelledAt: string
  /** No delivery told of the label. */
  found?: true
}

/** What is sent to a run while it is under way. */
export type RunMessage =
  | {
      kind: 'command'
      command: Command
      on: 'issue' | 'pull-request'
      number: number
      comment: { id: number; author: Actor }
    }
  /** A comment without a command, while the run has something to ask. Anybody can have written it. */
  | { kind: 'remark'; comment: { id: number; author: Actor } }
  /** Whoever runs the App wants it, who is asked for no permission. */
  | { kind: 'operator'; wants: 'cancel' | 'retry' }
  | { kind: 'withdrawn'; why: 'unlabelled' | 'closed'; by: Actor }
  /** GitHub no longer lets the App work there. */
  | { kind: 'access-lost'; why: LostAccess; by: Actor | null }
  | { kind: 'agent-ended'; id: string; end: AgentEnd }
  /** Its workflow threw: a bug, or a refusal that no retry mends. */
  | { kind: 'agent-broke'; id: string; detail: string; cost: Cost }
  | { kind: 'setup-ended'; id: string; outcome: SetupOutcome }
  /** It makes no call for now; null when it does again. */
  | { kind: 'agent-waits'; id: string; wait: Wait | null }
  /** What an agent waits for may have come: a new day, or a place that another run has left. */
  | { kind: 'go-on' }

/** How a run ended. */
export type RunEnd =
  | { kind: 'done'; pullRequest: number; plan: Plan; review: Review; cost: Cost }
  | { kind: 'rejected' | 'cancelled'; cost: Cost }
  /** It never came to a plan: the label's author may not write, the issue is empty, … */
  | { kind: 'refused'; why: string; cost: Cost }
  /** Somebody else moved the branch, or took the access away. */
  | { kind: 'stopped'; why: string; cost: Cost }

/** What happens in a run, for terminals; nothing depends on it. */
export type Sight = { kind: 'run'; run: string; phase: RunStatus['phase']; failure: string | null }

/** An agent is being put to work under that workflow id, or back to work. As {@link Sight}, nothing depends on it. */
export type AgentSight = {
  kind: 'agent'
  id: string
  agent: string
  work: string
  /** When it is done once more: what it had changed outside its plan, or where another commit changed the same lines. */
  again: { why: 'outside' | 'secret' | 'conflict'; paths: string[] } | null
}

/** What one agent's workflow is told. */
export interface AgentInput {
  /** The run that waits for it. */
  run: string
  work: AgentWork
  /** What the repository allows for a day, US dollars; null where it leaves that to the operator. */
  repositoryUsdPerDay: number | null
}

/** What setup's workflow is told. */
export interface SetupInput {
  /** The run that waits for it. */
  run: string
  source: CloneSource
  order: SetupOrder
}

/** What its run tells an agent at work: to try once more whether its next call may be made. */
export interface AgentMessage {
  kind: 'go-on'
}

/** Rings once: then that run is told to go on. */
export interface AlarmInput {
  run: string
  inMs: number
}

/** The world as one run sees it: its own journal, its own repository. */
export interface World {
  journal: Journal
  github: GitHub
  workspaces: Workspaces
  /** What is known of this run's neighbours, and what they are to know of it. */
  runs: RunBook
  secrets: SecretFilter
  wallet: Wallet
  limits: Limits
  /** The agents that come with the App. */
  agents: Agent[]
  /** `issue-crew[bot]`: only what this account wrote counts as the App's own. */
  appLogin: string
  label: string
  observe?: (sight: Sight | AgentSight) => void
  /** Told of a phase as it begins, before people see it. Nothing depends on it. */
  turned?: (phase: RunStatus['phase']) => void
}

/** Names by which the engine knows the workflows. A change in the order of their steps needs a new version. */
export const workflows = {
  delivery: 'delivery.v1',
  run: 'issue-to-pull-request.v1',
  agent: 'agent-at-work.v1',
  setup: 'setup-at-work.v1',
  alarm: 'alarm.v1',
} as const

/** Runs of an issue share this beginning of their id, and are numbered after it; so do those of a repository. */
export const runPrefix = (repository: Pick<RepositoryRef, 'id'>, issueNumber?: number): string =>
  issueNumber === undefined ? `run:${repository.id}:` : `run:${repository.id}:${issueNumber}:`
