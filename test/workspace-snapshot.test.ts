import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Worktree } from '../src/ports.js'
import type { TreeKeeper } from '../src/ports.js'
import { setUpWorkspaces, type WorkspaceSetup } from './support/workspace-setup.js'

let it: WorkspaceSetup
let head: string
let tree: Worktree
let directory: string
let counter = 0

const attributes =
  '*.txt filter=evil ident eol=crlf\n*.utf16 working-tree-encoding=UTF-16\n*.py -diff diff=evil merge=evil\n'

beforeAll(async () => {
  it = await setUpWorkspaces({
    '.gitattributes': attributes,
    '.gitignore': 'ignored/\n',
    'a.txt': 'one $Id$\ntwo\n',
    'crlf.txt': 'one\r\ntwo\n',
    'b.utf16': 'plain\n',
    'src/x.py': 'x = 1\n',
    'src/y.py': 'y = 1\n',
  })
  // Fresh objects without any attribute at work, plus a link and a submodule.
  symlinkSync('src/x.py', join(it.server.root, 'work/link.py'))
  it.server.git('add', 'link.py')
  it.server.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},vendored`)
  it.server.git('commit', '--quiet', '-m', 'link and submodule')
  it.server.git('push', '--quiet', '../shop.git', 'main')
  head = await it.workspaces.fetch(it.source, 'main')
})
afterAll(() => it.stop())

beforeEach(async () => {
  const key = `key-${++counter}`
  tree = await it.workspaces.open(it.source, key, head)
  directory = join(it.treesDir, readdirSync(it.treesDir).find(name => name.startsWith(`${key}-`)) ?? '', 'tree')
})

const trusting = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' }
const baseTree = (): string => it.server.git('rev-parse', `${head}^{tree}`)
const changed = async (to: string) =>
  (await it.workspaces.changes(it.source, head, to)).map(({ path, status, mode }) => `${status} ${path} ${mode}`)

describe('a snapshot', () => {
  test('of an untouched tree is the tree itself: no attribute of the repository changes a byte', async () => {
    expect(tree.fresh).toBe(true)
    expect(existsSync(join(directory, '.git'))).toBe(false)
    expect(readFileSync(join(directory, 'crlf.txt'), 'utf8')).toBe(
      it.server.git('cat-file', '-p', 'HEAD:crlf.txt') + '\n',
    )
    expect(readFileSync(join(directory, 'b.utf16'), 'utf8')).not.toContain('\0')
    expect(readlinkSync(join(directory, 'link.py'))).toBe('src/x.py')
    expect(await tree.snapshot()).toBe(baseTree())
    expect(tree.refused).toEqual([])
  })

  test('holds edits, new, deleted and executable files, and not the ignored ones', async () => {
    await tree.write('src/x.py', 'x = 2\n')
    await tree.write('new/z.py', 'z = 1\n')
    await tree.write('ignored/junk', 'junk')
    await tree.remove('src/y.py')
    chmodSync(join(directory, 'a.txt'), 0o755)
    const first = await tree.snapshot()
    expect(await changed(first)).toEqual([
      'modified a.txt 100755',
      'added new/z.py 100644',
      'modified src/x.py 100644',
      'deleted src/y.py 100644',
    ])
    expect(await it.workspaces.changes(it.source, head, first)).toContainEqual({
      path: 'src/x.py',
      status: 'modified',
      mode: '100644',
      added: 1,
      deleted: 1,
      content: { text: 'x = 2\n' },
    })
    expect(await it.workspaces.diff(it.source, head, first)).toContain('-x = 1\n+x = 2\n')
    expect(await tree.snapshot()).toBe(first)
  })

  test('sees an edit of the same length in the same second, even one dated back', async () => {
    for (let n = 0; n < 20; n++) {
      await tree.write('src/x.py', `x = ${n % 10}\n`)
      const [change] = await it.workspaces.changes(it.source, head, await tree.snapshot())
      expect(change?.content ?? { text: 'x = 1\n' }).toEqual({ text: `x = ${n % 10}\n` })
    }
    const { mtime } = lstatSync(join(directory, 'src/y.py'))
    await tree.write('src/y.py', 'y = 9\n')
    utimesSync(join(directory, 'src/y.py'), mtime, new Date(mtime.getTime() - 5000))
    expect(await changed(await tree.snapshot())).toContain('modified src/y.py 100644')
  })

  test('forgets a file that a later .gitignore names, but no file of the repository', async () => {
    await tree.write('cache/one', 'x')
    expect(await changed(await tree.snapshot())).toEqual(['added cache/one 100644'])
    await tree.write('.gitignore', 'cache/\nsrc/\n')
    expect(await changed(await tree.snapshot())).toEqual(['modified .gitignore 100644'])
  })

  test('binary files come back byte by byte', async () => {
    writeFileSync(join(directory, 'pixel.bin'), Buffer.from([0, 255, 13, 10]))
    const [change] = await it.workspaces.changes(it.source, head, await tree.snapshot())
    expect(change).toMatchObject({
      path: 'pixel.bin',
      added: 0,
      content: { base64: Buffer.from([0, 255, 13, 10]).toString('base64') },
    })
  })

  test('leaves out, and names, whatever could turn git or GitHub', async () => {
    symlinkSync('/etc/passwd', join(directory, 'evil-link'))
    rmSync(join(directory, 'src/x.py'))
    symlinkSync('/etc/passwd', join(directory, 'src/x.py'))
    mkdirSync(join(directory, '.GIT'))
    writeFileSync(join(directory, '.GIT/config'), '')
    writeFileSync(join(directory, 'git~1'), '')
    writeFileSync(join(directory, 'two\nlines'), '')
    writeFileSync(join(directory, 'suid'), '', { mode: 0o755 })
    chmodSync(join(directory, 'suid'), 0o4755)
    execFileSync('git', ['init', '--quiet', 'inner'], { cwd: directory })
    writeFileSync(join(directory, 'inner/file'), '')
    writeFileSync(join(directory, 'vendored/file'), 'in the submodule')
    await tree.write('fine.txt', 'fine\n')
    expect(await changed(await tree.snapshot())).toEqual(['added fine.txt 100644'])
    expect(Object.fromEntries(tree.refused.map(({ path, why }) => [path, why]))).toEqual({
      'evil-link': 'a symbolic link',
      'src/x.py': 'a symbolic link',
      '.GIT/config': "a name that some systems take for git's own directory",
      'git~1': "a name that some systems take for git's own directory",
      'two\nlines': 'a name with control characters',
      suid: 'a file with the setuid or setgid bit',
      inner: 'a repository of its own',
    })
    expect(it.logged.at(-1)).toContain('evil-link (a symbolic link)')
  })

  test('keeps the submodule and the link of the repository even when their places are emptied', async () => {
    rmSync(join(directory, 'vendored'), { recursive: true })
    expect(await tree.snapshot()).toBe(baseTree())
  })

  test('is not held up by a named pipe in the place of a .gitignore', async () => {
    mkdirSync(join(directory, 'sub'))
    execFileSync('mkfifo', [join(directory, 'sub/.gitignore')])
    writeFileSync(join(directory, 'sub/file'), 'x')
    expect(await changed(await tree.snapshot())).toEqual(['added sub/file 100644'])
  })
})

test('nothing that lies in a tree makes git run anything', async () => {
  const marker = join(it.server.root, 'ran')
  const script = join(directory, 'evil.sh')
  writeFileSync(script, `#!/bin/sh\necho "$0 $*" >> ${marker}\ncat\n`, { mode: 0o755 })
  for (const at of [directory, join(directory, 'vendored'), join(directory, 'src')]) {
    mkdirSync(join(at, '.git/objects'), { recursive: true })
    mkdirSync(join(at, '.git/refs'))
    writeFileSync(join(at, '.git/HEAD'), 'ref: refs/heads/main\n')
    writeFileSync(
      join(at, '.git/config'),
      `[core]\nfsmonitor = ${script}\nhooksPath = ${directory}\npager = ${script}\neditor = ${script}\n` +
        `[filter "evil"]\nclean = ${script}\nsmudge = ${script}\nprocess = ${script}\n` +
        `[diff "evil"]\ncommand = ${script}\ntextconv = ${script}\n[merge "evil"]\ndriver = ${script}\n`,
    )
  }
  // It does run for whoever is less careful: else this test would prove nothing.
  execFileSync('git', ['status'], { cwd: directory, env: { ...process.env, ...trusting }, stdio: 'ignore' })
  expect(existsSync(marker)).toBe(true)
  rmSync(marker)
  for (const hook of ['post-index-change', 'post-checkout', 'reference-transaction', 'pre-commit'])
    execFileSync('cp', [script, join(directory, hook)])
  writeFileSync(join(directory, 'vendored/x'), '')
  await tree.write('src/x.py', 'x = 3\n')
  const theirs = await tree.snapshot()
  await tree.list('**/*.py')
  await tree.search({ pattern: 'x', glob: null, ignoreCase: false, maxLines: 5 })
  await it.workspaces.diff(it.source, head, theirs)
  await tree.write('src/x.py', 'x = 4\n')
  await it.workspaces.replay(it.source, { base: head, theirs, onto: await tree.snapshot() })
  await tree.reset(head)
  expect(existsSync(marker)).toBe(false)
  expect(tree.refused).toContainEqual({ path: '.git', why: 'a git directory' })
})

