import { namesNotFound, type Unfound } from '../domain/asked-names.js'
import type { BranchState, Delivered } from './approved.js'
import type { Look } from './look-at-repository.js'
import type { Run } from './run.js'

/** Names that the tasks' briefs ask for, looked for in what the branch changed and in the reports. */
export async function unfoundNames(
  run: Run,
  look: Look,
  { delivered, branch }: { delivered: Delivered[]; branch: BranchState },
): Promise<Unfound[]> {
  const { journal, workspaces } = run.world
  return journal.step('names that were asked for', async () => {
    const changes = await workspaces.changes(look.source, branch.base, branch.tree)
    const files = await workspaces.files(look.source, branch.base)
    return namesNotFound(
      delivered.map(({ task }) => task),
      {
        reports: delivered.map(({ report }) => report),
        texts: changes.flatMap(({ content }) => (content && 'text' in content ? [content.text] : [])),
        paths: [...files, ...changes].map(({ path }) => path),
      },
    )
  })
}
