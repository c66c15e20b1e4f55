/** A process that uses an own Postgres, to be killed: `node postgres-user.js DATA_DIR`. Prints the address, then waits. */
import { startOwnPostgres } from '../../src/durable/own-postgres.js'

const server = await startOwnPostgres({
  dataDir: process.argv[2] ?? '',
  log: line => process.stderr.write(`${line}\n`),
})
process.stdout.write(`${server.databaseUrl}\n`)
process.stdin.once('data', () => {
  void server.stop().then(() => process.exit(0))
})
