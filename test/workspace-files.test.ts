import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkedPath } from '../src/workspace/paths.js'
import type { Worktree } from '../src/ports.js'
import { setUpWorkspaces, type WorkspaceSetup } from './support/workspace-setup.js'

let it: WorkspaceSetup
let tree: Worktree
/** The directory itself, as only this test knows it. */
let directory: string

beforeAll(async () => {
  it = await setUpWorkspaces({
    '.gitignore': '*.log\nbuild/\n',
    'README.md': '# Shop\n',
    'app/src/x.py': 'import os\nPRICE = 1\n',
    'app/src/deep/er/y.py': 'price = 2\n',
    'web/a.ts': 'const price = 3\n',
    'web/b.tsx': 'const price = 4\n',
    'run.sh': '#!/bin/sh\n',
  })
  const head = await it.workspaces.fetch(it.source, 'main')
  tree = await it.workspaces.open(it.source, 'octo/shop#1', head)
  directory = join(it.treesDir, readdirSync(it.treesDir).find(name => name.startsWith('octo-')) ?? '', 'tree')
  execFileSync('mkfifo', [join(directory, 'pipe')])
  symlinkSync('/etc', join(directory, 'etc'))
  symlinkSync('/etc/passwd', join(directory, 'passwd'))
  symlinkSync('app/src/x.py', join(directory, 'inner.py'))
  symlinkSync('nowhere', join(directory, 'dangling'))
  symlinkSync('app', join(directory, 'app-link'))
  mkdirSync(join(directory, 'build'))
  writeFileSync(join(directory, 'build/out.py'), 'PRICE = 9\n')
  writeFileSync(join(directory, 'binary.dat'), Buffer.from([1, 0, 2]))
  writeFileSync(join(directory, 'latin.txt'), Buffer.from([0xe4, 0x0a]))
  writeFileSync(join(directory, 'big.txt'), 'x'.repeat(1024 * 1024 + 1))
})
afterAll(() => it.stop())

