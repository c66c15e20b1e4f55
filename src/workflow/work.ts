import type { Agent } from '../domain/agent.js'
import type { RoleModel } from '../domain/crew-yml.js'
import { describeOutcome } from '../domain/say/replies.js'
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
  },
): AgentWork {
  const { config } = look
  const { agent, role } = given
  const model: RoleModel = config.models[role]
  const commands = run.world.workspaces.commandsOff === null
  return {
    title: given.title,
    agent: agent.name,
    model: agent.model ?? model.model,
    effort: model.effort,
    system: systemPrompt(role, agent),
    brief: given.brief,
    tools: agent.tools.filter(tool => commands || tool !== 'run'),
    worktree: { source: look.source, key: given.key, tree: given.tree },
    mayWrite: { paths: given.paths, protectedPaths: given.protectedPaths },
    ending: given.ending,
    limits: {
      turns: Math.min(config.limits.turns, agent.maxTurns ?? Infinity),
      tokens: config.limits.tokens,
      minutes: config.limits.minutes,
      usd: run.allotment(config),
    },
    commandTimeoutSeconds: config.commands.timeout_seconds,
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
  { form, id, work }: { form: Form; id: string; work: (key: string) => Promise<AgentWork> },
): Promise<Finished<Form>> {
  for (let attempt = 1; ; attempt++) {
    const key = `${id}:${attempt}`
    await run.startAgent(key, await work(key))
    const failure = await waitFor(key)
    await run.discard(key)
    if (typeof failure !== 'string') return failure
    const phase = run.status.phase
    await run.show({ phase: 'paused-failed', failure })
    await retryAsked()
    await run.show({ phase, failure: null })
  }

  async function waitFor(key: string): Promise<Finished<Form> | string> {
    for (;;) {
      const message = await run.next()
      if (message.kind === 'command') {
        await run.notNow(message)
        continue
      }
      if (message.id !== key) continue
      if (message.kind === 'agent-broke') return message.detail
      const { outcome, ...rest } = message.end
      if (outcome.kind === 'finished' && outcome.result.form === form)
        return { ...rest, result: outcome.result as Extract<AgentResult, { form: Form }> }
      return describeOutcome(outcome)
    }
  }

  async function retryAsked(): Promise<void> {
    for (;;) {
      const message = await run.next()
      if (message.kind !== 'command') continue
      if (message.command.kind === 'budget') run.budgetUsd = message.command.usd
      if (message.command.kind === 'retry' || message.command.kind === 'budget') {
        await run.obeyed(message)
        return
      }
      await run.notNow(message)
    }
  }
}