test('reset puts everything back, whatever was done, and the tree can be worked in again', async () => {
  await tree.write('src/x.py', 'x = 2\n')
  const kept = await tree.snapshot()
  await tree.write('src/x.py', 'x = 3\n')
  await tree.write('src/y.py/not-a-file', '').catch(() => undefined)
  await tree.remove('a.txt')
  rmSync(join(directory, 'src'), { recursive: true })
  symlinkSync('/etc', join(directory, 'src'))
  mkdirSync(join(directory, 'closed'))
  writeFileSync(join(directory, 'closed/file'), '')
  chmodSync(join(directory, 'closed'), 0o555)
  execFileSync('git', ['init', '--quiet', join(directory, 'inner')])
  await tree.snapshot()
  writeFileSync(join(directory, 'untracked'), '')

  await tree.reset(kept)
  expect(readdirSync(directory).sort()).toEqual([
    '.gitattributes',
    '.gitignore',
    'a.txt',
    'b.utf16',
    'crlf.txt',
    'link.py',
    'src',
    'vendored',
  ])
  expect(await tree.snapshot()).toBe(kept)
  expect(await tree.read('src/x.py')).toEqual({ text: 'x = 2\n' })
  await tree.reset(head)
  expect(await tree.snapshot()).toBe(baseTree())
  expect(existsSync('/etc/passwd')).toBe(true)
})

