import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RepositoryRef } from '../domain/repository.js'
import type { CloneCache } from './clone-cache.js'
import { git, gitText, objectName, records } from './git.js'
import { ensureDifferences } from './trees.js'

type Replayed = { kind: 'clean'; tree: string } | { kind: 'conflict'; tree: string; paths: string[] }

/**
 * A three-way merge of trees. Git before 2.40 finds the base of `merge-tree --write-tree` only through history, so
 * three throw-away commits give it one. They are named in a git directory of their own, which borrows the clone's
 * objects: the markers then say whose side is whose, and the clone's refs stay as they are.
 */
export async function replayChange(
  cache: CloneCache,
  repository: RepositoryRef,
  change: { base: string; theirs: string; onto: string },
): Promise<Replayed> {
  const clone = cache.directory(repository)
  const names = [change.base, change.theirs, change.onto].map(name => `${objectName(name)}^{tree}`)
  const peeled = (await gitText({ gitDir: clone, args: ['rev-parse', ...names] })).split('\n')
  const [base = '', theirs = '', onto = ''] = peeled
  if (onto === base || onto === theirs) return { kind: 'clean', tree: theirs }
  if (theirs === base) return { kind: 'clean', tree: onto }
  await ensureDifferences(cache, repository, base, theirs)
  await ensureDifferences(cache, repository, base, onto)

  const gitDir = await mkdtemp(join(tmpdir(), 'crew-replay-'))
  try {
    await mkdir(join(gitDir, 'refs', 'heads'), { recursive: true })
    await writeFile(join(gitDir, 'HEAD'), 'ref: refs/heads/none\n')
    const env = { GIT_OBJECT_DIRECTORY: join(clone, 'objects'), ...nobody }
    const commit = (tree: string, ...parents: string[]): Promise<string> =>
      gitText({
        gitDir,
        env,
        args: ['commit-tree', tree, ...parents.flatMap(parent => ['-p', parent]), '-m', 'replay'],
      })
    const root = await commit(base)
    const [branch, task] = await Promise.all([commit(onto, root), commit(theirs, root)])
    await Promise.all([
      writeFile(join(gitDir, 'refs', 'heads', ours), branch + '\n'),
      writeFile(join(gitDir, 'refs', 'heads', yours), task + '\n'),
    ])
    const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', ours, yours]
    const { code, stdout } = await git({ gitDir, env, args, expect: [0, 1] })
    const [tree = '', ...paths] = records(stdout)
    return code === 0 ? { kind: 'clean', tree } : { kind: 'conflict', tree, paths: paths.filter(path => path !== '') }
  } finally {
    await rm(gitDir, { recursive: true, force: true })
  }
}

/** What stands at the conflict markers. */
const ours = 'already-on-the-branch'
const yours = 'this-task'

const nobody = {
  GIT_AUTHOR_NAME: 'crew',
  GIT_AUTHOR_EMAIL: 'crew@localhost',
  GIT_AUTHOR_DATE: '@0 +0000',
  GIT_COMMITTER_NAME: 'crew',
  GIT_COMMITTER_EMAIL: 'crew@localhost',
  GIT_COMMITTER_DATE: '@0 +0000',
}
