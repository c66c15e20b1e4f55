import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fullName, type RepositoryRef } from '../domain/repository.js'
import { TransientError, type CloneSource, type TreeKeeper } from '../ports.js'
import { boxUser } from './box-user.js'
import { git, GitError, gitText, objectName, type GitCall } from './git.js'
import { unpackTree } from './kept-trees.js'
import { createLocks } from './locks.js'

/** The cached clones: one bare partial repository per repository id, made once and fetched into ever after. */
export interface CloneCache {
  /** Where a repository's clone lies. Throws when nothing of it was fetched yet. */
  directory(repository: RepositoryRef): string
  /** Makes the empty clone when there is none, whole or not at all, and notes where it comes from. */
  prepare(source: CloneSource): Promise<void>
  /** Tells one clone from another that later took its place: what an earlier one held may be gone. */
  identity(repository: RepositoryRef): Promise<string>
  /** Fetches one branch (commits and trees; contents come when they are needed) and returns its commit. */
  fetch(source: CloneSource, branch: string): Promise<string>
  /** Sees to it that a commit or tree is here; when it isn't, takes it from what is kept, or asks the remote for it by name. */
  ensure(source: CloneSource, name: string): Promise<void>
  /** Fetches, in one request, every file of a commit or tree whose content is not here yet. */
  ensureTree(repository: RepositoryRef, name: string): Promise<void>
  /** The same for single files. */
  ensureBlobs(repository: RepositoryRef, blobs: string[]): Promise<void>
}

interface CloneCacheOptions {
  cacheDir: string
  tokenFor: (repository: RepositoryRef) => Promise<string | null>
  allowHttp: boolean
  keeper: TreeKeeper | null
  /** Told of every use of a clone. */
  used: (gitDir: string) => void
}