test('the same key is the same directory as it was left, in another process too, until it is discarded', async () => {
  const key = `key-${counter}`
  await tree.write('left.txt', 'left\n')
  const again = await (await it.another()).open(it.source, key, head)
  expect(again.fresh).toBe(false)
  expect(again.base).toBe(head)
  expect(await again.read('left.txt')).toEqual({ text: 'left\n' })
  chmodSync(join(directory, 'src'), 0o500)
  await it.workspaces.discard(key)
  await it.workspaces.discard(key)
  expect(existsSync(directory)).toBe(false)
  expect((await it.workspaces.open(it.source, key, head)).fresh).toBe(true)
})

test('a directory whose filling was interrupted is filled anew', async () => {
  const key = `key-${counter}`
  rmSync(join(directory, '..', 'note.json'))
  rmSync(join(directory, 'a.txt'))
  const again = await it.workspaces.open(it.source, key, head)
  expect(again.fresh).toBe(true)
  expect(await again.snapshot()).toBe(baseTree())
})

test('a directory whose clone was removed is filled anew from the next one', async () => {
  const key = `key-${counter}`
  await tree.write('only-there.txt', 'x')
  rmSync(join(it.cacheDir, '7.git'), { recursive: true })
  expect(await it.workspaces.fetch(it.source, 'main')).toBe(head)
  const again = await it.workspaces.open(it.source, key, head)
  expect(again.fresh).toBe(true)
  expect(await again.snapshot()).toBe(baseTree())
})

