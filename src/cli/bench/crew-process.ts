import type { Config } from '../../config.js'
import { createLog } from '../../log.js'
import { startCrew, type Crew } from '../crew.js'

/** What is asked of the App in its process: to begin, how much memory it takes, to stop. See crew-apart.ts. */
export type CrewOrder = { config: Config } | 'memory' | 'stop'

/** What it answers. */
export type CrewAnswer =
  | { kind: 'ready'; webhookUrl: string; databaseUrl: string }
  | { kind: 'memory'; rssBytes: number; heapBytes: number; cpuMs: number }

let crew: Crew | null = null
const answer = (said: CrewAnswer): void => void process.send?.(said)

async function obey(order: CrewOrder): Promise<void> {
  if (order === 'memory') {
    const { user, system } = process.cpuUsage()
    globalThis.gc?.()
    const { rss, heapUsed } = process.memoryUsage()
    answer({ kind: 'memory', rssBytes: rss, heapBytes: heapUsed, cpuMs: (user + system) / 1000 })
  } else if (order === 'stop') {
    await leave()
  } else {
    const log = createLog({ level: 'error', pretty: false, secrets: [], sink: process.stderr })
    crew = await startCrew({ config: order.config, log })
    answer({ kind: 'ready', webhookUrl: crew.webhookUrl, databaseUrl: crew.databaseUrl })
  }
}

/** Its Postgres would go on without it. */
async function leave(): Promise<void> {
  await crew?.stop()
  process.exit()
}

process.on('message', (order: CrewOrder) => void obey(order))
process.on('disconnect', () => void leave())
