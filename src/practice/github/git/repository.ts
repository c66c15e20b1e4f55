import { diffFiles, diffText, type FileDiff } from './diff.js'
import { editTree, formatTree, type TreeEdit, type TreeStore } from './edit-tree.js'
import { ObjectReader, type GitObject } from './object-reader.js'
import { writeObject } from './object-writer.js'
import { formatCommit, parseCommit, parseTree, type CommitObject, type TreeEntry } from './objects.js'
import { runGit, type GitOutput, type GitRun } from './run.js'

export interface GitRef {
  ref: string
  sha: string
  type: GitObject['type']
}

/** One bare repository on disk. Objects never change, so what is computed from them is kept. */
export class GitRepository {
  readonly dir: string
  readonly #reader: ObjectReader
  readonly #headers: ObjectReader
  readonly #diffs = new Map<string, Promise<FileDiff[]>>()
  #hasCommits = false
  #lastWrite: Promise<unknown> = Promise.resolve()

  constructor(dir: string) {
    this.dir = dir
    this.#reader = new ObjectReader(dir, 'objects')
    this.#headers = new ObjectReader(dir, 'headers')
  }

  close(): void {
    this.#reader.close()
    this.#headers.close()
  }

  git(args: string[], run: GitRun = {}): Promise<GitOutput> {
    return runGit([`--git-dir=${this.dir}`, ...args], run)
  }

  /** What its objects take on disk. */
  async kilobytes(): Promise<number> {
    const { stdout } = await this.git(['count-objects', '-v'])
    const counted = new Map(lines(stdout).map(line => line.split(': ') as [string, string]))
    return Number(counted.get('size') ?? 0) + Number(counted.get('size-pack') ?? 0)
  }

