import { rm } from 'node:fs/promises'
import { searchForCanaries } from './search.mjs'

/** After the last test: fails the run if anything it wrote or sent holds a canary. */
export default async function tearDown() {
  const directory = process.env.CREW_CANARIES
  const { found, canaries, bytes } = await searchForCanaries(directory)
  for (const made of [directory, process.env.CREW_PREPARED ?? directory])
    await rm(made, { recursive: true, force: true })
  const told = `${canaries} canaries were looked for in the ${(bytes / 1e6).toFixed(1)} MB that the tests wrote and sent`
  if (found.length > 0) throw new Error(`Secrets got out. ${told}; found:\n${found.join('\n')}`)
  process.stdout.write(`${told}: none was found.\n`)
}
