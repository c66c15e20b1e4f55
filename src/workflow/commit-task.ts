import { mayTouch } from '../domain/path-rules.js'
import type { PlanTask } from '../domain/plan.js'
import { commitMessage } from '../domain/say/commit-message.js'
import type { FileChange, TreeChange } from '../ports.js'
import type { Approved, BranchState, Committed } from './approved.js'
import type { Look } from './look-at-repository.js'
import type { Run } from './run.js'
import type { Ended } from './task-board.js'

export type CommitOutcome =
  | { kind: 'committed'; commit: Committed; branch: BranchState }
  | { kind: 'unchanged'; branch: BranchState }
  /** Changes that neither the plan nor an approver allowed; nothing was committed. */
  | { kind: 'outside'; paths: string[] }
  /** Another task's commit changed the same lines; `tree` holds both sides between markers. */
  | { kind: 'conflict'; paths: string[]; tree: string }
  /** The branch isn't where the App left it. */
  | { kind: 'moved-by-others' }

/**
 * Puts what one specialist did on the branch, as one commit made through the Git Data API.
 *
 * What it changed since `base` is replayed on the branch's tree where another commit came in between. The tree that
 * GitHub makes must be the very tree that was computed here.
 */
export async function commitTask(
  run: Run,
  look: Look,
  given: {
    task: PlanTask
    approved: Approved
    branch: BranchState
    ended: Ended
    allowed: boolean
  },
): Promise<CommitOutcome> {
  const { journal, workspaces, github } = run.world
  const { repository } = look.source
  const { task, approved, branch, ended } = given
  const { base, report } = ended
  const theirs = ended.end.tree
  const name = `task ${task.number}`

  const prepared = await journal.step(`replay of ${name}`, async () => {
    const replayed =
      base === branch.tree
        ? { kind: 'clean' as const, tree: theirs }
        : await workspaces.replay(repository, { base, theirs, onto: branch.tree })
    if (replayed.kind === 'conflict') return replayed
    const files = (await workspaces.changes(repository, branch.tree, replayed.tree)).map(
      ({ path, status, added, deleted }) => ({ path, status, added, deleted }),
    )
    return { ...replayed, files }
  })
  if (prepared.kind === 'conflict') return { kind: 'conflict', paths: prepared.paths, tree: prepared.tree }
  const { tree, files } = prepared
  if (files.length === 0) return { kind: 'unchanged', branch }
  const outside = files
    .map(file => file.path)
    .filter(path => mayTouch(path, task.paths, look.config.protected_paths) !== 'yes')
  if (outside.length > 0 && !given.allowed) return { kind: 'outside', paths: outside }

  const made = await journal.step(`tree of ${name}`, async () =>
    github.createTree(branch.tree, asTreeChanges(await workspaces.changes(repository, branch.tree, tree))),
  )
  if (made !== tree)
    throw new Error(
      `GitHub made tree ${made} of task ${task.number} where ${tree} was expected: its commit would not hold what the specialist did`,
    )
  const message = commitMessage({
    task,
    of: approved.plan.tasks.length,
    planId: approved.plan.id,
    run: run.id,
    approvedBy: approved.by,
    report,
    issue: look.issue.number,
  })
  const sha = await journal.step(`commit of ${name}`, () =>
    github.createCommit({ message, tree, parents: [branch.head] }),
  )
  const moved = await journal.effect(`branch to ${name}`, {
    find: async () => ((await github.head(branch.name)) === sha ? ('moved' as const) : null),
    create: async () => {
      if (branch.head !== branch.base) return github.moveBranch(branch.name, sha)
      return github.createBranch(branch.name, sha)
    },
  })
  if (moved === 'moved-by-others') return { kind: 'moved-by-others' }
  return { kind: 'committed', commit: { sha, files }, branch: { ...branch, head: sha, tree } }
}

function asTreeChanges(changes: FileChange[]): TreeChange[] {
  return changes.map(({ path, mode, content }) => ({ path, mode: mode === '100755' ? '100755' : '100644', content }))
}
