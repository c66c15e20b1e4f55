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
    Client: SocketClient,
    connectionString: options.databaseUrl,
    max: options.max,
    connectionTimeoutMillis: 8_000,
    application_name: `issue-crew ${options.purpose}`,
    ...options.settings,
  })
  // One that breaks while nobody uses it; whoever uses one gets its error from the statement.
  pool.on('error', error => options.log(`A database connection was lost: ${error.message}`))
  // One that breaks while it is lent, between two statements: the next one says so. Unheard, it would end the process.
  pool.on('connect', client => client.on('error', () => {}))
  return pool
}

/**
 * While a PostgreSQL that is reached through a Unix socket is away, so is the socket's file: ENOENT is then what
 * ECONNREFUSED is over TCP. It is told as that, because DBOS waits for the one and lets a workflow fail for the other.
 */
class SocketClient extends pg.Client {
  override connect(): Promise<pg.Client>
  override connect(callback: (error: Error) => void): void
  override connect(callback?: (error: Error) => void): Promise<pg.Client> | void {
    if (callback) return super.connect((error: Error) => callback(asRefused(error)))
    return super.connect().catch((error: Error) => {
      throw asRefused(error)
    })
  }
}

function asRefused(error: Error): Error {
  if ((error as NodeJS.ErrnoException | null)?.code !== 'ENOENT') return error
  return Object.assign(error, { code: 'ECONNREFUSED' })
}
