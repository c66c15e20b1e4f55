import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RepositoryRef } from '../../src/domain/repository.js'
import type { CloneSource } from '../../src/ports.js'
import { createWorkspaces, type WorkspaceOptions } from '../../src/workspace/workspaces.js'
import { serveGit, type GitServer } from './git-http.js'

type OpenWorkspaces = Awaited<ReturnType<typeof createWorkspaces>>

export const token = 'ghs_thisIsTheTokenOfTheTest'

const repository: RepositoryRef = { id: 7, owner: 'octo', name: 'shop', installationId: 1 }

/** Workspaces over a repository that is served over HTTP and wants a token. */
export interface WorkspaceSetup {
  server: GitServer
  source: CloneSource
  workspaces: OpenWorkspaces
  cacheDir: string
  treesDir: string
  /** Lines that the workspaces logged. */
  logged: string[]
  /** Workspaces of a second process over the same directories. */
  another(options?: Partial<WorkspaceOptions>): Promise<OpenWorkspaces>
  stop(): Promise<void>
}

export async function setUpWorkspaces(files: Record<string, string>): Promise<WorkspaceSetup> {
  const root = await mkdtemp(join(tmpdir(), 'crew-workspace-'))
  // As root the box runs as somebody else, who must get through to its tree.
  await chmod(root, 0o711)
  const server = await serveGit({ files, token })
  const cacheDir = join(root, 'cache')
  const treesDir = join(root, 'trees')
  const logged: string[] = []
  const another = (options: Partial<WorkspaceOptions> = {}): Promise<OpenWorkspaces> =>
    createWorkspaces({
      cacheDir,
      treesDir,
      tokenFor: () => Promise.resolve(token),
      allowHttp: true,
      log: line => logged.push(line),
      ...options,
    })
  return {
    server,
    source: { repository, url: server.url },
    workspaces: await another(),
    cacheDir,
    treesDir,
    logged,
    another,
    async stop() {
      await server.stop()
      await rm(root, { recursive: true, force: true })
    },
  }
}
