import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Agent } from '../domain/agent.js'
import { packageRoot } from '../package-root.js'
import { readAgentFile } from './agent-file.js'

/** The agents that come with the App, from `agents/`. One that can't be read is a fault of the package, so it throws. */
export async function loadOwnAgents(folder = fileURLToPath(new URL('agents/', packageRoot))): Promise<Agent[]> {
  const files = (await readdir(folder, { recursive: true })).filter(file => file.endsWith('.md')).sort()
  return Promise.all(
    files.map(async file => {
      const read = readAgentFile(await readFile(join(folder, file), 'utf8'), `agents/${file}`)
      if (!read.ok) throw new Error(read.problem)
      return read.agent
    }),
  )
}
