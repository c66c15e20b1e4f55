import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Config } from '../../config.js'
import type { CrewAnswer, CrewOrder } from './crew-process.js'

type Ready = Extract<CrewAnswer, { kind: 'ready' }>
type Memory = Extract<CrewAnswer, { kind: 'memory' }>

export interface CrewApart extends Pick<Ready, 'webhookUrl' | 'databaseUrl'> {
  /** After garbage collection; `cpuMs` since it began. */
  memory(): Promise<Memory>
  /** In order, as at SIGTERM. */
  stop(): Promise<void>
}

/** Starts the App, with its own Postgres, in another process, so that the practice GitHub's memory doesn't count as its. */
export async function startCrewApart(config: Config): Promise<CrewApart> {
  const child = fork(fileURLToPath(new URL('./crew-process.js', import.meta.url)), {
    execArgv: ['--expose-gc', '--enable-source-maps'],
  })
  const gone = once(child, 'exit')
  const ask = async (order: CrewOrder): Promise<CrewAnswer> => {
    const answered = once(child, 'message')
    child.send(order)
    const early = gone.then(() => Promise.reject(new Error('The App has ended; it says above why.')))
    const [answer] = (await Promise.race([answered, early])) as [CrewAnswer]
    return answer
  }
  const { webhookUrl, databaseUrl } = (await ask({ config })) as Ready
  return {
    webhookUrl,
    databaseUrl,
    memory: async () => (await ask('memory')) as Memory,
    async stop() {
      child.send('stop' satisfies CrewOrder)
      await gone
    },
  }
}
