import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { CompiledSources } from '../../scripts/compile-sources.mjs'

/** A version of the App that was kept (scripts/keep-version.mjs), with the dependencies of the present one. */
export interface PreviousVersion extends CompiledSources {
  /** For people: `0.1.0 (84a9e64e2e)`. */
  name: string
}

export async function unpackPreviousVersion(): Promise<PreviousVersion> {
  const directory = await mkdtemp(join(tmpdir(), 'issue-crew-previous-'))
  await promisify(execFile)('tar', ['-xzf', join(kept, 'code.tar.gz'), '-C', directory])
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'))
  const { version, commit } = JSON.parse(await readFile(join(kept, 'version.json'), 'utf8')) as Record<string, string>
  return {
    name: `${version} (${commit?.slice(0, 10)})`,
    path: module => join(directory, module),
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const kept = join(root, 'test', 'fixtures', 'previous-version')
