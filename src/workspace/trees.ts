import { fullName, type RepositoryRef } from '../domain/repository.js'
import type { CloneSource, FileChange } from '../ports.js'
import { blobs, blobSizes, textOf } from './blobs.js'
import type { CloneCache } from './clone-cache.js'
import { git, GitError, gitText, objectName, records } from './git.js'
import { checkedPath } from './paths.js'

/** What lies in a commit or tree of the clone, without any worktree. See {@link import('../ports.js').Workspaces}. */

export async function treeOf(cache: CloneCache, source: CloneSource, commit: string): Promise<string> {
  await cache.ensure(source, commit)
  const gitDir = cache.directory(source.repository)
  return gitText({ gitDir, args: ['rev-parse', '--verify', `${objectName(commit)}^{tree}`] })
}

export async function filesOf(
  cache: CloneCache,
  repository: RepositoryRef,
  commit: string,
): Promise<{ path: string; size: number }[]> {
  const entries = await treeEntries(cache.directory(repository), commit, ['-l'])
  return entries
    .filter(entry => entry.type === 'blob' && entry.mode !== '120000')
    .map(({ path, size }) => ({ path, size }))
}

export async function readFromCommit(
  cache: CloneCache,
  source: CloneSource,
  commit: string,
  path: string,
): Promise<string | null> {
  const checked = checkedPath(path)
  if (typeof checked !== 'string' || checked === '.') return null
  await cache.ensure(source, commit)
  const gitDir = cache.directory(source.repository)
  const entries = await treeEntries(gitDir, commit, [], checked)
  const entry = entries.find(found => found.path === checked)
  if (!entry || entry.type !== 'blob' || entry.mode === '120000') return null
  await cache.ensureBlobs(source.repository, [entry.object])
  return textOf((await blobs(gitDir, [entry.object])).get(entry.object) ?? Buffer.alloc(0))
}

/** What {@link readManyFromCommit} takes in, bytes: of one file, and of all. */
const mostRead = { file: 4 * 1024 * 1024, all: 32 * 1024 * 1024 }

export async function readManyFromCommit(
  cache: CloneCache,
  source: CloneSource,
  commit: string,
  paths: string[],
): Promise<Map<string, string | null>> {
  const texts = new Map<string, string | null>(paths.map(path => [path, null]))
  if (paths.length === 0) return texts
  await cache.ensure(source, commit)
  const gitDir = cache.directory(source.repository)
  const entries = await treeEntries(gitDir, commit)
  const wanted = entries.filter(({ path, type, mode }) => texts.has(path) && type === 'blob' && mode !== '120000')
  const objects = [...new Set(wanted.map(({ object }) => object))]
  await cache.ensureBlobs(source.repository, objects)
  const sizes = await blobSizes(gitDir, objects)
  let room = mostRead.all
  const fitting = objects.filter(object => {
    const size = sizes.get(object) ?? Infinity
    const fits = size <= mostRead.file && size <= room
    if (fits) room -= size
    return fits
  })
  const contents = await blobs(gitDir, fitting)
  for (const { path, object } of wanted) {
    const bytes = contents.get(object)
    if (bytes) texts.set(path, textOf(bytes))
  }
  return texts
}

export interface TreeEntry {
  mode: string
  type: string
  object: string
  /** Bytes; -1 where git doesn't know. */
  size: number
  path: string
}

/** All entries of a tree that are not directories, or with `path` those at and below it. */
export async function treeEntries(
  gitDir: string,
  tree: string,
  options: string[] = [],
  path?: string,
): Promise<TreeEntry[]> {
  const { stdout } = await git({
    gitDir,
    args: [
      'ls-tree',
      '-r',
      '-z',
      '--full-tree',
      ...options,
      '--end-of-options',
      objectName(tree),
      ...(path ? [path] : []),
    ],
    env: { GIT_LITERAL_PATHSPECS: '1' },
  })
  return records(stdout).map(record => {
    const tab = record.indexOf('\t')
    const [mode = '', type = '', object = '', size = ''] = record.slice(0, tab).split(/ +/)
    return { mode, type, object, size: /^\d+$/.test(size) ? Number(size) : -1, path: record.slice(tab + 1) }
  })
}

