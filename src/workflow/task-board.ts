import type { Given } from '../domain/handoff.js'
import type { PlanTask } from '../domain/plan.js'
import type { Report } from '../domain/report.js'
import type { AgentEnd } from '../team/agent-work.js'
import type { Delivered } from './approved.js'

/** Work that ended with a report: what its agent made of the tree it was given. */
export interface Ended {
  end: AgentEnd
  report: Report
  /** Tree that its changes are counted from. */
  base: string
  /** Paths in which its agent was given both sides between markers, to settle them. */
  conflicts: string[]
}

/** Why a task is done once more. A conflict is settled in `tree`, which holds both sides. */
export type Again = { why: 'outside' | 'secret'; paths: string[] } | { why: 'conflict'; paths: string[]; tree: string }

/** A task between its start and its commit. */
export type TaskState =
  | { kind: 'waiting'; again: Again | null }
  | { kind: 'running'; agent: string; base: string; conflicts: string[] }
  /** `allowed`: an approver let it touch paths outside its plan. */
  | { kind: 'ended'; ended: Ended; allowed: boolean }
  /** It changed paths that its plan doesn't name: a person decides. */
  | { kind: 'asking'; ended: Ended; paths: string[] }
  /**
   * A person decides whether it is tried again. `forMoney`: the run's budget ended it. `kept`: what it did is there
   * still, only its commit was refused. `again`: what the next try is to do otherwise.
   */
  | {
      kind: 'failed'
      why: string
      forMoney: boolean
      kept: { ended: Ended; allowed: boolean } | null
      again?: Again
    }
  | { kind: 'done'; delivered: Delivered }

/** The tasks of a run that are being carried out, in plan order, and how far each is. */
export class TaskBoard {
  readonly tasks: PlanTask[]
  readonly #states = new Map<number, TaskState>()
  readonly #attempts = new Map<number, number>()
  readonly #spent = new Map<number, number>()
  readonly #given = new Map<number, Given>()

  constructor(tasks: PlanTask[]) {
    this.tasks = tasks
    for (const task of tasks) this.#states.set(task.number, { kind: 'waiting', again: null })
  }

  of(task: PlanTask): TaskState {
    const state = this.#states.get(task.number)
    if (!state) throw new Error(`task ${task.number} is not on the board`)
    return state
  }

  set(task: PlanTask, state: TaskState): void {
    this.#states.set(task.number, state)
  }

  /** Counts the tries of a task, from 1. */
  nextAttempt(task: PlanTask): number {
    const attempt = this.attempts(task) + 1
    this.#attempts.set(task.number, attempt)
    return attempt
  }

  attempts(task: PlanTask): number {
    return this.#attempts.get(task.number) ?? 0
  }

  /** Adds to what the tries of a task have cost, US dollars. */
  spend(task: PlanTask, usd: number): void {
    this.#spent.set(task.number, this.spent(task) + usd)
  }

  spent(task: PlanTask): number {
    return this.#spent.get(task.number) ?? 0
  }

  /** Notes what the newest try of a task was given. */
  give(task: PlanTask, given: Given): void {
    this.#given.set(task.number, given)
  }

  /** Null before its first try. */
  given(task: PlanTask): Given | null {
    return this.#given.get(task.number) ?? null
  }

  /** The task that this agent's workflow works on. */
  workedOnBy(agent: string): PlanTask | undefined {
    return this.tasks.find(task => {
      const state = this.of(task)
      return state.kind === 'running' && state.agent === agent
    })
  }

  /** Tasks that wait for nothing but a free place. Dependencies that weren't approved for this run count as met. */
  ready(): PlanTask[] {
    return this.tasks.filter(
      task =>
        this.of(task).kind === 'waiting' &&
        task.dependsOn.every(number => (this.#states.get(number)?.kind ?? 'done') === 'done'),
    )
  }

  count(kind: TaskState['kind']): number {
    return this.tasks.filter(task => this.of(task).kind === kind).length
  }

  delivered(): Delivered[] {
    return this.tasks.flatMap(task => {
      const state = this.of(task)
      return state.kind === 'done' ? [state.delivered] : []
    })
  }
}