test('what was snapshotted is made again where neither its clone nor its directory is left, from what is kept', async () => {
  const kept = new Map<string, { onto: string; pack: Uint8Array }>()
  const keeper: TreeKeeper = {
    keep: async ({ name, onto, pack }) => void kept.set(name, { onto, pack }),
    find: async (_, name) => kept.get(name) ?? null,
  }
  const first = await it.another({ keeper })
  const worked = await first.open(it.source, 'kept', head)
  await worked.write('src/x.py', 'x = 2\n')
  await worked.write('new/deep/file.txt', 'only here\n')
  const done = await worked.snapshot()
  // A later task begins on a tree that is at no GitHub either, and is replayed.
  const later = await first.open(it.source, 'kept too', done)
  await later.write('src/x.py', 'x = 3\n')
  const theirs = await later.snapshot()
  const { tree: replayed } = await first.replay(it.source, { base: done, theirs, onto: head })
  expect([...kept.keys()]).toEqual(expect.arrayContaining([done, theirs, replayed]))

  await first.discard('kept')
  await first.discard('kept too')
  rmSync(join(it.cacheDir, '7.git'), { recursive: true })
  const second = await it.another({ keeper })
  const found = await second.open(it.source, 'kept too', done)
  expect(found.fresh).toBe(true)
  await found.reset(theirs)
  expect(await found.read('src/x.py')).toEqual({ text: 'x = 3\n' })
  expect(await found.read('new/deep/file.txt')).toEqual({ text: 'only here\n' })
  expect(await found.snapshot()).toBe(theirs)
  expect((await second.changes(it.source, head, replayed)).map(({ path }) => path)).toEqual(['src/x.py'])
  await second.discard('kept too')

  rmSync(join(it.cacheDir, '7.git'), { recursive: true })
  const without = await it.another()
  await expect(without.changes(it.source, head, theirs)).rejects.toThrow(theirs)
})

describe('replaying a change', () => {
  const made = async (files: Record<string, string>): Promise<string> => {
    await tree.reset(head)
    for (const [path, text] of Object.entries(files)) await tree.write(path, text)
    return tree.snapshot()
  }

  test('on a tree that moved elsewhere gives both', async () => {
    const theirs = await made({ 'src/x.py': 'x = 2\n' })
    const onto = await made({ 'src/y.py': 'y = 2\n' })
    const replayed = await it.workspaces.replay(it.source, { base: head, theirs, onto })
    expect(replayed.kind).toBe('clean')
    expect(await changed(replayed.tree)).toEqual(['modified src/x.py 100644', 'modified src/y.py 100644'])
    expect(await it.workspaces.replay(it.source, { base: head, theirs, onto: head })).toEqual({
      kind: 'clean',
      tree: theirs,
    })
  })

  test('of the same line gives a tree with both sides between markers that say whose they are', async () => {
    const theirs = await made({ 'src/x.py': 'x = 2\n', 'own.txt': 'own\n' })
    const onto = await made({ 'src/x.py': 'x = 3\n' })
    const replayed = await it.workspaces.replay(it.source, { base: head, theirs, onto })
    expect(replayed).toMatchObject({ kind: 'conflict', paths: ['src/x.py'] })
    await tree.reset(replayed.tree)
    expect(await tree.read('src/x.py')).toEqual({
      text: '<<<<<<< already-on-the-branch\nx = 3\n=======\nx = 2\n>>>>>>> this-task\n',
    })
    expect(await tree.read('own.txt')).toEqual({ text: 'own\n' })
  })

  test('finds the contents it needs in a process that never opened them', async () => {
    const elsewhere = await setUpWorkspaces({ 'a.txt': 'a\n', 'b.txt': 'b\n' })
    try {
      const base = await elsewhere.workspaces.fetch(elsewhere.source, 'main')
      const onto = await elsewhere.server.commit({ 'a.txt': 'A\n' })
      elsewhere.server.git('checkout', '--quiet', base)
      const theirs = await elsewhere.server.commit({ 'b.txt': 'B\n' }, 'topic')
      await elsewhere.workspaces.fetch(elsewhere.source, 'main')
      await elsewhere.workspaces.fetch(elsewhere.source, 'topic')
      expect(await elsewhere.workspaces.changes(elsewhere.source, base, onto)).toMatchObject([
        { path: 'a.txt', content: { text: 'A\n' } },
      ])
      expect(await elsewhere.workspaces.replay(elsewhere.source, { base, theirs, onto })).toMatchObject({
        kind: 'clean',
      })
    } finally {
      await elsewhere.stop()
    }
  })
})