/** Submodules are left out: what they point at is not part of this repository. */
export async function changesBetween(
  cache: CloneCache,
  repository: RepositoryRef,
  from: string,
  to: string,
): Promise<FileChange[]> {
  const gitDir = cache.directory(repository)
  const compare = async (): Promise<Buffer> =>
    (await git({ gitDir, args: [...diffTree, '--raw', '--numstat', '-z', '--no-renames', ...revisions(from, to)] }))
      .stdout
  const { raw, counts } = parsed(records(await withContents(cache, repository, from, to, compare)))
  const changed = raw.filter(entry => entry.newMode !== gitlink && entry.oldMode !== gitlink)
  const contents = await blobs(
    gitDir,
    changed.filter(entry => entry.status !== 'D').map(entry => entry.newObject),
  )
  return changed.map(entry => {
    const lines = counts.get(entry.path) ?? { added: 0, deleted: 0 }
    if (entry.status === 'D')
      return { path: entry.path, status: 'deleted', mode: entry.oldMode, ...lines, content: null }
    const bytes = contents.get(entry.newObject)
    if (!bytes) throw new Error(`${fullName(repository)}: the content of ${entry.path} is not in the clone`)
    const text = textOf(bytes)
    return {
      path: entry.path,
      status: entry.status === 'A' ? 'added' : 'modified',
      mode: entry.newMode,
      ...lines,
      content: text === null ? { base64: bytes.toString('base64') } : { text },
    }
  })
}

/** Renames are found as GitHub finds them, so that a line of this diff is a line of GitHub's. */
export async function diffBetween(
  cache: CloneCache,
  repository: RepositoryRef,
  from: string,
  to: string,
): Promise<string> {
  const gitDir = cache.directory(repository)
  const args = [
    ...diffTree,
    '-p',
    '--unified=3',
    '--find-renames',
    '--src-prefix=a/',
    '--dst-prefix=b/',
    ...revisions(from, to),
  ]
  const compare = async (): Promise<Buffer> => (await git({ gitDir, args })).stdout
  return (await withContents(cache, repository, from, to, compare)).toString()
}

/** Brings here the contents on both sides of every difference. */
export async function ensureDifferences(
  cache: CloneCache,
  repository: RepositoryRef,
  from: string,
  to: string,
): Promise<void> {
  const gitDir = cache.directory(repository)
  const { stdout } = await git({ gitDir, args: [...diffTree, '--raw', '-z', '--no-renames', ...revisions(from, to)] })
  const { raw } = parsed(records(stdout))
  const objects = raw
    .filter(entry => entry.newMode !== gitlink && entry.oldMode !== gitlink)
    .flatMap(entry => [entry.oldObject, entry.newObject])
    .filter(object => !/^0+$/.test(object))
  await cache.ensureBlobs(repository, [...new Set(objects)])
}

const gitlink = '160000'
const diffTree = [
  'diff-tree',
  '-r',
  '--full-index',
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--ignore-submodules=all',
]
const revisions = (from: string, to: string): string[] => ['--end-of-options', objectName(from), objectName(to)]

/** Nearly always everything is here already; only git's complaint that it is not costs a second look. */
async function withContents(
  cache: CloneCache,
  repository: RepositoryRef,
  from: string,
  to: string,
  compare: () => Promise<Buffer>,
): Promise<Buffer> {
  try {
    return await compare()
  } catch (error) {
    if (!(error instanceof GitError) || !/unable to read/.test(error.said)) throw error
    await ensureDifferences(cache, repository, from, to)
    return compare()
  }
}

interface RawEntry {
  oldMode: string
  newMode: string
  oldObject: string
  newObject: string
  status: string
  path: string
}

function parsed(output: string[]): { raw: RawEntry[]; counts: Map<string, { added: number; deleted: number }> } {
  const raw: RawEntry[] = []
  const counts = new Map<string, { added: number; deleted: number }>()
  for (let i = 0; i < output.length; i++) {
    const record = output[i] ?? ''
    if (record.startsWith(':')) {
      const [oldMode = '', newMode = '', oldObject = '', newObject = '', status = ''] = record.slice(1).split(' ')
      i += 1
      raw.push({ oldMode, newMode, oldObject, newObject, status, path: output[i] ?? '' })
    } else {
      const [added = '', deleted = '', ...path] = record.split('\t')
      counts.set(path.join('\t'), { added: Number(added) || 0, deleted: Number(deleted) || 0 })
    }
  }
  return { raw, counts }
}
