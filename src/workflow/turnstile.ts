import type { NotYet } from '../domain/wait.js'
import type { Journal, Wallet } from '../ports.js'
import type { LoopWorld } from '../team/agent-loop.js'
import { workflows, type AgentInput, type AgentMessage, type AlarmInput, type RunMessage } from './world.js'

/**
 * Lets an agent's calls through one by one, as the wallet allows. An agent that has to wait listens, which costs
 * nothing: its run tells it to go on when a person says so, when another run has left its place, or when the alarm rings.
 */
export function turnstile(
  { run, work, repositoryUsdPerDay }: AgentInput,
  { journal, wallet }: { journal: Journal; wallet: Wallet },
): NonNullable<LoopWorld['turnstile']> {
  const { repository } = work.worktree.source
  let alarms = 0
  return {
    permit: ({ spentUsd, usd }) =>
      wallet.hold({ agent: journal.id, run, repository, repositoryUsdPerDay, spentUsd, usd }),

    async pass(notYet) {
      const alarm: AlarmInput = { run, inMs: patienceMs(notYet) }
      await journal.start(workflows.alarm, `alarm:${journal.id}:${++alarms}`, alarm)
      await journal.receive<AgentMessage>()
    },
  }
}

/** Somewhat beyond midnight, as clocks differ. A place is looked for now and then, too: a run may die without a word. */
const patienceMs = (notYet: NotYet): number => (notYet.for === 'day' ? notYet.renewsInMs + 5_000 : 10 * 60_000)

/** Tells a run, after a while, that what its agents wait for may have come. */
export async function ringAlarm({ run, inMs }: AlarmInput, journal: Journal): Promise<void> {
  await journal.sleep(inMs)
  await journal.send(run, { kind: 'go-on' } satisfies RunMessage)
}
