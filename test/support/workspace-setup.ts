import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { RepositoryRef } from '../../src/domain/repository.js'
import type { CloneSource } from '../../src/ports.js'
import { createWorkspaces, type CrewWorkspaces, type WorkspaceOptions } from '../../src/workspace/workspaces.js'
import { serveGit, type GitHttp } from './git-http.js'

export const token = 'ghs_thisIsTheTokenOfTheTest'

export const repository: RepositoryRef = { id: 7, owner: 'octo', name: 'shop', installationId: 1 }

/** A repository served over HTTP, and workspaces that clone it. */
export interface WorkspaceSetup {
  root: string
  cacheDir: string
  treesDir: string
  server: GitHttp
  source: CloneSource
  workspaces: CrewWorkspaces
  /** Lines that the workspaces logged. */
  logged: string[]
  /** Commits files on a branch of the served repository and returns the commit. A value of null removes the file. */
  commit(files: Record<string, string | null>, branch?: string): Promise<string>
  /** Workspaces of a second process over the same directories. */
  another(options?: Partial<WorkspaceOptions>): Promise<CrewWorkspaces>
  /** Git in the served repository's working copy. */
  git(...args: string[]): string
  close(): Promise<void>
}

export async function setUpWorkspaces(files: Record<string, string>): Promise<WorkspaceSetup> {
  const root = await mkdtemp(join(tmpdir(), 'crew-workspace-'))
  // As root the box runs as somebody else, who must get through to its tree.
  await chmod(root, 0o711)
  const work = join(root, 'work')
  const git = (...args: string[]): string =>
    execFileSync(
      'git',
      ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'protocol.file.allow=always', ...args],
      {
        cwd: work,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], HOME: root, GIT_CONFIG_GLOBAL: '/dev/null' },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    ).trim()
  await mkdir(work)
  git('init', '--quiet', '-b', 'main')
  git('init', '--quiet', '--bare', '../shop.git')
  const commit = async (changes: Record<string, string | null>, branch = 'main'): Promise<string> => {
    if (git('branch', '--show-current') !== branch) git('checkout', '--quiet', '-B', branch)
    for (const [path, text] of Object.entries(changes)) {
      const full = join(work, path)
      await mkdir(dirname(full), { recursive: true })
      await (text === null ? rm(full) : writeFile(full, text))
    }
    git('add', '--all')
    git('commit', '--quiet', '-m', 'change')
    git('push', '--quiet', '--force', '../shop.git', branch)
    return git('rev-parse', 'HEAD')
  }
  await commit(files)
  const server = await serveGit(root, token)
  const cacheDir = join(root, 'cache')
  const treesDir = join(root, 'trees')
  const logged: string[] = []
  const another = (options: Partial<WorkspaceOptions> = {}): Promise<CrewWorkspaces> =>
    createWorkspaces({
      cacheDir,
      treesDir,
      tokenFor: () => Promise.resolve(token),
      allowHttp: true,
      log: line => logged.push(line),
      ...options,
    })
  return {
    root,
    cacheDir,
    treesDir,
    server,
    source: { repository, url: server.url },
    workspaces: await another(),
    logged,
    commit,
    another,
    git,
    async close() {
      await server.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}
