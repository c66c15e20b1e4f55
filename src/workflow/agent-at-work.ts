import { noCost } from '../domain/usage.js'
import { runAgent, type LoopWorld } from '../team/agent-loop.js'
import type { AgentEnd } from '../team/agent-work.js'
import type { Wallet } from '../ports.js'
import { turnstile } from './turnstile.js'
import { messageOf } from './work.js'
import type { AgentInput, RunMessage } from './world.js'

/** One agent's workflow: it works until it ends, and tells its run so. */
export async function agentAtWork(
  input: AgentInput,
  world: Omit<LoopWorld, 'turnstile'> & { wallet: Wallet },
): Promise<AgentEnd> {
  const { run, work } = input
  const { journal, wallet } = world
  const { id } = journal
  const tell = (message: RunMessage): Promise<void> => journal.send(run, message)
  let cost = noCost
  const settle = (): Promise<void> =>
    journal.step('settle', () =>
      wallet.settle({ agent: id, repository: work.worktree.source.repository, spentUsd: cost.usd }),
    )
  try {
    const end = await runAgent(work, {
      ...world,
      turnstile: turnstile(input, world),
      onWaiting: wait => tell({ kind: 'agent-waits', id, wait }),
      onCost: sum => (cost = sum),
    })
    await settle()
    await tell({ kind: 'agent-ended', id, end })
    return end
  } catch (error) {
    await settle()
    await tell({ kind: 'agent-broke', id, detail: messageOf(error), cost })
    throw error
  }
}