export async function openCloneCache({
  cacheDir,
  tokenFor,
  allowHttp,
  keeper,
  used,
}: CloneCacheOptions): Promise<CloneCache> {
  // Worktrees may lie below it, and the box's user must get through to them.
  await mkdir(cacheDir, { recursive: true, mode: boxUser ? 0o711 : 0o700 })
  await removeInterrupted(cacheDir)
  const locks = createLocks()
  /** Objects asked for while a fetch is under way: the next one brings them all. */
  const queued = new Map<number, { objects: Set<string>; done: Promise<void> }>()
  /** Commits and trees of a clone whose every content is known to be here. Bounded by forgetting all. */
  const complete = new Set<string>()
  /** Commits and trees that are known to be here, without their contents. Bounded alike. */
  const present = new Set<string>()

  const pathOf = (repository: RepositoryRef): string => join(cacheDir, `${repository.id}.git`)

  const cache: CloneCache = {
    directory(repository) {
      const path = pathOf(repository)
      if (!existsSync(path)) throw new Error(`${fullName(repository)} was not fetched yet`)
      used(path)
      return path
    },

    async prepare(source) {
      await prepare(source)
    },

    identity: repository => readFile(join(cache.directory(repository), identityFile), 'utf8'),

    fetch: (source, branch) =>
      locks.run(source.repository.id, async () => {
        const gitDir = await prepare(source)
        const ref = refOf(branch)
        await fetchInto(gitDir, source.repository, [`+refs/heads/${branch}:${ref}`]).catch((error: unknown) => {
          if (error instanceof GitError && /couldn't find remote ref/.test(error.said))
            throw new Error(`${fullName(source.repository)} has no branch ${JSON.stringify(branch)}`, { cause: error })
          throw error
        })
        return gitText({ gitDir, args: ['rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`] })
      }),

    async ensure(source, name) {
      const gitDir = await prepare(source)
      const known = `${await cache.identity(source.repository)} ${name}`
      if (present.has(known)) return
      const here = { gitDir, args: ['cat-file', '-e', `${objectName(name)}^{tree}`], expect: [0, 1, 128] }
      if ((await git(here)).code !== 0) await bring(source, gitDir, name)
      if (present.size > 10_000) present.clear()
      present.add(known)
    },

    async ensureTree(repository, name) {
      const known = `${await cache.identity(repository)} ${name}`
      if (complete.has(known)) return
      const gitDir = cache.directory(repository)
      const args = ['rev-list', '--objects', '--missing=print', '--no-object-names', `${objectName(name)}^{tree}`]
      const lines = (await gitText({ gitDir, args })).split('\n')
      const missing = lines.filter(line => line.startsWith('?')).map(line => line.slice(1))
      await fetchObjects(repository, missing)
      if (complete.size > 10_000) complete.clear()
      complete.add(known)
    },

    async ensureBlobs(repository, blobs) {
      if (blobs.length === 0) return
      const gitDir = cache.directory(repository)
      const answer = await gitText({
        gitDir,
        args: ['cat-file', '--batch-check'],
        input: blobs.map(objectName).join('\n') + '\n',
      })
      const missing = answer.split('\n').flatMap(line => (line.endsWith(' missing') ? [line.slice(0, 40)] : []))
      await fetchObjects(repository, missing)
    },
  }
  return cache

  async function bring(source: CloneSource, gitDir: string, name: string): Promise<void> {
    const kept = await keeper?.find(source.repository, name)
    if (!kept) return locks.run(source.repository.id, () => fetchInto(gitDir, source.repository, [name]))
    await cache.ensure(source, kept.onto)
    await unpackTree(gitDir, kept.pack)
  }

  async function prepare({ repository, url }: CloneSource): Promise<string> {
    const path = pathOf(repository)
    if (!existsSync(join(path, 'HEAD'))) {
      await rm(path, { recursive: true, force: true })
      const draft = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.new`
      await mkdir(draft, { mode: 0o700 })
      await git({ gitDir: draft, args: ['init', '--quiet', '--bare', '--template='] })
      await mkdir(join(draft, 'info'), { recursive: true })
      await writeFile(join(draft, 'info', 'attributes'), attributes)
      await writeFile(join(draft, urlFile), url)
      await writeFile(join(draft, identityFile), randomBytes(8).toString('hex'))
      await rename(draft, path).catch(async (error: unknown) => {
        // Another process was quicker; its clone is as good as ours.
        await rm(draft, { recursive: true, force: true })
        if (!existsSync(join(path, 'HEAD'))) throw error
      })
    }
    used(path)
    if ((await readFile(join(path, urlFile), 'utf8').catch(() => '')) !== url) await writeFile(join(path, urlFile), url)
    return path
  }

  function fetchObjects(repository: RepositoryRef, missing: string[]): Promise<void> {
    if (missing.length === 0) return Promise.resolve()
    const waiting = queued.get(repository.id)
    if (waiting) {
      for (const object of missing) waiting.objects.add(object)
      return waiting.done
    }
    const objects = new Set(missing)
    const done = locks.run(repository.id, () => {
      queued.delete(repository.id)
      // What git itself does for a partial clone, but once for all objects and with a token.
      return fetchInto(cache.directory(repository), repository, [], {
        input: [...objects].join('\n') + '\n',
        config: { 'fetch.negotiationAlgorithm': 'noop' },
      })
    })
    queued.set(repository.id, { objects, done })
    return done
  }

  async function fetchInto(
    gitDir: string,
    repository: RepositoryRef,
    refspecs: string[],
    more: Pick<GitCall, 'input' | 'config'> = {},
  ): Promise<void> {
    const url = await readFile(join(gitDir, urlFile), 'utf8')
    const token = await tokenFor(repository)
    const call: GitCall = {
      gitDir,
      args: [
        ...['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'],
        ...['--no-auto-maintenance', '--filter=blob:none'],
        ...(more.input === undefined ? [] : ['--stdin']),
        ...['--end-of-options', 'origin', ...refspecs],
      ],
      remote: { url, token, allowHttp },
      timeoutSeconds: 1800,
      ...more,
    }
    for (let attempt = 1; ; attempt++) {
      try {
        await git(call)
        return
      } catch (error) {
        if (!(error instanceof GitError)) throw error
        // A second process fetches the same branch at this moment, or one died while it held git's lock.
        const lock = /Unable to create '(.+\.lock)': File exists/.exec(error.said)?.[1]
        if (attempt > 5 || (lock === undefined && !/cannot lock ref/.test(error.said)))
          throw explained(error, repository)
        await new Promise(resolve => setTimeout(resolve, 200 * attempt))
        if (lock?.startsWith(gitDir + '/')) await removeIfOlder(lock, 60)
      }
    }
  }
}

/** Files of ours in a clone. */
const urlFile = 'crew-url'
const identityFile = 'crew-id'

/**
 * Switches off, above whatever a tree's own .gitattributes say, everything that would change content on its way in or
 * out or hide it from a diff. `working-tree-encoding` can't be negated, only taken back.
 */
const attributes = '* -text -eol -crlf -ident -filter !working-tree-encoding !diff\n'

/** A name of our own, so that `a` and `a/b`, or `A` and `a`, never stand in each other's way on disk. */
function refOf(branch: string): string {
  if (branch === '' || /[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|^[-/]|\/$|\.lock$|\/\//.test(branch))
    throw new Error(`${JSON.stringify(branch)} can't be the name of a branch`)
  return `refs/crew/${createHash('sha256').update(branch).digest('hex').slice(0, 24)}`
}

function explained(error: GitError, repository: RepositoryRef): Error {
  const name = fullName(repository)
  if (/Authentication failed|could not read Username|terminal prompts disabled|error: 40[13]/.test(error.said))
    return new Error(`Fetching ${name} was not allowed: the token was refused. Is the App still installed there?`, {
      cause: error,
    })
  if (/not found|error: 404/i.test(error.said))
    return new Error(`${name} is not there, or the App can't see it`, { cause: error })
  const passing =
    /error: (5\d\d|429)|Could not resolve|Failed to connect|Connection|timed out|early EOF|RPC failed|hung up|Empty reply|too slow|SSL/i
  if (error.timedOut || passing.test(error.said))
    return new TransientError(`Fetching ${name} failed: ${error.said.trim().slice(0, 500)}`, { cause: error })
  return error
}

/** Removes what processes that died have left: half-made clones and half-written packs. */
async function removeInterrupted(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir)) {
    const draft = /\.git\.\d+-[0-9a-f]+\.new$/.test(name)
    if (draft) await removeIfOlder(join(cacheDir, name), 600)
    if (!name.endsWith('.git')) continue
    const packs = join(cacheDir, name, 'objects', 'pack')
    for (const file of await readdir(packs).catch(() => []))
      if (file.startsWith('tmp_')) await removeIfOlder(join(packs, file), 3600)
  }
}

async function removeIfOlder(path: string, seconds: number): Promise<void> {
  const age = await stat(path).then(
    found => (Date.now() - found.mtimeMs) / 1000,
    () => 0,
  )
  if (age > seconds) await rm(path, { recursive: true, force: true })
}
