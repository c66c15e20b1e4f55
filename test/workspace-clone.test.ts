import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TransientError } from '../src/ports.js'
import { setUpWorkspaces, token, type WorkspaceSetup } from './support/workspace-setup.js'

let it: WorkspaceSetup
const basic = Buffer.from(`x-access-token:${token}`).toString('base64')

beforeEach(async () => {
  it = await setUpWorkspaces({ 'README.md': '# Shop\n', 'src/a.py': `x = 1\n${'# filler\n'.repeat(2000)}` })
})
afterEach(() => it.stop())

test('a second fetch gets what is new and makes no second clone; contents come when they are read', async () => {
  await it.workspaces.fetch(it.source, 'main')
  const first = await readdir(it.cacheDir)
  expect(blobsHere()).toBe(0)
  const commit = await it.server.commit({ 'src/b.py': 'y = 2\n' })

  expect(await it.workspaces.fetch(it.source, 'main')).toBe(commit)
  expect(await readdir(it.cacheDir)).toEqual(first)
  expect(blobsHere()).toBe(0)
  expect(await it.workspaces.files(it.source, commit)).toContainEqual({ path: 'src/b.py', size: -1 })

  expect(await it.workspaces.read(it.source, commit, 'src/b.py')).toBe('y = 2\n')
  expect(blobsHere()).toBe(1)
  expect(await it.workspaces.files(it.source, commit)).toContainEqual({ path: 'src/b.py', size: 6 })
  expect(await it.workspaces.read(it.source, commit, 'src/none.py')).toBeNull()
  expect(await it.workspaces.read(it.source, commit, '../../etc/passwd')).toBeNull()
})

test('the missing contents of a tree come in one request, and files that are asked for together share one', async () => {
  const files = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`f/${n}.txt`, `content ${n}\n`]))
  const commit = await it.server.commit(files)
  await it.workspaces.fetch(it.source, 'main')

  const before = fetches()
  await Promise.all(Object.keys(files).map(path => it.workspaces.read(it.source, commit, path)))
  expect(fetches() - before).toBeLessThan(10)

  const between = fetches()
  await it.workspaces.open(it.source, 'one', commit)
  await it.workspaces.open(it.source, 'two', commit)
  expect(fetches() - between).toBe(1)
})

test('many files come in one request; what is not there, no text or too large comes as null', async () => {
  const files = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`f/${n}.txt`, `content ${n}\n`]))
  const commit = await it.server.commit({ ...files, 'big.txt': 'x'.repeat(4 * 1024 * 1024 + 1), 'nul.bin': 'a\0b' })
  await it.workspaces.fetch(it.source, 'main')

  const before = fetches()
  const texts = await it.workspaces.readMany(it.source, commit, [
    ...Object.keys(files),
    'big.txt',
    'nul.bin',
    'none.txt',
    '../etc/passwd',
    'f',
  ])
  expect(fetches() - before).toBe(1)
  for (const [path, text] of Object.entries(files)) expect(texts.get(path)).toBe(text)
  for (const path of ['big.txt', 'nul.bin', 'none.txt', '../etc/passwd', 'f']) expect(texts.get(path)).toBeNull()
})

test('a clone that was cut off is finished by the next fetch, as is one whose process died with git’s lock held', async () => {
  it.server.cutAnswers = true
  await it.server.commit({ 'big.txt': randomText() }, 'noise')
  for (let n = 0; n < 30; n++) await it.server.commit({ [`d${n}/x.txt`]: `${n}` })
  await expect(it.workspaces.fetch(it.source, 'main')).rejects.toBeInstanceOf(TransientError)

  it.server.cutAnswers = false
  const head = await it.workspaces.fetch(it.source, 'main')
  expect(await it.workspaces.read(it.source, head, 'README.md')).toBe('# Shop\n')

  const refs = join(it.cacheDir, '7.git', 'refs', 'crew')
  const [ref = ''] = await readdir(refs)
  const lock = join(refs, `${ref}.lock`)
  await writeFile(lock, '')
  await utimes(lock, 1, 1)
  const newer = await it.server.commit({ 'README.md': '# New\n' })
  expect(await it.workspaces.fetch(it.source, 'main')).toBe(newer)

  const draft = join(it.cacheDir, '8.git.99999-0a0a.new')
  await mkdir(draft)
  await utimes(draft, 1, 1)
  await it.another()
  expect((await readdir(it.cacheDir)).filter(name => name.endsWith('.new'))).toEqual([])
})

