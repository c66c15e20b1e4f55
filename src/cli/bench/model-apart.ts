import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ScriptedModel } from '../../practice/model/start.js'

export interface ModelApart {
  url: string
  /** Times are those of `machineClock`. */
  stats(): Promise<ReturnType<ScriptedModel['stats']>>
  stop(): Promise<void>
}

/** Starts the scripted model in another process, so that neither its time nor its memory counts as the App's. */
export async function startModelApart(transcript: string): Promise<ModelApart> {
  const child = fork(fileURLToPath(new URL('./model-process.js', import.meta.url)), [transcript], { execArgv: [] })
  const gone = once(child, 'exit')
  const said = async <T>(): Promise<T> => {
    const [message] = (await Promise.race([
      once(child, 'message'),
      gone.then(() => Promise.reject(new Error('The scripted model has ended; it says above why.'))),
    ])) as [T]
    return message
  }
  const { url } = await said<{ url: string }>()
  return {
    url,
    stats() {
      const answer = said<ReturnType<ScriptedModel['stats']>>()
      child.send('stats')
      return answer
    },
    async stop() {
      child.kill()
      await gone
    },
  }
}
