// @ts-check
/**
 * Keeps a version of the App for test/faults/story-upgrade.test.ts, which starts runs on it and finishes them on the
 * present one: `node scripts/keep-version.mjs COMMIT`, at each release, with the commit of that release. What is kept is
 * what `issue-crew start` needs of that commit, compiled, in test/fixtures/previous-version, with the commit beside it.
 */
import { transformFileSync } from '@swc/core'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const to = join(root, 'test', 'fixtures', 'previous-version')
const given = process.argv[2]
if (given === undefined) {
  console.error('Which commit? node scripts/keep-version.mjs COMMIT')
  process.exit(2)
}

/** @param {string[]} args */
const git = (...args) => execFileSync('git', args, { cwd: root, maxBuffer: 256 * 1024 * 1024 })
const commit = git('rev-parse', '--verify', `${given}^{commit}`).toString().trim()
const folder = mkdtempSync(join(tmpdir(), 'issue-crew-version-'))
try {
  const parts = ['src', 'agents', 'package.json']
  execFileSync('tar', ['-x', '-C', folder], { input: git('archive', commit, ...parts) })
  // No part of the App.
  for (const other of ['practice', 'cli/bench']) rmSync(join(folder, 'src', other), { recursive: true, force: true })
  for (const entry of readdirSync(join(folder, 'src'), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isFile() || !path.endsWith('.ts')) continue
    const { code } = transformFileSync(path, {
      jsc: { target: 'es2022', parser: { syntax: 'typescript' }, minify: { compress: false, mangle: false } },
      minify: true,
      module: { type: 'es6' },
      swcrc: false,
    })
    writeFileSync(path, code)
    renameSync(path, path.replace(/\.ts$/, '.js'))
  }
  const archive = join(to, 'code.tar.gz')
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  // The same commit gives the same bytes.
  const plain = ['--sort=name', '--mtime=2000-01-01', '--owner=0', '--group=0', '--numeric-owner', '-c']
  const tar = execFileSync('tar', [...plain, '-C', folder, ...parts], { maxBuffer: 256 * 1024 * 1024 })
  writeFileSync(archive, execFileSync('gzip', ['-9n'], { input: tar, maxBuffer: 256 * 1024 * 1024 }))
  writeFileSync(join(to, 'version.json'), `${JSON.stringify({ version, commit }, null, 2)}\n`)
  console.log(`Kept version ${version} (${commit.slice(0, 10)}) in ${statSync(archive).size} bytes`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
