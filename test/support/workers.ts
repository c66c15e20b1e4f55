import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { startOwnPostgres } from '../../src/durable/own-postgres.js'
import { canaryEnvironment, keepForCanaries } from './canaries.js'
import type { CompiledSources } from '../../scripts/compile-sources.mjs'
import { eventually } from './eventually.js'
import type { ScriptedStory } from './scripted-story.js'

/** The App as `issue-crew start` runs it: a process, a disk of its own, and a database that it shares. */
export interface Worker {
  /** What it has logged, oldest first. */
  log: { level: number; msg: string; err?: { message: string } }[]
  /** Has GitHub send its webhooks here. */
  listen(): void
  /** Sends it a signal; SIGSTOP and SIGCONT have it hang and go on. */
  signal(name: NodeJS.Signals): void
  /** How it ended: its exit status, or the signal that ended it. */
  ended: Promise<number | string | null>
}

/** The stage of a story whose own App has stopped, with as many workers as a test wants. */
export interface Workers {
  databaseUrl: string
  /** `of` is another version's code, where it isn't the present one's. */
  start(settings?: Record<string, string>, of?: Pick<CompiledSources, 'path'>): Promise<Worker>
  /** Ends all of them, and leaves the stage to its own App again. */
  stop(): Promise<void>
}

export async function openWorkers(story: ScriptedStory, sources: CompiledSources): Promise<Workers> {
  const { stage } = story
  const { app, model, home, github } = stage.config
  await stage.stopCrew()
  const postgres = await startOwnPostgres({ dataDir: join(home, 'postgres'), log: () => {} })
  const workers: Worker[] = []

  return {
    databaseUrl: postgres.databaseUrl,
    async start(settings = {}, of = sources) {
      const directory = join(home, 'workers', String(workers.length + 1))
      await mkdir(directory, { recursive: true })
      const child = spawn(process.execPath, [of.path('src/main.js'), 'start'], {
        cwd: directory,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          PATH: process.env['PATH'],
          ...canaryEnvironment(),
          NODE_ENV: 'production',
          APP_ID: String(app.id),
          PRIVATE_KEY: app.privateKey,
          WEBHOOK_SECRET: app.webhookSecret,
          ANTHROPIC_API_KEY: model.apiKey,
          ANTHROPIC_BASE_URL: model.baseUrl,
          DATABASE_URL: postgres.databaseUrl,
          GHE_PROTOCOL: 'http',
          GHE_HOST: new URL(github.baseUrl).host,
          GITHUB_WRITE_SPACING_MS: '0',
          RECONCILE_MINUTES: '0',
          PORT: '0',
          LOG_FORMAT: 'json',
          ...settings,
        },
      })
      const log: Worker['log'] = []
      const note = (line: string): void => {
        keepForCanaries('log', `${line}\n`)
        log.push(line.startsWith('{') ? (JSON.parse(line) as Worker['log'][number]) : { level: 30, msg: line })
      }
      for (const output of [child.stdout, child.stderr]) createInterface({ input: output }).on('line', note)
      const ended = once(child, 'exit').then(([status, signal]) => (status ?? signal) as number | string | null)
      const url = await eventually(() => {
        if (child.exitCode !== null) throw new Error(`The worker did not start:\n${JSON.stringify(log, null, 1)}`)
        return log.map(({ msg }) => /takes webhooks at (\S+)/.exec(msg)?.[1]).find(Boolean)
      })
      const worker: Worker = {
        log,
        listen: () => stage.github.sendWebhooksTo({ url, secret: stage.webhookSecret }),
        signal: name => void child.kill(name),
        ended,
      }
      workers.push(worker)
      return worker
    },
    async stop() {
      for (const { signal, ended } of workers) {
        signal('SIGKILL')
        await ended
      }
      await postgres.stop()
      await stage.restartCrew()
    },
  }
}
