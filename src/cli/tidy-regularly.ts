import type { Logger } from '../log.js'
import type { Engine } from '../ports.js'
import { lookRegularly } from '../reconcile/look-regularly.js'
import type { AgentInput } from '../workflow/world.js'

/** Tidies this machine's disk soon after the start and then every hour; what agents under way work in is in use. */
export function tidyRegularly(options: {
  list: Engine['list']
  tidy: (inUse: { keys: string[] }) => Promise<void>
  log: Logger
}): { stop(): Promise<void> } {
  const { list, tidy, log } = options
  const tidyNow = async (): Promise<void> => {
    const agents = await list('agent:', 'active')
    await tidy({ keys: agents.map(({ input }) => (input as AgentInput).work.worktree.key) })
  }
  return lookRegularly(
    () => tidyNow().catch((error: unknown) => log.warn({ err: error }, 'The disk could not be tidied')),
    60,
  )
}
