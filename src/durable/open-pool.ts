import pg from 'pg'

/** Connections for one purpose, named so that they can be told apart in `pg_stat_activity`. */
export function openPool(options: {
  databaseUrl: string
  purpose: string
  max: number
  log: (line: string) => void
  /** What is unusual about it. */
  settings?: pg.PoolConfig
}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    max: options.max,
    connectionTimeoutMillis: 8_000,
    application_name: `issue-crew ${options.purpose}`,
    ...options.settings,
  })
  // One that breaks while nobody uses it; whoever uses one gets its error from the statement.
  pool.on('error', error => options.log(`A database connection was lost: ${error.message}`))
  return pool
}
