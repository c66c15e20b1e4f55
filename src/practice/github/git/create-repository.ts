import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

import { GitRepository } from './repository.js'
import { runGit } from './run.js'

/** What a new repository holds: a directory as its first commit, one branch of another repository, or nothing. */
export type Origin = { directory: string } | { gitRepository: string; ref?: string } | null

export interface NewGitRepository {
  gitDir: string
  origin: Origin
  defaultBranch: string
  author: { name: string; email: string }
}

/** Makes a bare repository as GitHub would serve it. The origin is only read. Throws with git's words when it can't be. */
export async function createGitRepository(options: NewGitRepository): Promise<GitRepository> {
  const { gitDir, origin, defaultBranch } = options
  await mkdir(dirname(gitDir), { recursive: true })
  await runGit(['init', '--quiet', '--bare', '--template=', `--initial-branch=${defaultBranch}`, gitDir])
  await writeFile(join(gitDir, 'config'), CONFIG)
  const repository = new GitRepository(gitDir)
  if (origin === null) return repository
  if ('directory' in origin) await commitDirectory(repository, { ...options, directory: resolve(origin.directory) })
  else await copyBranch(repository, { path: resolve(origin.gitRepository), ref: origin.ref ?? 'HEAD', defaultBranch })
  return repository
}

/** The branch that is checked out in a repository, or null when none is. */
export async function currentBranch(path: string): Promise<string | null> {
  const { code, stdout } = await runGit(['-C', path, 'symbolic-ref', '--quiet', '--short', 'HEAD'], {
    allow: [0, 1, 128],
  })
  return code === 0 ? stdout.toString('utf8').trim() : null
}

// Partial clones and fetches of any commit, as GitHub allows them; nothing is tidied away while the server runs.
const CONFIG = `[core]
\trepositoryformatversion = 0
\tbare = true
\tlogallrefupdates = false
[uploadpack]
\tallowFilter = true
\tallowAnySHA1InWant = true
[gc]
\tauto = 0
[receive]
\tautogc = false
`

async function commitDirectory(
  repository: GitRepository,
  options: { directory: string; defaultBranch: string; author: { name: string; email: string } },
): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'practice-index-'))
  try {
    const env = { GIT_INDEX_FILE: join(scratch, 'index') }
    await repository.git([`--work-tree=${options.directory}`, '-C', options.directory, 'add', '--all', '.'], { env })
    const { stdout } = await repository.git(['write-tree'], { env })
    const signature = { ...options.author, date: new Date().toISOString() }
    const sha = await repository.writeCommit({
      tree: stdout.toString('utf8').trim(),
      parents: [],
      author: signature,
      committer: signature,
      message: 'Initial commit\n',
    })
    await repository.updateRef(`refs/heads/${options.defaultBranch}`, sha, null)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function copyBranch(
  repository: GitRepository,
  source: { path: string; ref: string; defaultBranch: string },
): Promise<void> {
  const refspec = `+${source.ref}:refs/heads/${source.defaultBranch}`
  await repository.git([
    'fetch',
    '--quiet',
    '--no-tags',
    '--update-shallow',
    '--no-write-fetch-head',
    source.path,
    refspec,
  ])
}