  /** Runs one thing that moves refs after the other. */
  inOrder<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#lastWrite.then(work)
    this.#lastWrite = result.catch(() => undefined)
    return result
  }

  /** An object by its full id; null when it isn't there. */
  object(sha: string): Promise<GitObject | null> {
    return isSha(sha) ? this.#reader.read(sha) : Promise.resolve(null)
  }

  /** What a full ref name points at. */
  async ref(ref: string): Promise<GitRef | null> {
    if (!isRefName(ref)) return null
    const object = await this.#reader.read(ref)
    return object === null ? null : { ref, sha: object.sha, type: object.type }
  }

  /** Refs whose full name begins with `prefix`, sorted. */
  async refs(prefix: string): Promise<GitRef[]> {
    const { stdout } = await this.git(['for-each-ref', '--format=%(refname) %(objectname) %(objecttype)'])
    return lines(stdout)
      .map(line => line.split(' ') as [string, string, GitObject['type']])
      .filter(([ref]) => ref.startsWith(prefix))
      .map(([ref, sha, type]) => ({ ref, sha, type }))
  }

  /** Whether there is no branch yet. Once there was one, this stays false: the default branch can't be deleted. */
  async isEmpty(): Promise<boolean> {
    if (!this.#hasCommits) {
      const { stdout } = await this.git(['for-each-ref', '--count=1', 'refs/heads/'])
      this.#hasCommits = stdout.length > 0
    }
    return !this.#hasCommits
  }

  /** Sizes in bytes by id. */
  async blobSizes(shas: string[]): Promise<Map<string, number>> {
    const headers = await Promise.all(shas.map(sha => this.#headers.read(sha)))
    return new Map(headers.flatMap(header => (header === null ? [] : [[header.sha, header.size] as const])))
  }

  /** The commit that a person means by a branch, a tag, `heads/x`, a full ref or (the beginning of) an id. */
  async resolve(name: string): Promise<CommitObject | null> {
    const candidates = [`refs/heads/${name}`, `refs/tags/${name}`, `refs/${name}`, name].filter(isRefName)
    if (/^[0-9a-f]{7,40}$/.test(name)) candidates.unshift(name)
    for (const candidate of candidates) {
      const object = await this.#reader.read(`${candidate}^{commit}`)
      if (object !== null) return parseCommit(object.sha, object.content)
    }
    return null
  }

  /** A commit by its full id. */
  async commit(sha: string): Promise<CommitObject | null> {
    const object = await this.object(sha)
    return object?.type === 'commit' ? parseCommit(object.sha, object.content) : null
  }

  /** Entries of the tree of a commit or of a tree; null when there is none with that id. */
  async tree(sha: string): Promise<{ sha: string; entries: TreeEntry[] } | null> {
    if (!isSha(sha)) return null
    const object = await this.#reader.read(`${sha}^{tree}`)
    return object === null ? null : { sha: object.sha, entries: parseTree(object.content) }
  }

  /** What a path leads to in a tree; null when there is nothing. The empty path is the tree itself. */
  async entryAt(tree: string | null, path: string): Promise<TreeEntry | null> {
    if (tree === null) return null
    let entry: TreeEntry = { mode: '040000', type: 'tree', sha: tree, path: '' }
    for (const part of path.split('/').filter(Boolean)) {
      const entries = entry.type === 'tree' ? (await this.tree(entry.sha))?.entries : undefined
      const found = entries?.find(each => each.path === part)
      if (found === undefined) return null
      entry = found
    }
    return entry
  }

  /** Every entry below a tree, subtrees among them, as `path` from its root. */
  async treeRecursive(sha: string): Promise<TreeEntry[]> {
    const { stdout } = await this.git(['ls-tree', '-r', '-t', '-z', '--full-tree', '--end-of-options', sha])
    return fields(stdout).map(field => {
      const [meta = '', path = ''] = field.split('\t')
      const [mode = '', type = '', entrySha = ''] = meta.split(' ')
      return { mode, type: type as TreeEntry['type'], sha: entrySha, path }
    })
  }

  /** Writes an object and returns its id. */
  writeObject(type: 'blob' | 'commit' | 'tree', content: Buffer | string): Promise<string> {
    return writeObject(this.dir, type, Buffer.from(content as string))
  }

  writeCommit(commit: Omit<CommitObject, 'sha'>): Promise<string> {
    return this.writeObject('commit', formatCommit(commit))
  }

  /** A tree made from another one (or from nothing) by these edits. */
  async writeTree(base: string | null, edits: TreeEdit[]): Promise<string> {
    const store: TreeStore = {
      read: async sha => (await this.tree(sha))?.entries ?? [],
      write: entries => this.writeObject('tree', formatTree(entries)),
    }
    return (await editTree(store, base, edits)) ?? this.writeObject('tree', '')
  }

  /** Points a ref at an object. False when it did not point at `old` (null: when it existed already). */
  async updateRef(ref: string, sha: string, old: string | null): Promise<boolean> {
    const { code } = await this.git(['update-ref', '--end-of-options', ref, sha, old ?? '0'.repeat(40)], {
      allow: [0, 1, 128],
    })
    return code === 0
  }

  async deleteRef(ref: string, old: string): Promise<void> {
    await this.git(['update-ref', '-d', '--end-of-options', ref, old])
  }

  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    if ((await this.#straightLine(ancestor, descendant)) !== null) return true
    const { code } = await this.git(['merge-base', '--is-ancestor', ancestor, descendant], { allow: [0, 1] })
    return code === 0
  }

  async mergeBase(one: string, other: string): Promise<string | null> {
    if ((await this.#straightLine(one, other)) !== null) return one
    const { stdout } = await this.git(['merge-base', one, other], { allow: [0, 1] })
    return lines(stdout)[0] ?? null
  }

  /** Ids of the commits that `to` has and `from` (if any) hasn't, newest first. */
  async log(
    to: string,
    options: { from?: string; skip?: number; limit?: number; path?: string } = {},
  ): Promise<string[]> {
    if (options.from !== undefined && options.skip === undefined && options.path === undefined) {
      const line = await this.#straightLine(options.from, to)
      if (line !== null) return line.slice(0, options.limit)
    }
    const { stdout } = await this.git([
      'rev-list',
      ...(options.skip === undefined ? [] : [`--skip=${options.skip}`]),
      ...(options.limit === undefined ? [] : [`--max-count=${options.limit}`]),
      to,
      ...(options.from === undefined ? [] : [`^${options.from}`]),
      '--',
      ...(options.path === undefined ? [] : [`:(top,literal)${options.path}`]),
    ])
    return lines(stdout)
  }

  /**
   * Ids of the commits after `from` up to `to`, newest first, when each has the one before as its only parent; null when
   * that isn't so, or not soon. Most questions about a branch are answered by this, without a process.
   */
  async #straightLine(from: string, to: string): Promise<string[] | null> {
    const line: string[] = []
    for (let sha = to; line.length < STRAIGHT_LINE_LIMIT;) {
      if (sha === from) return line
      const commit = await this.commit(sha)
      const [parent, ...others] = commit?.parents ?? []
      if (parent === undefined || others.length > 0) return null
      line.push(sha)
      sha = parent
    }
    return null
  }

  /** What a merge of both would do: true when it is clean, null when this git can't tell. */
  async mergesCleanly(one: string, other: string): Promise<boolean | null> {
    const { code } = await this.git(['merge-tree', '--write-tree', '--no-messages', one, other], {
      allow: [0, 1, 128, 129],
    })
    if (code === 0) return true
    return code === 1 ? false : null
  }

  /** Files that differ between two commits or trees. */
  diff(from: string, to: string): Promise<FileDiff[]> {
    const key = `${from}..${to}`
    const known = this.#diffs.get(key)
    if (known !== undefined) return known
    const diff = diffFiles(this.dir, from, to)
    this.#diffs.set(key, diff)
    diff.catch(() => this.#diffs.delete(key))
    const oldest = this.#diffs.keys().next().value
    if (this.#diffs.size > DIFFS_KEPT && oldest !== undefined) this.#diffs.delete(oldest)
    return diff
  }

  diffText(from: string, to: string): Promise<string> {
    return diffText(this.dir, from, to)
  }
}

const DIFFS_KEPT = 64
const STRAIGHT_LINE_LIMIT = 100

export const isSha = (text: string): boolean => /^[0-9a-f]{40}$/.test(text)

/** Whether git takes this as the full name of a ref (the rules of `git check-ref-format`). */
export function isRefName(ref: string): boolean {
  return (
    /^refs(\/[^/]+)+$/.test(ref) &&
    !/[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{/.test(ref) &&
    !ref.endsWith('.') &&
    ref.split('/').every(part => !part.startsWith('.') && !part.endsWith('.lock'))
  )
}

const lines = (output: Buffer): string[] => output.toString('utf8').split('\n').filter(Boolean)
const fields = (output: Buffer): string[] => output.toString('utf8').split('\0').filter(Boolean)
