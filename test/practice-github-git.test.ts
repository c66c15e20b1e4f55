import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Octokit } from '@octokit/rest'

import { openSetting, refusal, writeFiles, type Setting } from './support/practice-github-setting.js'

let setting: Setting
let installationId: number
let gitDir: string
let app: Octokit
let scratch: string
const shop = { owner: 'acme', repo: 'shop' }

beforeAll(async () => {
  setting = await openSetting()
  scratch = await mkdtemp(join(tmpdir(), 'practice-clones-'))
  const directory = await writeFiles(`${setting.directory}/shop`, {
    'README.md': '# Shop\n',
    'src/a.py': 'a = 1\n',
    'src/b.py': 'b = 1\n',
    'docs/deep/c.md': 'c\n',
  })
  const { github } = setting
  const created = await github.createRepository({ owner: 'acme', name: 'shop', from: { directory }, private: true })
  installationId = created.installationId
  gitDir = created.gitDir
  app = await setting.asInstallation(installationId)
})

afterAll(async () => {
  const { violations } = setting.github
  await setting.close()
  await rm(scratch, { recursive: true, force: true })
  expect(violations).toEqual([])
})

const run = promisify(execFile)
const git = async (...args: string[]): Promise<string> => {
  const env = { PATH: process.env['PATH'], HOME: scratch, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' }
  const identity = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com']
  const { stdout } = await run('git', [...identity, ...args], { env: env as NodeJS.ProcessEnv })
  return stdout.trim()
}

const withToken = (token: string): string => setting.github.url.replace('://', `://x-access-token:${token}@`)

const head = async (branch = 'main'): Promise<string> =>
  (await app.rest.git.getRef({ ...shop, ref: `heads/${branch}` })).data.object.sha

/** A commit on top of `parent` that holds these changes; null deletes. Returns its id. */
async function commitOnto(parent: string, files: Record<string, string | null>, message = 'Change'): Promise<string> {
  const tree = await app.rest.git.createTree({
    ...shop,
    base_tree: parent,
    tree: Object.entries(files).map(([path, content]) => ({
      path,
      mode: '100644' as const,
      type: 'blob' as const,
      ...(content === null ? { sha: null } : { content }),
    })),
  })
  const commit = await app.rest.git.createCommit({ ...shop, message, tree: tree.data.sha, parents: [parent] })
  return commit.data.sha
}

test('a blobless bare clone needs the token, and gets its files later', async () => {
  await expect(git('clone', '--bare', `${setting.github.url}/acme/shop.git`, join(scratch, 'no'))).rejects.toThrow()
  const url = `${withToken(await setting.installationToken(installationId))}/acme/shop.git`
  const clone = join(scratch, 'partial.git')
  await git('clone', '--quiet', '--filter=blob:none', '--bare', url, clone)
  expect(await git('-C', clone, 'rev-list', '--objects', '--missing=print', '--all')).toMatch(/^\?/m)
  expect(await git('-C', clone, 'show', 'main:src/a.py')).toBe('a = 1')
})

test('a person pushes, and it is seen over REST; whoever may not write is turned away', async () => {
  const { github } = setting
  const { token } = github.createUser('ann')
  github.setPermission('acme/shop', 'ann', 'write')
  const clone = join(scratch, 'ann')
  await git('clone', '--quiet', `${withToken(token)}/acme/shop.git`, clone)
  await writeFile(join(clone, 'new.txt'), 'new\n')
  await git('-C', clone, 'checkout', '--quiet', '-b', 'topic')
  await git('-C', clone, 'add', '.')
  await git('-C', clone, 'commit', '--quiet', '-m', 'Add new.txt')
  await git('-C', clone, 'push', '--quiet', 'origin', 'topic')
  expect(await head('topic')).toBe(await git('-C', clone, 'rev-parse', 'HEAD'))

  const narrow = await setting.installationToken(installationId, { permissions: { contents: 'read' } })
  const refused = git('-C', clone, 'push', `${withToken(narrow)}/acme/shop.git`, 'HEAD:refs/heads/forbidden')
  await expect(refused).rejects.toThrow(/403/)
})

test('what the App commits is its own work, signed by GitHub, and no author is made up', async () => {
  const { data: parent } = await app.rest.git.getCommit({ ...shop, commit_sha: await head() })
  const { data: commit } = await app.rest.git.createCommit({
    ...shop,
    message: 'Subject\n\nCrew-Task: 1/2',
    tree: parent.tree.sha,
    parents: [parent.sha],
  })
  expect(commit.author.name).toBe('issue-crew[bot]')
  expect(commit.author.email).toMatch(/^\d+\+issue-crew\[bot\]@users\.noreply\.github\.com$/)
  expect(commit.verification).toMatchObject({ verified: true, reason: 'valid' })
  expect(await git('--git-dir', gitDir, 'show', '-s', '--format=%(trailers:key=Crew-Task,valueonly)', commit.sha)).toBe(
    '1/2',
  )

  const { data: named } = await app.rest.git.createCommit({
    ...shop,
    message: 'By hand',
    tree: parent.tree.sha,
    parents: [parent.sha],
    author: { name: 'Ann', email: 'ann@example.com', date: '2026-01-02T03:04:05Z' },
  })
  expect(named.author).toEqual({ name: 'Ann', email: 'ann@example.com', date: '2026-01-02T03:04:05Z' })
  expect(named.verification.verified).toBe(false)
})

test('a tree is made from another one: files in the request, blobs, deletions, a file where a directory was', async () => {
  const base = await head()
  const blob = await app.rest.git.createBlob({
    ...shop,
    content: Buffer.from([0, 1, 255]).toString('base64'),
    encoding: 'base64',
  })
  const { data: tree } = await app.rest.git.createTree({
    ...shop,
    base_tree: base,
    tree: [
      { path: 'src/a.py', mode: '100755', type: 'blob', content: 'a = 2\n' },
      { path: 'src/b.py', mode: '100644', type: 'blob', sha: null },
      { path: 'logo.bin', mode: '100644', type: 'blob', sha: blob.data.sha },
      { path: 'docs', mode: '100644', type: 'blob', content: 'now a file\n' },
    ],
  })
  expect(await git('--git-dir', gitDir, 'ls-tree', '-r', '--format=%(objectmode) %(path)', tree.sha)).toBe(
    ['100644 README.md', '100644 docs', '100644 logo.bin', '100755 src/a.py'].join('\n'),
  )
  const { data: read } = await app.rest.git.getTree({ ...shop, tree_sha: tree.sha, recursive: '1' })
  expect(read.tree.map(entry => entry.path)).toEqual(['README.md', 'docs', 'logo.bin', 'src', 'src/a.py'])
  await git('--git-dir', gitDir, 'fsck', '--strict')
  const content = await app.rest.git.getBlob({ ...shop, file_sha: blob.data.sha })
  expect(Buffer.from(content.data.content, 'base64')).toEqual(Buffer.from([0, 1, 255]))
})

test.each([
  ['a file that is not there is deleted', { path: 'nothing', sha: null }, 'GitRPC::BadObjectState'],
  ['a path leaves the repository', { path: '../x', content: '' }, 'tree.path contains a malformed path component'],
  ['a blob is not there', { path: 'x', sha: 'a'.repeat(40) }, `tree.sha ${'a'.repeat(40)} is not a valid blob`],
])('a tree is refused when %s', async (_, item, message) => {
  const tree = [{ mode: '100644' as const, type: 'blob' as const, ...item }]
  const refused = await refusal(app.rest.git.createTree({ ...shop, base_tree: await head(), tree }))
  expect(refused).toMatchObject({ status: 422, message })
})

test('an App without the permission for workflows cannot write one', async () => {
  const tree = [
    { path: '.github/workflows/ci.yml', mode: '100644' as const, type: 'blob' as const, content: 'on: push\n' },
  ]
  const refused = await refusal(app.rest.git.createTree({ ...shop, base_tree: await head(), tree }))
  expect(refused).toMatchObject({ status: 403, message: 'Resource not accessible by integration' })
})

test('a branch is made once and only moves forward', async () => {
  const start = await head()
  const first = await commitOnto(start, { 'src/a.py': 'a = 2\n' })
  const other = await commitOnto(start, { 'src/a.py': 'a = 3\n' })
  const ref = 'heads/crew/issue-1-slug'
  await app.rest.git.createRef({ ...shop, ref: `refs/${ref}`, sha: first })
  expect(await refusal(app.rest.git.createRef({ ...shop, ref: `refs/${ref}`, sha: first }))).toMatchObject({
    status: 422,
    message: 'Reference already exists',
  })
  expect(await refusal(app.rest.git.updateRef({ ...shop, ref, sha: other, force: false }))).toMatchObject({
    status: 422,
    message: 'Update is not a fast forward',
  })
  const second = await commitOnto(first, { 'src/b.py': null })
  await app.rest.git.updateRef({ ...shop, ref, sha: second })
  expect(await head('crew/issue-1-slug')).toBe(second)
  const matching = await app.rest.git.listMatchingRefs({ ...shop, ref: 'heads/crew/' })
  expect(matching.data.map(each => each.ref)).toEqual([`refs/${ref}`])

  const { data: compared } = await app.rest.repos.compareCommitsWithBasehead({
    ...shop,
    basehead: 'main...crew/issue-1-slug',
  })
  expect(compared).toMatchObject({ status: 'ahead', ahead_by: 2, behind_by: 0 })
  expect(compared.files?.map(file => [file.filename, file.status, file.patch])).toEqual([
    ['src/a.py', 'modified', '@@ -1 +1 @@\n-a = 1\n+a = 2'],
    ['src/b.py', 'removed', '@@ -1 +0,0 @@\n-b = 1'],
  ])
  await app.rest.git.deleteRef({ ...shop, ref })
  expect(await refusal(app.rest.git.getRef({ ...shop, ref }))).toMatchObject({ status: 404 })
  await git('--git-dir', gitDir, 'fsck', '--strict')
})

test('renames, binary files and links are told apart in a comparison', async () => {
  const start = await head()
  const long = Array.from({ length: 20 }, (_, index) => `line ${index}`).join('\n')
  const before = await commitOnto(start, { 'old name.txt': `${long}\n`, 'kind.txt': 'text\n', 'täg.txt': 'ä\n' })
  const blob = await app.rest.git.createBlob({
    ...shop,
    content: Buffer.from([0, 255]).toString('base64'),
    encoding: 'base64',
  })
  const { data: tree } = await app.rest.git.createTree({
    ...shop,
    base_tree: before,
    tree: [
      { path: 'old name.txt', mode: '100644', type: 'blob', sha: null },
      { path: 'moved/new name.txt', mode: '100644', type: 'blob', content: `${long}\nmore\n` },
      { path: 'kind.txt', mode: '120000', type: 'blob', content: 'README.md' },
      { path: 'bin', mode: '100644', type: 'blob', sha: blob.data.sha },
      { path: 'täg.txt', mode: '100644', type: 'blob', content: 'ö\n' },
    ],
  })
  const { data: after } = await app.rest.git.createCommit({ ...shop, message: 'x', tree: tree.sha, parents: [before] })
  const { data } = await app.rest.repos.compareCommitsWithBasehead({ ...shop, basehead: `${before}...${after.sha}` })
  const told = data.files?.map(file => [
    file.filename,
    file.status,
    file.previous_filename,
    file.additions,
    file.deletions,
  ])
  expect(told).toEqual([
    ['bin', 'added', undefined, 0, 0],
    ['kind.txt', 'changed', undefined, 1, 1],
    ['moved/new name.txt', 'renamed', 'old name.txt', 1, 0],
    ['täg.txt', 'modified', undefined, 1, 1],
  ])
  expect(data.files?.[0]?.patch).toBeUndefined()
  expect(data.files?.[3]?.patch).toBe('@@ -1 +1 @@\n-ä\n+ö')
})

test('of many who move a branch from the same commit, one succeeds', async () => {
  const start = await head()
  await app.rest.git.createRef({ ...shop, ref: 'refs/heads/race', sha: start })
  const commits = await Promise.all(['1', '2', '3'].map(n => commitOnto(start, { 'race.txt': n }, n)))
  const moves = commits.map(sha =>
    app.rest.git.updateRef({ ...shop, ref: 'heads/race', sha }).then(
      () => 'moved',
      (error: Error) => error.message,
    ),
  )
  const results = await Promise.all(moves)
  expect(results.filter(result => result === 'moved')).toHaveLength(1)
})

test('files are read by path and ref: text, directories, and what is not there', async () => {
  const file = await app.rest.repos.getContent({ ...shop, path: 'src/a.py', ref: 'main' })
  expect(file.data).toMatchObject({ type: 'file', size: 6, encoding: 'base64' })
  const raw = await app.rest.repos.getContent({ ...shop, path: 'src/a.py', mediaType: { format: 'raw' } })
  expect(raw.data).toBe('a = 1\n')
  const directory = await app.rest.repos.getContent({ ...shop, path: 'docs' })
  expect(directory.data).toMatchObject([{ type: 'dir', path: 'docs/deep' }])
  expect(await refusal(app.rest.repos.getContent({ ...shop, path: 'nope' }))).toMatchObject({ status: 404 })
  const gone = app.rest.repos.getContent({ ...shop, path: 'src', ref: 'nope' })
  expect(await refusal(gone)).toMatchObject({ status: 404, message: 'No commit found for the ref nope' })
})

test('commits are listed page by page and read one by one', async () => {
  let tip = await head()
  for (const n of ['1', '2', '3']) tip = await commitOnto(tip, { 'count.txt': n }, `Count ${n}`)
  await app.rest.git.createRef({ ...shop, ref: 'refs/heads/count', sha: tip })
  const commits = await app.paginate(app.rest.repos.listCommits, { ...shop, sha: 'count', per_page: 2 })
  expect(commits.map(each => each.commit.message.trim())).toEqual(['Count 3', 'Count 2', 'Count 1', 'Initial commit'])
  const { data: one } = await app.rest.repos.getCommit({ ...shop, ref: 'count' })
  expect(one).toMatchObject({ sha: tip, stats: { additions: 1, deletions: 1 }, author: { type: 'Bot' } })
  expect((await app.rest.repos.getBranch({ ...shop, branch: 'count' })).data.commit.sha).toBe(tip)
})

test('a repository can be copied from one that a person works in, which stays as it was', async () => {
  const source = join(scratch, 'mine')
  await git('init', '--quiet', '--initial-branch=trunk', source)
  await writeFiles(source, { 'x.txt': 'committed\n' })
  await git('-C', source, 'add', '.')
  await git('-C', source, 'commit', '--quiet', '-m', 'Mine')
  await writeFile(join(source, 'x.txt'), 'not committed\n')
  const before = await git('-C', source, 'for-each-ref')
  const created = await setting.github.createRepository({
    owner: 'acme',
    name: 'copy',
    from: { gitRepository: source },
  })
  const { data } = await app.rest.repos.get({ owner: 'acme', repo: 'copy' })
  expect(data.default_branch).toBe('trunk')
  expect(await git('--git-dir', created.gitDir, 'show', 'trunk:x.txt')).toBe('committed')
  expect(await git('-C', source, 'for-each-ref')).toBe(before)
})
