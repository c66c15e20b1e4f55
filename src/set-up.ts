import { fileURLToPath } from 'node:url'
import { run } from 'probot'
import { SmeeClient } from 'smee-client'
import { needsSetUp, type ServerConfig } from './config.js'
import { writeEnvFile } from './env-file.js'
import type { Logger } from './log.js'
import { packageRoot } from './package-root.js'
import { readPrivateKey } from './private-key.js'

export interface SetUp {
  /** The page to open in a browser. */
  url: string
  /** Resolves when the App's credentials are in the `.env` file. */
  done: Promise<void>
  close(): Promise<void>
}

/**
 * Serves Probot's set-up at /probot: one click registers an App on GitHub from app.yml, and its number, key and webhook secret
 * are written to `envFile`. Only for a process that has no App yet and does nothing else: Probot reads app.yml from the
 * working directory and GHE_HOST, GHE_PROTOCOL and WEBHOOK_PROXY_URL from `process.env`.
 *
 * On a machine that listens to itself alone, GitHub needs a relay to reach it; a channel at smee.io is made, unless
 * WEBHOOK_PROXY_URL names one or NO_SMEE_SETUP is `true`.
 */
export async function startSetUp(options: {
  server: ServerConfig
  envFile: string
  log: Logger
  /** Makes a relay channel and returns its address. */
  createChannel?: () => Promise<string>
}): Promise<SetUp> {
  const { server, envFile, log, createChannel = () => SmeeClient.createChannel() } = options
  const { promise: done, resolve: finish } = promiseWithResolver()
  const keep = (values: Record<string, string | undefined>): Record<string, string> => {
    const kept = checkSetUpValues(values)
    writeEnvFile(envFile, kept)
    // Probot's next manifest names the new channel only if it finds it here.
    Object.assign(process.env, kept)
    if (kept['APP_ID'] !== undefined) {
      log.info(`The App's credentials are in ${envFile}. Add ANTHROPIC_API_KEY there and start again.`)
      finish()
    }
    return kept
  }

  const before = process.cwd()
  process.chdir(fileURLToPath(packageRoot))
  const running = await run(() => undefined, {
    env: { HOST: server.host, PORT: String(server.port) },
    log,
    updateEnv: keep,
    SmeeClient: { createChannel: () => relayChannel({ server, createChannel, log }) },
  }).catch((error: unknown) => {
    process.chdir(before)
    throw error
  })
  const url = `http://${server.host === '0.0.0.0' ? 'localhost' : server.host}:${running.port}/probot`
  return {
    url,
    done,
    async close() {
      process.chdir(before)
      await running.stop()
    },
  }
}

async function relayChannel(options: {
  server: ServerConfig
  createChannel: () => Promise<string>
  log: Logger
}): Promise<string | undefined> {
  const { server, createChannel, log } = options
  if (!['127.0.0.1', 'localhost', '::1'].includes(server.host)) return undefined
  const address = await createChannel()
  log.info(
    `GitHub will reach this machine through ${address}. Whoever knows that address can read along: for trying out only.`,
  )
  return address
}

/**
 * What Probot wants to keep, checked: the import form takes it from any page that the browser has open, so nothing that is
 * there already is ever replaced. What we don't use (the client's id and secret) is not kept at all.
 */
function checkSetUpValues(values: Record<string, string | undefined>): Record<string, string> {
  const kept: Record<string, string> = {}
  const { APP_ID: id, PRIVATE_KEY: quotedKey, WEBHOOK_SECRET: secret, WEBHOOK_PROXY_URL: proxy } = values
  if (proxy !== undefined) kept['WEBHOOK_PROXY_URL'] = new URL(proxy).href
  if (id === undefined && quotedKey === undefined) return kept

  const key = readPrivateKey((quotedKey ?? '').replace(/^"|"$/g, ''))
  if (!needsSetUp(process.env)) throw new Error('The App is set up already. Remove APP_ID and the key to start over.')
  if (!/^\d+$/.test(id ?? '')) throw new Error('The App ID is not a number.')
  if (!key.ok) throw new Error(`The private key can't be used: ${key.problem}.`)
  if (!secret || secret.length < 16 || /["\\\n]/.test(secret)) {
    throw new Error('The webhook secret must have at least 16 characters, and neither quotes nor backslashes.')
  }
  return { ...kept, APP_ID: id ?? '', PRIVATE_KEY: key.pem.trim(), WEBHOOK_SECRET: secret }
}

function promiseWithResolver(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>(done => (resolve = done))
  return { promise, resolve }
}
