import type { RepositoryRef } from '../domain/repository.js'
import type { TreeKeeper } from '../ports.js'
import { git, objectName } from './git.js'

/** Larger packs, bytes, are not kept: such work can only go on where it was begun. */
const largestPack = 64 * 1024 * 1024

/** Lets `tree` be made again from `onto`, which is at GitHub or kept itself, wherever the clone that holds it is lost. */
export async function keepTree(
  keeper: TreeKeeper,
  gitDir: string,
  { repository, tree, onto }: { repository: RepositoryRef; tree: string; onto: string },
): Promise<void> {
  if (tree === onto) return
  const { stdout: pack } = await git({
    gitDir,
    // What the rest of the tree holds needn't be here: it is not packed.
    args: ['pack-objects', '--revs', '--stdout', '--quiet', '--missing=allow-any'],
    input: `${objectName(tree)}\n^${objectName(onto)}\n`,
  })
  if (pack.length <= largestPack) await keeper.keep({ name: tree, repository, onto, pack })
}

/** Puts what was packed into a clone, which must have what it was packed onto. */
export async function unpackTree(gitDir: string, pack: Uint8Array): Promise<void> {
  await git({ gitDir, args: ['unpack-objects', '-q'], input: pack })
}
