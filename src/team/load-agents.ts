import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toolNames, type Agent } from '../domain/agent.js'
import { packageRoot } from '../package-root.js'
import { readingTools, roleFor } from './agents/assemble-team.js'
import { readAgentFile } from './agents/read-agent-file.js'

/** The one who plans, and those who stand in: the first for anybody, each for its side. */
const leadName = 'tech-lead-orchestrator'
const universalNames = ['backend-developer', 'frontend-developer']

/** The agents that come with the App, from `agents/`. One that is not as it should be is a fault of the package, so it throws. */
export async function loadOwnAgents(folder = fileURLToPath(new URL('agents/', packageRoot))): Promise<Agent[]> {
  const files = (await readdir(folder, { recursive: true })).filter(file => file.endsWith('.md')).sort()
  return Promise.all(
    files.map(async file => {
      const source = `agents/${file}`
      const read = readAgentFile({ path: source, form: 'claude', text: await readFile(join(folder, file), 'utf8') })
      const faults = read.ok ? read.notes : [read.problem]
      if (!read.ok || faults.length > 0) throw new Error(`${source}: ${faults.join('; ')}`)
      const { agent } = read
      const tools = agent.tools ?? [...toolNames]
      const role = agent.name === leadName ? 'lead' : roleFor(tools)
      return {
        name: agent.name,
        description: agent.description,
        role,
        universal: universalNames.includes(agent.name),
        prompt: agent.prompt,
        tools: role === 'specialist' ? tools : readingTools(tools),
        model: null,
        maxTurns: agent.maxTurns,
        source,
      }
    }),
  )
}
