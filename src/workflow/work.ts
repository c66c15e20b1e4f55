import type { Agent } from '../domain/agent.js'
import type { RoleModel } from '../domain/crew-yml.js'
import type { LoopOutcome } from '../domain/outcome.js'
import { money } from '../domain/say/figures.js'
import type { SetupOrder } from '../domain/setup.js'
import { describeOutcome, replies } from '../domain/say/replies.js'
import type { AgentEnd, AgentResult, AgentWork, Ending } from '../team/agent-work.js'
import { systemPrompt } from '../team/prompts.js'
import type { Look } from './look-at-repository.js'
import type { Run } from './run.js'

/** Everything an agent gets, put together from the run's configuration and the agent's own file. */
export function agentWork(
  run: Run,
  look: Look,
  given: {
    title: string
    role: 'lead' | 'specialist' | 'reviewer'
    agent: Agent
    brief: string
    ending: Ending
    key: string
    tree: string
    paths: string[]
    protectedPaths: string[]
    setup?: SetupOrder | null
  },
): AgentWork {
  const { config } = look
  const { agent, role } = given
  const model: RoleModel = config.models[role]
  const commands = look.commandsOff === null
  return {
    title: given.title,
    agent: agent.name,
    model: agent.model ?? model.model,
    effort: model.effort,
    system: systemPrompt(role, agent),
    brief: given.brief,
    tools: agent.tools.filter(tool => commands || tool !== 'run'),
    worktree: { source: look.source, key: given.key, tree: given.tree },
    ...(given.setup && { setup: given.setup }),
    mayWrite: { paths: given.paths, protectedPaths: given.protectedPaths },
    ending: given.ending,
    limits: {
      turns: Math.min(config.limits.turns, agent.maxTurns ?? Infinity),
      tokens: config.limits.tokens,
      minutes: config.limits.minutes,
      usd: run.allotment(config),
    },
    commandTimeoutSeconds: config.commands.timeout_seconds,
    image: config.commands.image ?? null,
  }
}

type Finished<Form extends AgentResult['form']> = Omit<AgentEnd, 'outcome'> & {
  result: Extract<AgentResult, { form: Form }>
}

/**
 * Has one agent do one thing while nothing else of the run goes on. When it ends without a result, people are told and
 * asked for `/retry`; each try is a new workflow, at a fresh directory.
 */
export async function workAlone<Form extends AgentResult['form']>(
  run: Run,
  look: Look,
  { form, id, work }: { form: Form; id: string; work: (key: string) => Promise<AgentWork> },
): Promise<Finished<Form>> {
  for (let attempt = 1; ; attempt++) {
    const key = `${id}:${attempt}`
    await run.startAgent(key, await work(key))
    const ended = await waitFor(key)
    await run.discard(key)
    if ('result' in ended) return ended
    await pauseUntilRetry(run, ended)
  }

  async function waitFor(key: string): Promise<Finished<Form> | Failure> {
    for (;;) {
      const message = await run.next()
      if (message.kind === 'command') {
        if (message.command.kind === 'budget') await setBudget(run, message.command.usd, message)
        else await run.notNow(message)
        continue
      }
      if (message.kind === 'setup-ended' || message.id !== key) continue
      if (message.kind === 'agent-broke') return { why: message.detail, forMoney: false }
      const { outcome, ...rest } = message.end
      if (outcome.kind === 'finished' && outcome.result.form === form)
        return { ...rest, result: outcome.result as Extract<AgentResult, { form: Form }> }
      return failureOf(run, look, outcome)
    }
  }
}

/** Does what GitHub may refuse; when it does, people are told, and it is done again on their `/retry`. */
export async function untilDone<T>(run: Run, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      await pauseUntilRetry(run, { why: messageOf(error), forMoney: false })
    }
  }
}

interface Failure {
  why: string
  /** The run's budget doesn't reach for more: `/budget` mends it. */
  forMoney: boolean
}

/** Why an agent ended without a result, for people. */
export function failureOf(run: Run, look: Look, outcome: LoopOutcome<unknown>): Failure {
  const left = run.budgetUsd - run.cost.usd
  if (outcome.kind === 'limit' && outcome.limit === 'money' && left < look.config.limits.usd)
    return { why: replies.budgetReached(money(run.cost.usd), money(run.budgetUsd)), forMoney: true }
  return { why: describeOutcome(outcome), forMoney: false }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

async function pauseUntilRetry(run: Run, { why, forMoney }: Failure): Promise<void> {
  const { phase } = run.status
  await run.show({ phase: 'paused-failed', failure: why })
  for (;;) {
    const message = await run.next()
    if (message.kind !== 'command') continue
    const { command } = message
    if (command.kind === 'budget') {
      await setBudget(run, command.usd, message)
      if (forMoney) break
    } else if (command.kind === 'retry') {
      await run.obeyed(message)
      break
    } else await run.notNow(message)
  }
  await run.show({ phase, failure: null })
}

/** Obeys a `/budget`. */
export async function setBudget(run: Run, usd: number, message: Parameters<Run['obeyed']>[0]): Promise<void> {
  run.budgetUsd = usd
  await run.obeyed(message)
  await run.show({})
}