describe('reading', () => {
  test('a path that is slightly wrong is answered with where such a file is', async () => {
    expect(await tree.read('src/x.py')).toEqual({
      refused: 'src/x.py: no such file. Files with that name: app/src/x.py',
    })
    expect(await tree.read('README.md/x')).toMatchObject({ refused: expect.stringContaining('README.md is a file') })
    expect(await tree.read('nothing.txt')).toEqual({ refused: 'nothing.txt: no such file.' })
  })

  test('a file is found by any harmless spelling of its path, and as the box’s tracebacks name it', async () => {
    for (const path of [
      'app/src/x.py',
      './app//src/x.py',
      'app/other/../src/x.py',
      '/repo/app/src/x.py',
      'app-link/src/x.py',
      'inner.py',
    ])
      expect(await tree.read(path)).toEqual({ text: 'import os\nPRICE = 1\n' })
  })

  test.each([
    ['/etc/passwd', 'absolute'],
    ['C:\\x', 'absolute'],
    ['../x', 'leads out'],
    ['app/../../x', 'leads out'],
    ['etc/passwd', 'a link there leads out'],
    ['passwd', 'a link there leads out'],
    ['dangling', 'a link to something that is not there'],
    ['app', 'a directory'],
    ['.', 'a directory'],
    ['binary.dat', 'binary'],
    ['latin.txt', 'UTF-8'],
    ['big.txt', 'more than 1 MiB'],
    ['pipe', 'not a regular file'],
    ['', 'empty'],
    ['a\nb', 'control characters'],
  ])('%j is refused: %s', async (path, why) => {
    expect(await tree.read(path)).toEqual({ refused: expect.stringContaining(why) })
  })

  test.each([
    '.git',
    '.GIT/config',
    'x/.git/hooks',
    '.git .',
    'git~1',
    'GIT~1/x',
    '.g\u200cit',
    '.git::$INDEX_ALLOCATION',
    'a\\.git',
    '.git\\x',
  ])('%j counts as .git', path => {
    expect(checkedPath(path)).toEqual({ refused: expect.stringContaining("git's own directory") })
  })

  test('neither depth nor a sparse giant holds a reader up', async () => {
    const deep = 'd/'.repeat(150)
    mkdirSync(join(directory, deep), { recursive: true })
    writeFileSync(join(directory, deep, 'end.txt'), 'here\n')
    expect(await tree.read(`${deep}end.txt`)).toEqual({ text: 'here\n' })
    expect(await tree.read('d/'.repeat(450) + 'end.txt')).toMatchObject({ refused: expect.any(String) })
    expect(await tree.read(`${'n'.repeat(300)}/x`)).toMatchObject({ refused: expect.any(String) })
    expect(await tree.write(`${'n'.repeat(300)}/x`, 'x')).toMatchObject({ refused: expect.any(String) })
    writeFileSync(join(directory, 'giant'), '')
    truncateSync(join(directory, 'giant'), 2 ** 40)
    expect(await tree.read('giant')).toEqual({ refused: expect.stringContaining('more than 1 MiB') })
    rmSync(join(directory, 'giant'))
    rmSync(join(directory, 'd'), { recursive: true })
  })

  test('a directory that became a link between two calls leads nowhere', async () => {
    mkdirSync(join(directory, 'was'))
    writeFileSync(join(directory, 'was/passwd'), 'mine\n')
    expect(await tree.read('was/passwd')).toEqual({ text: 'mine\n' })
    rmSync(join(directory, 'was'), { recursive: true })
    symlinkSync('/etc', join(directory, 'was'))
    const out = { refused: expect.stringContaining('leads out') }
    expect(await tree.read('was/passwd')).toEqual(out)
    expect(await tree.write('was/passwd', 'x')).toEqual(out)
    expect(await tree.write('was/new/x', 'x')).toEqual(out)
    expect(await tree.remove('was/passwd')).toEqual(out)
    rmSync(join(directory, 'was'))
  })

  test('.gitignore and its like are files as any other', () => {
    expect(['.gitignore', '.github/x', 'x.git', '.gitattributes'].map(checkedPath)).toEqual([
      '.gitignore',
      '.github/x',
      'x.git',
      '.gitattributes',
    ])
  })
})

describe('writing and removing', () => {
  test('writing makes the directories and keeps the mode; removing takes empty directories along', async () => {
    expect(await tree.write('new/dir/file.txt', 'hi\n')).toBe('ok')
    expect(await tree.read('new/dir/file.txt')).toEqual({ text: 'hi\n' })
    chmodSync(join(directory, 'run.sh'), 0o755)
    expect(await tree.write('run.sh', '#!/bin/sh\nexit 0\n')).toBe('ok')
    expect(statSync(join(directory, 'run.sh')).mode & 0o777).toBe(0o755)
    expect(await tree.remove('new/dir/file.txt')).toBe('ok')
    expect(readdirSync(directory)).not.toContain('new')
    expect(await tree.remove('new/dir/file.txt')).toMatchObject({ refused: expect.stringContaining('no such file') })
    expect(await tree.remove('app')).toMatchObject({ refused: expect.stringContaining('a directory') })
  })

  test('nothing is written outside the tree, through whichever link', async () => {
    const before = readFileSync('/etc/passwd', 'utf8')
    for (const path of [
      'passwd',
      'etc/crew-test',
      'etc/new/crew-test',
      'inner.py',
      'dangling',
      'dangling/x',
      'app',
      '.git/config',
      'pipe',
      'README.md/x',
    ])
      expect({ path, answer: await tree.write(path, 'x') }).toMatchObject({
        path,
        answer: { refused: expect.any(String) },
      })
    expect(readFileSync('/etc/passwd', 'utf8')).toBe(before)
    expect(readdirSync('/etc')).not.toContain('crew-test')
    expect(await tree.remove('etc/passwd')).toMatchObject({ refused: expect.stringContaining('leads out') })
  })
})

