// @ts-check
/**
 * Runs inside setup's box, which has no network: listens on its loopback, carries every connection to the socket of the
 * proxy outside, and starts the command, whose end is its own. See way-out.ts. Plain JavaScript with nothing to load,
 * because nothing of the App's can be seen there.
 */
import { spawn } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { constants } from 'node:os'

const [socket = '', port, program = '', ...args] = process.argv.slice(2)

const server = createServer({ allowHalfOpen: true }, inside => {
  const outside = connect({ path: socket, allowHalfOpen: true })
  const end = () => {
    inside.destroy()
    outside.destroy()
  }
  inside.on('error', end).pipe(outside)
  outside.on('error', end).pipe(inside)
})
server.maxConnections = 256
server.listen(Number(port), '127.0.0.1', () => {
  const child = spawn(program, args, { stdio: 'inherit' })
  child.on('error', error => {
    console.error(error.message)
    process.exit(127)
  })
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal ?? 'SIGKILL']))
})
