import type { CrewConfig } from '../domain/crew-yml.js'
import { mayCommand, type Actor, type IssueComment } from '../domain/issue.js'
import { findMarked, marked, marker } from '../domain/say/marker.js'
import { replies } from '../domain/say/replies.js'
import { renderStatus, type Phase, type RunStatus } from '../domain/say/status-comment.js'
import { noCost, type Cost } from '../domain/usage.js'
import type { Wait } from '../domain/wait.js'
import type { AgentWork } from '../team/agent-work.js'
import { asRetry, costOf, ofOperator, type CommandMessage, type Occurrence, type Remark } from './occurrence.js'
import { patientJournal } from './patient-journal.js'
import { Purse } from './purse.js'
import { RunEntry } from './run-entry.js'
import { AccessLost, RunStopped } from './run-stopped.js'
import { orRefused, StatusComment } from './status-comment.js'
import { Waits } from './waits.js'
import { workflows, type AgentInput, type AgentSight, type RunInput, type RunMessage, type World } from './world.js'

/** Where agents work, or do again within seconds. Elsewhere the run waits for people, or has ended. */
const worksIn = new Set<Phase>(['looking', 'planning', 'working', 'opening-pull-request', 'reviewing'])

/** One run under way: its inbox, its status comment, its purse, and the agents that work for it. */
export class Run {
  readonly id: string
  readonly input: RunInput
  readonly world: World
  #status: RunStatus
  readonly #statusComment: StatusComment
  readonly #waits: Waits
  readonly purse = new Purse()
  readonly entry: RunEntry
  #remarks: Remark[] = []
  /** The newest comment with commands, and whether its author may give any. */
  #judged = { comment: 0, may: false }

