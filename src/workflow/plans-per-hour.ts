import type { Run } from './run.js'

/** Counts a plan that is asked for. Where its issue has had too many of late, it isn't to be made before the returned time. */
export const tooManyPlans = ({ id, input, world }: Run, name: string): Promise<string | null> =>
  world.journal.step(`count ${name}`, () =>
    world.wallet.countPlan({ repository: input.repository.id, issue: input.issue.number, key: `${id}:${name}` }),
  )