describe('listing and searching', () => {
  test.each([
    ['*.py', ['app/src/deep/er/y.py', 'app/src/x.py', 'inner.py']],
    ['app/**/*.py', ['app/src/deep/er/y.py', 'app/src/x.py']],
    ['app/*.py', []],
    ['app', ['app/src/deep/er/y.py', 'app/src/x.py']],
    ['src/', []],
    ['app/src/', ['app/src/deep/er/y.py', 'app/src/x.py']],
    ['*.{ts,tsx}', ['web/a.ts', 'web/b.tsx']],
    [':(exclude)web', []],
  ])('the pattern %s lists %j', async (glob, files) => {
    expect(await tree.list(glob)).toEqual(files)
  })

  test('new files are listed, ignored and deleted ones are not, and no pattern leaves the tree', async () => {
    await tree.write('fresh.py', 'PRICE = 5\n')
    await tree.write('debug.log', 'PRICE = 6\n')
    await tree.remove('web/b.tsx')
    const all = await tree.list(null)
    expect(all).toContain('fresh.py')
    expect(all).not.toContain('debug.log')
    expect(all).not.toContain('build/out.py')
    expect(all).not.toContain('web/b.tsx')
    await tree.remove('fresh.py')
    await tree.write('web/b.tsx', 'const price = 4\n')
    expect(await tree.list('../*')).toMatchObject({ refused: expect.stringContaining('leads out') })
    expect(await tree.list('!*.py')).toMatchObject({ refused: expect.stringContaining('exclude') })
  })

  test('lines that match come as path:line:text, new files included, links not followed', async () => {
    await tree.write('fresh:1.py', 'PRICE = 5\n')
    expect(await search('PRICE = [0-9]')).toEqual({
      lines: ['app/src/x.py:2:PRICE = 1', 'fresh:1.py:1:PRICE = 5'],
      more: false,
    })
    expect(await search('price', { ignoreCase: true, glob: 'web' })).toEqual({
      lines: ['web/a.ts:1:const price = 3', 'web/b.tsx:1:const price = 4'],
      more: false,
    })
    expect(await search('price', { maxLines: 1 })).toEqual({ lines: ['app/src/deep/er/y.py:1:price = 2'], more: true })
    expect(await search('^root:')).toEqual({ lines: [], more: false })
    await tree.remove('fresh:1.py')
  })

  test('a directory that was replaced by a link out of the tree is not searched', async () => {
    await tree.write('sys/passwd', 'in the tree\n')
    await tree.snapshot()
    await tree.remove('sys/passwd')
    symlinkSync('/etc', join(directory, 'sys'))
    expect(await search('^root:')).toEqual({ lines: [], more: false })
    expect(await tree.read('sys/passwd')).toMatchObject({ refused: expect.stringContaining('leads out') })
    await tree.snapshot()
    expect(tree.refused).toContainEqual({ path: 'sys', why: 'a symbolic link' })
    await tree.remove('sys')
  })

  test('a long line is cut, and a pattern that git can’t read is refused in git’s words', async () => {
    await tree.write('long.txt', `needle${'y'.repeat(5000)}\n`)
    const { lines } = (await search('needle')) as { lines: string[] }
    expect(lines[0]).toHaveLength('long.txt:1:'.length + 300 + '… (4706 more)'.length)
    expect(await search('a(b')).toEqual({ refused: expect.stringMatching(/a\(b.*Unmatched \(/s) })
    expect(await search('--open-files-in-pager=touch')).toEqual({ lines: [], more: false })
    await tree.remove('long.txt')
  })
})

function search(pattern: string, more: { ignoreCase?: boolean; glob?: string; maxLines?: number } = {}) {
  return tree.search({ pattern, glob: null, ignoreCase: false, maxLines: 50, ...more })
}
