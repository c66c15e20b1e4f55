import { setTimeout as wait } from 'node:timers/promises'
import { addedSecrets, type ChangedText } from '../domain/added-secrets.js'
import { leavesMarkers } from '../domain/conflict-markers.js'
import { mayTouch } from '../domain/path-rules.js'
import type { PlanTask } from '../domain/plan.js'
import type { SecretFinding } from '../domain/secret.js'
import { commitMessage } from '../domain/say/commit-message.js'
import { needsBefore, sensitiveChanges, type SensitiveChange } from '../domain/sensitive-changes.js'
import { GitHubRefusal, type FileChange, type TreeChange } from '../ports.js'
import type { Approved, BranchState, Committed } from './approved.js'
import type { Look } from './look-at-repository.js'
import type { Run } from './run.js'
import { outdated, type Outdated } from './still-as-planned.js'
import type { Ended } from './task-board.js'

export type CommitOutcome =
  | { kind: 'committed'; commit: Committed; branch: BranchState }
  | { kind: 'unchanged'; branch: BranchState }
  /** Changes that neither the plan nor an approver allowed; nothing was committed. */
  | { kind: 'outside'; paths: string[] }
  /** Another task's commit changed the same lines; `tree` holds both sides between markers. */
  | { kind: 'conflict'; paths: string[]; tree: string }
  /** It was to settle a conflict, and markers still stand in these files; nothing was committed. */
  | { kind: 'unsettled'; paths: string[] }
  /** It would put a secret on the branch, or what looks like one; nothing was committed. */
  | { kind: 'secrets'; findings: SecretFinding[] }
  /** Nothing was written yet, and what was approved is no longer what there is. */
  | { kind: 'outdated'; changed: Outdated }
  /** The branch isn't where the App left it. */
  | { kind: 'moved-by-others' }

/**
 * Puts what one specialist did on the branch, as one commit made through the Git Data API.
 *
 * Before the first of them, which makes the branch, the issue, its comments and the repository must be what was approved:
 * days may lie between. What it changed since `base` is replayed on the branch's tree where another commit came in between. The tree that
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
  const { task, approved, branch, ended } = given
  const { base, report } = ended
  const theirs = ended.end.tree
  const name = `task ${task.number}`

  const prepared = await journal.step(`replay of ${name}`, async () => {
    const replayed =
      base === branch.tree
        ? { kind: 'clean' as const, tree: theirs }
        : await workspaces.replay(look.source, { base, theirs, onto: branch.tree })
    if (replayed.kind === 'conflict') return replayed
    const changes = await workspaces.changes(look.source, branch.tree, replayed.tree)
    const files = changes.map(({ path, status, added, deleted }) => ({ path, status, added, deleted }))
    const unsettled = ended.conflicts.length > 0 ? await markersIn(changes) : []
    const secrets = await addedSecrets(changes.flatMap(textOf), run.world.secrets, () => textsBefore(changes))
    return { ...replayed, files, unsettled, secrets, sensitive: await sensitiveOf(changes) }
  })
  if (prepared.kind === 'conflict') return { kind: 'conflict', paths: prepared.paths, tree: prepared.tree }
  const { tree, files, unsettled, secrets, sensitive } = prepared
  if (files.length === 0) return { kind: 'unchanged', branch }
  if (unsettled.length > 0) return { kind: 'unsettled', paths: unsettled }
  const verdicts = files.map(({ path }) => ({ path, may: mayTouch(path, task.paths, look.config.protected_paths) }))
  const outside = verdicts.filter(({ may }) => may === 'never' || (may !== 'yes' && !given.allowed))
  // First, because an approval of the paths must not lead to this.
  if (secrets.length > 0) return { kind: 'secrets', findings: secrets }
  if (outside.length > 0) return { kind: 'outside', paths: outside.map(({ path }) => path) }

  if (branch.head === branch.base) {
    const changed = await outdated(run, look, approved.proposal, `read again before ${name}`)
    if (changed) return { kind: 'outdated', changed }
  }
  const made = await journal.step(`tree of ${name}`, async () =>
    github.createTree(branch.tree, asTreeChanges(await workspaces.changes(look.source, branch.tree, tree))),
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
    create: () => move(sha),
  })
  if (moved === 'moved-by-others') return { kind: 'moved-by-others' }
  return { kind: 'committed', commit: { sha, files, sensitive }, branch: { ...branch, head: sha, tree } }

  async function sensitiveOf(changes: FileChange[]): Promise<SensitiveChange[]> {
    const texts = changes.map(({ path, content }) => ({
      path,
      after: content && 'text' in content ? content.text : null,
    }))
    const wanted = texts.filter(({ path, after }) => needsBefore(path, after)).map(({ path }) => path)
    const before = await workspaces.readMany(look.source, branch.tree, wanted)
    return sensitiveChanges(texts.map(({ path, after }) => ({ path, before: before.get(path) ?? null, after })))
  }

  async function markersIn(changes: FileChange[]): Promise<string[]> {
    const left: string[] = []
    for (const { path, content } of changes) {
      if (!content || !('text' in content)) continue
      if (leavesMarkers(content.text, await workspaces.read(look.source, branch.tree, path))) left.push(path)
    }
    return left
  }

  async function textsBefore(changes: FileChange[]): Promise<string[]> {
    const paths = changes.filter(({ status }) => status !== 'added').map(({ path }) => path)
    const texts = await workspaces.readMany(look.source, branch.tree, paths)
    return [...texts.values()].filter(text => text !== null)
  }

  /** GitHub takes any fast-forward, also one over a branch that was set back or is gone; the App does not. */
  async function move(sha: string): Promise<'moved' | 'moved-by-others'> {
    if (branch.head !== branch.base)
      return (await isAt(branch.head)) ? github.moveBranch(branch.name, sha) : 'moved-by-others'
    try {
      await github.createBranch(branch.name, sha)
      return 'moved'
    } catch (error) {
      if (!(error instanceof GitHubRefusal && error.kind === 'exists')) throw error
      return (await isAt(sha)) ? 'moved' : 'moved-by-others'
    }
  }

  /** GitHub may lag behind its own writes for a moment, so that another answer than the expected one is asked for twice. */
  async function isAt(sha: string): Promise<boolean> {
    if ((await github.head(branch.name)) === sha) return true
    await wait(1500)
    return (await github.head(branch.name)) === sha
  }
}

/** What a change brings, to look through; bytes that are no text come as one character each. */
function textOf({ path, content }: FileChange): ChangedText[] {
  if (content === null) return []
  if ('text' in content) return [{ path, text: content.text, binary: false }]
  return [{ path, text: Buffer.from(content.base64, 'base64').toString('latin1'), binary: true }]
}

function asTreeChanges(changes: FileChange[]): TreeChange[] {
  return changes.map(({ path, mode, content }) => ({ path, mode: mode === '100755' ? '100755' : '100644', content }))
}