test('several runs in two processes may clone and fetch at the same moment', async () => {
  const other = await it.another()
  const heads = await Promise.all([it.workspaces, other, it.workspaces, other].map(one => one.fetch(it.source, 'main')))
  expect(new Set(heads).size).toBe(1)
  expect(await readdir(it.cacheDir)).toEqual(['7.git'])
})

test('branches whose names get in each other’s way on disk are both fetched', async () => {
  await it.server.commit({ a: '1' }, 'topic')
  const first = await it.workspaces.fetch(it.source, 'topic')
  it.server.git('checkout', '--quiet', 'main')
  it.server.git('push', '--quiet', '../shop.git', ':topic')
  it.server.git('branch', '-D', 'topic')
  const second = await it.server.commit({ a: '2' }, 'topic/deeper')
  expect(await it.workspaces.fetch(it.source, 'topic/deeper')).toBe(second)
  expect(second).not.toBe(first)
})

test('the token is in no command line, no file, no URL and no error', async () => {
  const seen: string[] = []
  it.server.onRequest = async () => void seen.push(...(await commandLines()))
  const head = await it.workspaces.fetch(it.source, 'main')
  await it.workspaces.open(it.source, 'a', head)
  expect(seen.some(line => line.includes('remote-http'))).toBe(true)
  expect(seen.filter(line => line.includes(token) || line.includes(basic))).toEqual([])
  const found = spawnSync('grep', ['-r', '-l', '-e', token, '-e', basic, it.cacheDir, it.treesDir], {
    encoding: 'utf8',
  })
  expect(found).toMatchObject({ status: 1, stdout: '' })
  expect(it.server.requests.some(({ path }) => path.includes(token))).toBe(false)
})

test('errors say what to do and keep the token to themselves', async () => {
  const refused = await it.another({ tokenFor: () => Promise.resolve('ghs_wrong') })
  const error = await refused.fetch(it.source, 'main').catch((e: unknown) => e)
  expect(String(error)).toMatch(/octo\/shop was not allowed: the token was refused/)
  expect(everything(error)).not.toContain('ghs_wrong')

  await expect(it.workspaces.fetch(it.source, 'none')).rejects.toThrow('octo/shop has no branch "none"')
  await expect(it.workspaces.fetch(it.source, '--upload-pack=touch x')).rejects.toThrow("can't be the name of a branch")
  await expect(it.workspaces.fetch({ ...it.source, url: 'ext::sh -c true' }, 'main')).rejects.toThrow('only https://')
  await expect(it.workspaces.fetch({ ...it.source, url: 'http://me:pw@127.0.0.1/x' }, 'main')).rejects.toThrow(
    'user name',
  )
  const strict = await it.another({ allowHttp: false })
  await expect(strict.fetch(it.source, 'main')).rejects.toThrow('only https://')
  await it.server.stop()
  await expect(it.workspaces.fetch(it.source, 'main')).rejects.toBeInstanceOf(TransientError)
})

test('a commit that was never fetched is asked for by its name', async () => {
  await it.workspaces.fetch(it.source, 'main')
  const commit = await it.server.commit({ 'new.txt': 'new\n' }, 'elsewhere')
  const tree = await it.workspaces.open(it.source, 'elsewhere', commit)
  expect(await tree.read('new.txt')).toEqual({ text: 'new\n' })
})

function blobsHere(): number {
  const objects = execFileSync(
    'git',
    ['--git-dir', join(it.cacheDir, '7.git'), 'cat-file', '--batch-all-objects', '--batch-check'],
    {
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
      },
    },
  )
  return objects.split('\n').filter(line => line.includes(' blob ')).length
}

const fetches = (): number => it.server.requests.filter(({ method, bytes }) => method === 'POST' && bytes > 0).length

async function commandLines(): Promise<string[]> {
  const processes = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const lines = await Promise.all(processes.map(id => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')))
  return lines.map(line => line.replaceAll('\0', ' '))
}

function everything(error: unknown): string {
  return error instanceof Error ? `${error.stack}${JSON.stringify(error)}${everything(error.cause)}` : String(error)
}

const randomText = (): string => Array.from({ length: 5000 }, () => Math.random().toString(36)).join('\n')
