import { createHash, randomUUID } from 'node:crypto'
import { access, mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { constants, deflate } from 'node:zlib'

import type { GitObject } from './object-reader.js'

const compress = promisify(deflate)

/**
 * Writes an object as git would, loose, and returns its id. Without a process for each object: a tree of many files costs
 * as much as one git. https://git-scm.com/book/en/v2/Git-Internals-Git-Objects#_object_storage
 */
export async function writeObject(gitDir: string, type: GitObject['type'], content: Buffer): Promise<string> {
  const whole = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content])
  const sha = createHash('sha1').update(whole).digest('hex')
  const path = join(gitDir, 'objects', sha.slice(0, 2), sha.slice(2))
  if (await exists(path)) return sha
  await mkdir(dirname(path), { recursive: true })
  // Written beside and moved into place, so that nobody ever reads half an object.
  const draft = join(gitDir, 'objects', `draft-${randomUUID()}`)
  await writeFile(draft, await compress(whole, { level: constants.Z_BEST_SPEED }), { mode: 0o444 })
  await rename(draft, path)
  return sha
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
