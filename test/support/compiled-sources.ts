import { transformFile } from '@swc/core'
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project compiled into a temporary directory, for tests that need a process of its own (to kill it, mostly). */
export interface CompiledSources {
  /** Path of a compiled module, as in `path('src/durable/engine.js')` or `path('test/support/durable-worker.js')`. */
  path(module: string): string
  remove(): Promise<void>
}

/** Takes some tenths of a second: types are stripped, not checked. */
export async function compileSources(): Promise<CompiledSources> {
  const directory = await mkdtemp(join(tmpdir(), 'issue-crew-compiled-'))
  for (const folder of ['src', join('test', 'support')]) await compileFolder(folder, directory)
  await cp(join(root, 'package.json'), join(directory, 'package.json'))
  for (const shared of ['node_modules', 'agents']) await symlink(join(root, shared), join(directory, shared))
  return {
    path: module => join(directory, module),
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** Projects of others, which are copied as they are. */
const examples = join(root, 'src', 'practice', 'examples')

async function compileFolder(folder: string, directory: string): Promise<void> {
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

async function compile(path: string): Promise<string> {
  const { code } = await transformFile(path, {
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'es6' },
    sourceMaps: 'inline',
    swcrc: false,
  })
  return code
}
