import { transformFile } from '@swc/core'
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project compiled into a temporary directory, for tests that need a process of its own (to kill it, mostly). */
export interface CompiledSources {
  /** Path of a compiled module, as in `module('durable/engine.js')`. */
  module(path: string): string
  /** Puts a script beside the compiled sources, which it imports as `./dist/…`; returns its path. */
  script(name: string, text: string): Promise<string>
  remove(): Promise<void>
}

/** Takes about a tenth of a second: types are stripped, not checked. */
export async function compileSources(): Promise<CompiledSources> {
  const directory = await mkdtemp(join(tmpdir(), 'issue-crew-compiled-'))
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
  const sources = await readdir(join(root, 'src'), { recursive: true, withFileTypes: true })
  await Promise.all(
    sources
      .filter(entry => entry.isFile())
      .map(async entry => {
        const from = join(entry.parentPath, entry.name)
        const to = join(directory, 'dist', from.slice(join(root, 'src').length))
        await mkdir(dirname(to), { recursive: true })
        if (entry.name.endsWith('.ts')) await writeFile(to.replace(/\.ts$/, '.js'), await compile(from))
        else await cp(from, to)
      }),
  )
  await cp(join(root, 'package.json'), join(directory, 'package.json'))
  for (const shared of ['node_modules', 'agents']) await symlink(join(root, shared), join(directory, shared))
  return {
    module: path => join(directory, 'dist', path),
    script: async (name, text) => {
      await writeFile(join(directory, name), text)
      return join(directory, name)
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  }
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
