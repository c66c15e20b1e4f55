import { resolve } from 'node:path'
import { loadDotEnv, needsSetUp, readConfig, readServerConfig } from '../config.js'
import { createLog, type Logger } from '../log.js'
import { ownSecrets } from '../secrets/own-secrets.js'
import { startSetUp } from '../set-up.js'
import { startWebhookProxy } from '../webhook-proxy.js'
import { credentialsOf, startCrew } from './crew.js'
import type { Terminal } from './terminal.js'

/**
 * Runs the App until it is told to stop (SIGINT, SIGTERM), then ends in order. Without an App's credentials it serves the
 * set-up instead. Resolves with the exit status: 2 when the settings are wrong, with every problem said.
 */
export async function start(terminal: Terminal): Promise<number> {
  const envFile = resolve('.env')
  const unreadable = loadDotEnv(envFile)
  if (unreadable) return refuse([unreadable], terminal)
  if (needsSetUp(process.env)) return setUp(envFile, terminal)

  const checked = readConfig(process.env)
  if (!checked.ok) return refuse(checked.problems, terminal)
  const { config } = checked
  const log = createLog({
    ...config.server.log,
    secrets: ownSecrets(credentialsOf(config), process.env).map(({ value }) => value),
  })
  let crew
  try {
    crew = await startCrew({ config, log })
  } catch (error) {
    return refuse([error instanceof Error ? error.message : String(error)], terminal)
  }
  log.info(`Issue Crew takes webhooks at ${crew.webhookUrl}`)
  const proxy = config.server.webhookProxyUrl
    ? await startWebhookProxy({ source: config.server.webhookProxyUrl, target: crew.url, log })
    : null
  await stopSignal()
  log.info('Stopping; what is under way goes on in other workers, or at the next start.')
  leaveAtLast(config.stopSeconds ?? 0, log)
  await proxy?.close()
  await crew.stop()
  return 0
}

/** Ends the process where something that is stopped doesn't end: others have its work by then, or find it. */
function leaveAtLast(stopSeconds: number, log: Logger): void {
  const leave = (): never => {
    log.warn('Something did not come to its end; leaving without it.')
    process.exit(0)
  }
  setTimeout(leave, 1000 * (stopSeconds + graceSeconds)).unref()
}

/** For breaking off what has not ended by itself, and for letting go of the database. */
const graceSeconds = 12

async function setUp(envFile: string, terminal: Terminal): Promise<number> {
  const checked = readServerConfig(process.env)
  if (!checked.ok) return refuse(checked.problems, terminal)
  const log = createLog({ ...checked.config.log, secrets: [] })
  const page = await startSetUp({ server: checked.config, envFile, log })
  terminal.say(`There is no App yet. Open ${page.url} to register one on GitHub; its credentials go into ${envFile}.`)
  await Promise.race([page.done, stopSignal()])
  await page.close()
  return 0
}

function refuse(problems: string[], terminal: Terminal): number {
  terminal.say(['Issue Crew does not start:', ...problems.map(problem => `- ${problem}`)].join('\n'))
  return 2
}

function stopSignal(): Promise<void> {
  return new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
}
