import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startOwnPostgres } from '../../src/durable/own-postgres.js'

/** A real PostgreSQL server in a temporary directory. */
export interface TestDatabase {
  /** Address of a database that nobody has used before, and that doesn't exist yet. */
  fresh(): string
  stop(): Promise<void>
}

export async function startTestDatabase(): Promise<TestDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), 'issue-crew-postgres-'))
  const server = await startOwnPostgres({ dataDir, log: () => {} })
  return {
    fresh: () => {
      const url = new URL(server.databaseUrl)
      url.pathname = `/test_${randomBytes(4).toString('hex')}`
      return url.toString()
    },
    stop: async () => {
      await server.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
