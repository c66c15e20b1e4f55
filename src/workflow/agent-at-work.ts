import { noCost } from '../domain/usage.js'
import { runAgent, type LoopWorld } from '../team/agent-loop.js'
import type { AgentEnd } from '../team/agent-work.js'
import { messageOf } from './work.js'
import type { AgentInput, RunMessage } from './world.js'

/** One agent's workflow: it works until it ends, and tells its run so. */
export async function agentAtWork({ run, work }: AgentInput, world: LoopWorld): Promise<AgentEnd> {
  const { journal } = world
  const { id } = journal
  const tell = (message: RunMessage): Promise<void> => journal.send(run, message)
  let cost = noCost
  try {
    const end = await runAgent(work, {
      ...world,
      onWaiting: detail => tell({ kind: 'agent-waits', id, detail }),
      onCost: sum => (cost = sum),
    })
    await tell({ kind: 'agent-ended', id, end })
    return end
  } catch (error) {
    await tell({ kind: 'agent-broke', id, detail: messageOf(error), cost })
    throw error
  }
}
