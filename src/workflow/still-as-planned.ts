import { mayTouch } from '../domain/path-rules.js'
import { crewYmlPath } from '../domain/crew-yml.js'
import { whatChanged } from '../domain/plan-id.js'
import { stackFiles } from '../domain/stack/stack-files.js'
import { agentForm } from '../team/agents/agent-paths.js'
import { readTree, type Look } from './look-at-repository.js'
import type { Proposal } from './propose-plan.js'
import type { Run } from './run.js'

/** What an approval is held against, read again. */
export type Present =
  /** `commit` is the head of the default branch now. */
  | { kind: 'same'; commit: string }
  /** The plan's own comment was edited or deleted. */
  | { kind: 'plan' }
  /** The issue or comments that the plan includes, each in words. */
  | { kind: 'issue'; what: string[] }
  /** Files of the repository. */
  | { kind: 'files'; paths: string[] }
  /** The default branch is gone. */
  | { kind: 'branch' }

/**
 * Reads again, at the approval, what the plan was made from. When the default branch has moved, that matters only where
 * it concerns the plan: what was read or may be touched, the configuration, the agents, the stack.
 */
export async function presentState(run: Run, look: Look, proposal: Proposal, name: string): Promise<Present> {
  return run.world.journal.step(name, async () => {
    const { comments, head, what } = await readAgain(run, look, proposal)
    const posted = comments.find(({ id }) => id === proposal.comment.id)
    if (posted?.body !== proposal.comment.body) return { kind: 'plan' as const }
    if (what.length > 0) return { kind: 'issue' as const, what }
    if (head === null) return { kind: 'branch' as const }
    if (head === look.commit) return { kind: 'same' as const, commit: head }
    const { commit, paths } = await sincePlanned(run, look, proposal)
    return paths.length > 0 ? { kind: 'files' as const, paths } : { kind: 'same' as const, commit }
  })
}

/** What makes an approved plan void before anything was written. */
export type Outdated = Exclude<Present, { kind: 'same' | 'plan' }>

/**
 * Reads again, before the first write, what was approved: hours or days may lie between. Null while it holds. The
 * commits go onto the approved commit, with the plan, the agents and the instructions that were approved with it, so that
 * of the repository only its configuration can be another by then.
 */
export async function outdated(run: Run, look: Look, proposal: Proposal, name: string): Promise<Outdated | null> {
  return run.world.journal.step(name, async () => {
    const { head, what } = await readAgain(run, look, proposal)
    if (what.length > 0) return { kind: 'issue' as const, what }
    if (head === null) return { kind: 'branch' as const }
    if (head === look.commit) return null
    const changed = await changedPaths(run, look)
    return changed.paths.includes(crewYmlPath) ? { kind: 'files' as const, paths: [crewYmlPath] } : null
  })
}

/** The issue and its comments now, the head of the default branch, and which words are others than the plan was made from. */
async function readAgain(run: Run, look: Look, proposal: Proposal) {
  const { issue, comments, head } = await run.world.github.present(look.issue.number, look.facts.defaultBranch)
  const authors = new Map(look.comments.map(({ id, author }) => [id, author]))
  const what = whatChanged(proposal.digests, {
    issue,
    comments: comments.map(({ id, body }) => ({ id, author: authors.get(id) ?? '', body })),
  })
  return { comments, head, what }
}

async function changedPaths(run: Run, look: Look): Promise<{ commit: string; paths: string[] }> {
  const { workspaces } = run.world
  const commit = await workspaces.fetch(look.source, look.facts.defaultBranch)
  const changes = await workspaces.changes(look.source, look.commit, commit)
  return { commit, paths: changes.map(change => change.path) }
}

/** Where the default branch is now, and which of the paths that differ from what the plan was made on concern it. */
async function sincePlanned(run: Run, look: Look, proposal: Proposal): Promise<{ commit: string; paths: string[] }> {
  const { commit, paths } = await changedPaths(run, look)
  const { stack } = await readTree(run, look.source, commit)
  // A manifest changes with every version that somebody raises, the stack mostly not.
  const restacked =
    JSON.stringify(stack) === JSON.stringify(look.stack) ? [] : [...stackFiles(look.stack), ...stackFiles(stack)]
  const concerned = paths.filter(
    path =>
      look.basis.includes(path) ||
      restacked.includes(path) ||
      agentForm(path) !== null ||
      proposal.read.includes(path) ||
      proposal.plan.tasks.some(task => mayTouch(path, task.paths, []) === 'yes'),
  )
  return { commit, paths: concerned }
}
