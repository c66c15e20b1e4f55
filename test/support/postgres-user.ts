/** A process that uses an own Postgres, to be killed: `node postgres-user.js DATA_DIR`. Prints the address, then waits. */
import { startOwnPostgres } from '../../src/durable/own-postgres.js'

const server = await startOwnPostgres({
  dataDir: process.argv[2] ?? '',
  log: line => process.stderr.write(`${line}\n`),
})
process.stdout.write(`${server.databaseUrl}\n`)
/** What it may be told on stdin: to give up its use, and end. */
export type PostgresUserCommand = 'leave'

process.stdin.once('data', () => {
  void server.stop().then(() => process.exit(0))
})
