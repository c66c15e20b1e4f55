// @ts-check
import { transformFile } from '@swc/core'
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Takes some tenths of a second: types are stripped, not checked. Typed in compile-sources.d.mts. */
export async function compileSources() {
  const directory = await mkdtemp(join(tmpdir(), 'issue-crew-compiled-'))
  for (const folder of ['src', join('test', 'support')]) await compileFolder(folder, directory)
  await cp(join(root, 'package.json'), join(directory, 'package.json'))
  for (const shared of ['node_modules', 'agents']) await symlink(join(root, shared), join(directory, shared))
  return {
    path: (/** @type {string} */ module) => join(directory, module),
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Projects of others, which are copied as they are. */
const examples = join(root, 'src', 'practice', 'examples')

async function compileFolder(/** @type {string} */ folder, /** @type {string} */ directory) {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  await Promise.all(
    files.map(async from => {
      const to = join(directory, relative(root, from))
      await mkdir(dirname(to), { recursive: true })
      if (from.endsWith('.ts') && !from.startsWith(examples))
        await writeFile(to.replace(/\.ts$/, '.js'), await compile(from))
      else await cp(from, to)
    }),
  )
}

async function compile(/** @type {string} */ path) {
  const { code } = await transformFile(path, {
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'es6' },
    sourceMaps: 'inline',
    swcrc: false,
  })
  return code
}
