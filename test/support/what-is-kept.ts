import { execFileSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { startOwnPostgres } from '../../src/durable/own-postgres.js'

/** Everything in the App's own database, a line a row. The App may be running on it. */
export async function rowsKept(crewHome: string): Promise<string> {
  const server = await startOwnPostgres({ dataDir: join(crewHome, 'postgres'), log: () => undefined })
  try {
    const client = new pg.Client({ connectionString: server.databaseUrl })
    await client.connect()
    try {
      const { rows: tables } = await client.query<{ name: string }>(
        `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
         WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
      )
      const lines: string[] = []
      for (const { name } of tables) {
        const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} AS t`)
        lines.push(name, ...rows.map(({ row }) => row))
      }
      return lines.join('\n')
    } finally {
      await client.end()
    }
  } finally {
    await server.stop()
  }
}

/** Every file that the App keeps, but its database: what lies in its clones, objects included. */
export async function filesKept(crewHome: string): Promise<string> {
  const clones = join(crewHome, 'clones')
  const entries = await readdir(clones, { recursive: true, withFileTypes: true })
  const texts: string[] = []
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory() && entry.name === 'objects') texts.push(objectsIn(entry.parentPath))
    else if (entry.isFile() && !path.includes('/objects/')) texts.push(path, await readFile(path, 'latin1'))
  }
  return texts.join('\n')
}

function objectsIn(gitDir: string): string {
  const command = ['--git-dir', gitDir, '-c', 'safe.directory=*', 'cat-file', '--batch-all-objects', '--batch']
  return execFileSync('git', command, {
    encoding: 'latin1',
    maxBuffer: 200_000_000,
    env: { PATH: process.env['PATH'] },
  })
}
