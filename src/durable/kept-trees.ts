import type { TreeKeeper } from '../ports.js'
import { openPool } from './open-pool.js'
import { patientQuery } from './patient-query.js'

/** Packs are compressed already. */
export const TREE_TABLE = `
  CREATE TABLE IF NOT EXISTS issue_crew.tree (
    name text PRIMARY KEY,
    repository_id bigint NOT NULL,
    onto text NOT NULL,
    pack bytea NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT now()
  );
  ALTER TABLE issue_crew.tree ALTER COLUMN pack SET STORAGE EXTERNAL;`

/** What specialists' work stands at, in the engine's database. The engine's start makes its table. */
export function openTreeKeeper(options: {
  databaseUrl: string
  log: (line: string) => void
}): TreeKeeper & { close(): Promise<void> } {
  const pool = openPool({ ...options, purpose: 'trees', max: 4 })
  return {
    async keep({ name, repository, onto, pack }) {
      await patientQuery(
        pool,
        `INSERT INTO issue_crew.tree (name, repository_id, onto, pack) VALUES ($1, $2, $3, $4)
         ON CONFLICT (name) DO UPDATE SET kept_at = now()`,
        [name, repository.id, onto, pack],
      )
    },
    async find(repository, name) {
      const { rows } = await patientQuery<{ onto: string; pack: Buffer }>(
        pool,
        'SELECT onto, pack FROM issue_crew.tree WHERE name = $1 AND repository_id = $2',
        [name, repository.id],
      )
      return rows[0] ?? null
    },
    close: () => pool.end(),
  }
}