  constructor(input: RunInput, world: World) {
    this.id = world.journal.id
    this.input = input
    this.world = { ...world, journal: patientJournal(world.journal, detail => this.#tellOfWait(detail)) }
    this.entry = new RunEntry(input, this.world)
    this.#waits = new Waits(this.world, input.repository)
    this.#statusComment = new StatusComment(world, input.issue.number)
    this.#status = { phase: 'looking', tasks: [], cost: noCost, notice: null, failure: null }
  }

  get cost(): Cost {
    return this.purse.cost
  }

  /** US dollars that the run may spend; approved with the plan, raised by `/budget`. */
  get budgetUsd(): number {
    return this.purse.budgetUsd
  }
  set budgetUsd(usd: number) {
    this.purse.budgetUsd = usd
  }

  get status(): RunStatus {
    return this.#status
  }

  // ------------------------------------------------------------ what people see

  /** Shows at once that the label was seen. */
  async acknowledge(): Promise<void> {
    const { journal, github } = this.world
    await journal.step('eyes', () => orRefused(github.reactToIssue(this.input.issue.number, 'eyes')))
  }

  async openStatus(): Promise<void> {
    await this.#statusComment.open(renderStatus(this.#status))
    await this.entry.stand(this.#status)
    this.#seen()
  }

  /** Changes the status; people see it at the next {@link show}. For what is followed by another change at once. */
  note(change: Partial<RunStatus>): void {
    if (change.phase !== undefined && change.phase !== this.#status.phase) this.world.turned?.(change.phase)
    this.#status = {
      ...this.#status,
      ...change,
      cost: this.cost,
      ...(this.budgetUsd > 0 && { budgetUsd: this.budgetUsd }),
    }
  }

  /** Changes the status and, where that changes what is shown, edits the comment. */
  async show(change: Partial<RunStatus>): Promise<void> {
    const before = this.#status.phase
    if (!worksIn.has(change.phase ?? before)) await this.#waits.leavePlace()
    this.note(change)
    await this.#statusComment.edit(renderStatus(this.#status))
    await this.entry.stand(this.#status)
    if (this.#status.phase !== before) this.#seen()
  }

  /** Says what GitHub is waited for, if it can be said; null once it is over. */
  async #tellOfWait(detail: string | null): Promise<void> {
    this.#waits.own(detail)
    this.note({ notice: this.#waits.notice() })
    await this.#statusComment.tryToEdit(renderStatus(this.#status))
  }

  #seen(): void {
    this.world.observe?.({ kind: 'run', run: this.id, phase: this.#status.phase, failure: this.#status.failure })
  }

  /** Posts a comment once, found again by its marker. */
  async comment({
    kind,
    id,
    text,
    on = this.input.issue.number,
  }: {
    kind: string
    id: string
    text: string
    on?: number
  }): Promise<IssueComment> {
    const mark = marker(kind, id)
    return this.world.journal.effect(`${kind} ${id}`, {
      find: async () => this.#own(mark, on),
      create: () => this.world.github.createComment(on, marked(text, mark)),
    })
  }

  /** Answers a command in a comment of its own. */
  async reply(to: CommandMessage, text: string): Promise<void> {
    if (to.comment.id === ofOperator.id) return
    const { journal, github } = this.world
    const mark = marker('reply', `${to.comment.id}:${to.command.kind}`)
    await journal.effect(`reply to ${to.comment.id}`, {
      find: () => this.#own(mark, to.number),
      create: () => orRefused(github.createComment(to.number, marked(text, mark))),
    })
    this.#seen()
  }

  /** Shows that a comment was obeyed. Its author may have deleted it since. */
  async obeyed({ comment }: CommandMessage | Remark): Promise<void> {
    if (comment.id === ofOperator.id) return
    await this.world.journal.step(`rocket ${comment.id}`, () =>
      orRefused(this.world.github.reactToComment(comment.id, 'rocket')),
    )
  }

  async #own(mark: string, on = this.input.issue.number): Promise<IssueComment | null> {
    return findMarked(await this.world.github.comments(on), mark, this.world.appLogin)
  }

  // ------------------------------------------------------------ what reaches it

  /**
   * The next thing that happens which the present phase must answer. What any phase answers alike is answered here:
   * who may command, `/status`, `/help`, mistyped commands, waiting for the model. A permitted `/cancel`, a label taken
   * off or a closed issue throws {@link RunStopped}. Remarks are kept for {@link takeRemarks}.
   */
  async next(): Promise<Occurrence> {
    for (;;) {
      const message = await this.nextOrRemark()
      if (message.kind !== 'remark') return message
      this.#remarks.push(message)
    }
  }

  /** The remarks that came since this was called last, oldest first. */
  takeRemarks(): Remark[] {
    return this.#remarks.splice(0)
  }

  /** As {@link next}, for where an answer is waited for. */
  async nextOrRemark(): Promise<Occurrence | Remark> {
    for (;;) {
      const message = await this.world.journal.receive<RunMessage>()
      switch (message.kind) {
        case 'agent-ended':
        case 'agent-broke':
          this.purse.pay(message.id, costOf(message))
          await this.#agentWaits(message.id, null)
          return message
        case 'setup-ended':
        case 'remark':
          return message
        case 'agent-waits':
          await this.#agentWaits(message.id, message.wait)
          break
        case 'go-on':
          await this.#waits.goOn(this.purse.atWork())
          break
        case 'withdrawn':
          // GitHub let them close the issue or take the label off: that is permission enough to stop.
          throw new RunStopped(message.by, message.why)
        case 'access-lost':
          throw new AccessLost(message.by, message.why)
        case 'operator': {
          if (message.wants === 'cancel') throw new RunStopped(ofOperator.author, 'operator')
          const retry = asRetry(this.input.issue.number)
          if (!(await this.#retry(retry))) return retry
          break
        }
        case 'command': {
          const answered = await this.#answer(message)
          if (!answered) return message
        }
      }
    }
  }

  /** Shows what is waited for, as long as any agent waits. */
  async #agentWaits(id: string, wait: Wait | null): Promise<void> {
    if (await this.#waits.agent(id, wait)) await this.show({ notice: this.#waits.notice() })
  }

  /** Answers a command that the present phase has no use for. */
  async notNow(message: CommandMessage): Promise<void> {
    const { command } = message
    const { plan, tasks, phase } = this.#status
    const again = command.kind === 'approve' && (command.planId ?? plan?.id) === plan?.id && !command.tasks
    const underWay = tasks.length > 0 && phase !== 'asking'
    await this.reply(
      message,
      again && underWay && plan ? replies.alreadyApproved(plan.id) : replies.notNow(command, phase),
    )
  }

  async #answer(message: CommandMessage): Promise<boolean> {
    const { command, comment } = message
    if (this.#judged.comment !== comment.id) {
      this.#judged = { comment: comment.id, may: await this.mayCommand(comment) }
      // Once for all commands of a comment.
      if (!this.#judged.may) await this.reply(message, replies.noPermission(comment.author.login))
    }
    if (!this.#judged.may) return true
    switch (command.kind) {
      case 'help':
        await this.reply(message, replies.help(message.on))
        return true
      case 'status':
        await this.reply(message, renderStatus(this.#status))
        return true
      case 'unknown':
        await this.reply(message, replies.unknown(command))
        return true
      case 'malformed':
        await this.reply(message, replies.malformed(command))
        return true
      case 'misplaced':
        await this.reply(message, replies.misplaced(command))
        return true
      case 'retry':
        return this.#retry(message)
      case 'cancel':
        await this.obeyed(message)
        throw new RunStopped(comment.author, 'cancelled')
      default:
        return false
    }
  }

  /** Whether that was all that the `/retry` was for. */
  async #retry(message: CommandMessage): Promise<boolean> {
    if (!this.#waits.forLeave) return false
    await this.#waits.goOn(this.purse.atWork())
    // What has failed is tried again by the same word.
    if (this.#status.failure !== null) return false
    await this.obeyed(message)
    return true
  }

  /** Asked of GitHub at the moment of use; bots never may. */
  async mayCommand({ id, author }: { id: number; author: Actor }): Promise<boolean> {
    if (author.type !== 'User') return false
    const { journal, github } = this.world
    return mayCommand(
      await journal.step(`permission of ${author.login} for ${id}`, () => github.permissionOf(author.login)),
    )
  }

  // ------------------------------------------------------------ who works for it

  /** Dollars that an agent starting now may spend: its own limit, or what the run's budget has left. */
  allotment(config: CrewConfig): number {
    return this.purse.allotment(config.limits.usd)
  }

  async startAgent(id: string, work: AgentWork, again: AgentSight['again'] = null): Promise<void> {
    this.purse.allot(id, work)
    this.world.observe?.({ kind: 'agent', id, agent: work.agent, work: work.title, again })
    this.#waits.agentStarts()
    const input: AgentInput = { run: this.id, work, repositoryUsdPerDay: this.purse.repositoryUsdPerDay }
    await this.world.journal.start(workflows.agent, id, input)
  }

  /** Removes the directory of an agent that has ended. */
  async discard(id: string): Promise<void> {
    await this.world.journal.step(`discard ${id}`, () => this.world.workspaces.discard(id))
  }

  /** Ends the agents that are still at work. */
  async stopAgents(): Promise<void> {
    for (const id of this.purse.atWork()) {
      await this.world.journal.cancel(id)
      await this.discard(id)
    }
    this.purse.takeBack()
    this.#waits.agentsGone()
  }
}
