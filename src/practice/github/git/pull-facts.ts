import type { GitRepository } from './repository.js'
import { EMPTY_TREE, type FileDiff } from './diff.js'

/** What git knows of a pull request between two commits. */
export interface PullFacts {
  commits: number
  additions: number
  deletions: number
  files: number
  mergeable: boolean | null
}

/** Commits never change, so what was found once for two of them is kept. */
export function pullFacts(git: GitRepository, base: string, head: string): Promise<PullFacts> {
  const known = FACTS.get(git) ?? new Map<string, Promise<PullFacts>>()
  FACTS.set(git, known)
  const key = `${base}..${head}`
  const facts = known.get(key) ?? computeFacts(git, base, head)
  known.set(key, facts)
  facts.catch(() => known.delete(key))
  return facts
}

const FACTS = new WeakMap<GitRepository, Map<string, Promise<PullFacts>>>()

async function computeFacts(git: GitRepository, base: string, head: string): Promise<PullFacts> {
  const [files, commits, mergeable] = await Promise.all([
    pullFiles(git, base, head),
    git.log(head, { from: base }),
    git.mergesCleanly(base, head),
  ])
  return {
    commits: commits.length,
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    files: files.length,
    mergeable,
  }
}

/** Files of a pull request: what changed since its branch left the base. */
export async function pullFiles(git: GitRepository, base: string, head: string): Promise<FileDiff[]> {
  return git.diff(await forkPoint(git, base, head), head)
}

/** Where the two parted; the empty tree when they have nothing in common. */
export const forkPoint = async (git: GitRepository, base: string, head: string): Promise<string> =>
  (await git.mergeBase(base, head)) ?? EMPTY_TREE
