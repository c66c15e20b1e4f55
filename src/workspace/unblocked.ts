import { removeSpecialFiles } from './box-user.js'
import { GitError } from './git.js'
import type { TreePlace } from './trees-directory.js'

/**
 * Lets git look at a tree. A named pipe in the place of a `.gitignore` or `.gitattributes` would hold it up forever, so
 * a look that takes long is ended, pipes are removed, and there is one more with all the time it needs.
 */
export async function unblocked<T>(place: TreePlace, look: (timeoutSeconds: number) => Promise<T>): Promise<T> {
  try {
    return await look(5)
  } catch (error) {
    if (!(error instanceof GitError) || !error.timedOut) throw error
    await removeSpecialFiles(place.tree)
    return look(120)
  }
}
