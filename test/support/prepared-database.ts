import { execFile } from 'node:child_process'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { startEngine } from '../../src/durable/engine.js'
import { startOwnPostgres } from '../../src/durable/own-postgres.js'

/**
 * Lays a database that the App has started on before into `to`, where it keeps its own: making one and bringing it up to
 * date takes seconds, a copy none. The first story of the suite makes it, those at the same time wait for it.
 */
export async function copyPreparedDatabase(to: string): Promise<void> {
  const folder = process.env['CREW_PREPARED']
  if (folder === undefined) return
  const prepared = join(folder, 'postgres')
  const isFirst = await mkdir(join(folder, 'begun')).then(
    () => true,
    () => false,
  )
  if (isFirst) await prepare(folder, prepared)
  await mkdir(to, { recursive: true })
  const until = Date.now() + patienceMs
  while (!(await copied(prepared, to))) {
    if (Date.now() > until) throw new Error(`No database was prepared in ${folder}.`)
    await wait(100)
  }
}

const patienceMs = 120_000

async function prepare(folder: string, prepared: string): Promise<void> {
  const dataDir = join(folder, 'unfinished')
  const log = (): void => undefined
  try {
    const postgres = await startOwnPostgres({ dataDir, log })
    const engine = await startEngine({ databaseUrl: postgres.databaseUrl, workflows: [], log })
    await engine.stop()
    await postgres.stop()
    await rename(dataDir, prepared)
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** With owners: where the suite is root's, the cluster isn't. */
const copied = (from: string, to: string): Promise<boolean> =>
  promisify(execFile)('cp', ['-a', `${from}/.`, `${to}/`]).then(
    () => true,
    () => false,
  )
