import { chmod, chown, copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RefusedHost } from '../../domain/setup.js'
import { boxUser } from '../box-user.js'
import { startRegistryProxy } from './registry-proxy.js'

/**
 * The one way out of setup's box: a directory with the socket of a proxy on the host, and the forwarder that leads there
 * from inside. The box itself stays without network.
 */
export interface WayOut {
  directory: string
  readonly refused: readonly RefusedHost[]
  close(): Promise<void>
}

/** Where the box sees the directory, and the port on its loopback where the forwarder listens. */
const inBox = '/run/issue-crew'
const port = 3128

export async function openWayOut(to: { registries: string[]; privateRegistries: string[] }): Promise<WayOut> {
  // A path of its own, because that of a socket may have 107 bytes.
  const directory = await mkdtemp(join(tmpdir(), 'issue-crew-'))
  try {
    const socket = join(directory, 'proxy')
    const forwarder = new URL('../../../src/workspace/setup/forwarder.mjs', import.meta.url)
    await copyFile(fileURLToPath(forwarder), join(directory, 'forwarder.mjs'))
    const proxy = await startRegistryProxy({ socket, ...to })
    if (boxUser) {
      await chown(directory, 0, boxUser.gid)
      await chmod(directory, 0o710)
      await chown(socket, boxUser.uid, boxUser.gid)
      await chmod(join(directory, 'forwarder.mjs'), 0o644)
    }
    return {
      directory,
      refused: proxy.refused,
      async close() {
        await proxy.close()
        await rm(directory, { recursive: true, force: true })
      },
    }
  } catch (error) {
    await rm(directory, { recursive: true, force: true })
    throw error
  }
}

/** What bubblewrap is told for it. */
export const wayOutMounts = ({ directory }: Pick<WayOut, 'directory'>): string[] => [
  ...['--ro-bind', directory, inBox, '--ro-bind', process.execPath, process.execPath],
  ...['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'npm_config_proxy', 'npm_config_https_proxy'].flatMap(
    name => ['--setenv', name, `http://127.0.0.1:${port}`],
  ),
  // For node itself, which looks at the others from version 24 on.
  ...['--setenv', 'NODE_USE_ENV_PROXY', '1', '--setenv', 'NO_PROXY', 'localhost,127.0.0.1'],
]

/** What stands before the command. */
export const throughWayOut = (): string[] => [process.execPath, `${inBox}/forwarder.mjs`, `${inBox}/proxy`, `${port}`]
