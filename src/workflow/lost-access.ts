import type { CrewEvent } from '../domain/event.js'
import type { Engine, Journal } from '../ports.js'
import type { RunInput, RunMessage } from './world.js'

/** Tells the runs under way of an installation, or of some of its repositories, that the App may not work there any more. */
export async function tellOfLostAccess(
  event: Extract<CrewEvent, { kind: 'access-lost' }>,
  { journal, list }: { journal: Journal; list: Engine['list'] },
): Promise<void> {
  const { installationId, repositories, why, by } = event
  const concerned = await journal.step('find the runs', async () => {
    const runs = await list('run:', 'active')
    return runs
      .filter(({ input }) => {
        const { repository } = input as RunInput
        if (repositories) return repositories.includes(repository.id)
        return repository.installationId === installationId
      })
      .map(({ id }) => id)
  })
  const message: RunMessage = { kind: 'access-lost', why, by }
  for (const run of concerned) await journal.send(run, message)
}
