/**
 * The App in a process of its own, to be killed: `node crew-process.js CONFIG`. Its first line on stdout is where it
 * takes webhooks; then comes a line of JSON for everything that happens in it.
 */
import { startCrew } from '../../src/cli/crew.js'
import type { Config } from '../../src/config.js'
import { createLog } from '../../src/log.js'

const config = JSON.parse(process.argv[2] ?? '') as Config
const crew = await startCrew({
  config,
  log: createLog({ level: 'warn', pretty: false, secrets: [], sink: process.stderr }),
  observe: sight => process.stdout.write(`${JSON.stringify(sight)}\n`),
})
process.stdout.write(`${crew.webhookUrl}\n`)
