import { randomBytes } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Before the first test: plants canaries in the environment, and has every process of the suite write down what it says
 * and what it is sent (record.mjs). tear-down.mjs looks through it.
 */
export default async function setUp() {
  process.env.CREW_CANARIES = await mkdtemp(join(tmpdir(), 'crew-canaries-'))
  // For test/support/prepared-database.ts.
  process.env.CREW_PREPARED = await mkdtemp(join(tmpdir(), 'crew-prepared-'))
  process.env.CANARY_DEPLOY_TOKEN = `canary ${randomBytes(18).toString('base64')}`
  process.env.CANARY_NOTE = randomBytes(24).toString('hex')
  const recorder = new URL('record.mjs', import.meta.url).href
  process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --import=${recorder}`
  const { plant } = await import(recorder)
  plant('a token in the environment', process.env.CANARY_DEPLOY_TOKEN)
  plant('a value in the environment', process.env.CANARY_NOTE)
}
