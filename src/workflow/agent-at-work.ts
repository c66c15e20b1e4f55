import { runAgent, type LoopEvent } from '../team/agent-loop.js'
import type { AgentEnd } from '../team/agent-work.js'
import type { Journal, Model, Workspaces } from '../ports.js'
import type { AgentInput, RunMessage } from './world.js'

/** One agent's workflow: it works until it ends, and tells its run so. */
export async function agentAtWork(
  { run, work }: AgentInput,
  world: { journal: Journal; model: Model; workspaces: Workspaces; observe?: (event: LoopEvent) => void },
): Promise<AgentEnd> {
  const { journal } = world
  const tell = (message: RunMessage): Promise<void> => journal.send(run, message)
  try {
    const end = await runAgent(work, {
      ...world,
      onWaiting: detail => tell({ kind: 'agent-waits', id: journal.id, detail }),
    })
    await tell({ kind: 'agent-ended', id: journal.id, end })
    return end
  } catch (error) {
    await tell({ kind: 'agent-broke', id: journal.id, detail: error instanceof Error ? error.message : String(error) })
    throw error
  }
}
