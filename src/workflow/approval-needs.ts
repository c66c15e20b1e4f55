import { approvalNeeds, type ApprovalNeeds } from '../domain/approval.js'
import { ownersOfGlobs, parseCodeOwners } from '../domain/code-owners.js'
import { pathsOf, type Plan } from '../domain/plan.js'
import type { Look } from './look-at-repository.js'
import type { Run } from './run.js'

/** Who must approve a plan; where that are the owners of its paths, they are looked up at the commit that it was made on. */
export async function needsOf(run: Run, look: Look, plan: Plan): Promise<ApprovalNeeds> {
  const { journal, workspaces } = run.world
  const { approval } = look.config
  const author = look.issue.author.login
  if (!approval.code_owners) return approvalNeeds(approval, { author, owners: [] })
  const owners = await journal.step(`owners of plan ${plan.version}`, async () => {
    const files = (await workspaces.files(look.source, look.commit)).map(file => file.path)
    return ownersOfGlobs(pathsOf(plan.tasks), parseCodeOwners(look.codeOwners ?? ''), files)
  })
  return approvalNeeds(approval, { author, owners })
}

/** Said in the plan where the configuration counts on owners whom nobody named. */
export function nobodysPaths({ config, codeOwners }: Look, { owners }: ApprovalNeeds): string[] {
  if (!config.approval.code_owners || owners.length > 0) return []
  return [
    codeOwners === null
      ? 'There is no CODEOWNERS file, so that no owner must approve.'
      : 'No path of this plan has a code owner.',
  ]
}
