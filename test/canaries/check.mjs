/** `node check.mjs DIRECTORY`: what tear-down.mjs does, for its own test. */
import tearDown from './tear-down.mjs'

process.env.CREW_CANARIES = process.argv[2]
await tearDown().catch(error => {
  console.error(error.message)
  process.exitCode = 1
})
