import { SmeeClient } from 'smee-client'
import type { Logger } from './log.js'

/**
 * Relays what arrives at a smee.io channel to the front door, for machines that GitHub can't reach. Reconnects by itself. The
 * relay sends a body parsed and formatted anew; where that changes a byte the signature doesn't fit and the front door says no.
 */
export async function startWebhookProxy(options: {
  /** WEBHOOK_PROXY_URL. */
  source: string
  /** The front door's address. */
  target: string
  log: Logger
}): Promise<{ close(): Promise<void> }> {
  const { source, target, log } = options
  const client = new SmeeClient({
    source,
    target: `${target}/api/github/webhooks`,
    logger: {
      info: text => log.debug(text),
      error: (...words) => log.warn({ words: words.map(String) }, 'The webhook relay failed'),
    },
    maxConnectionTimeout: 10_000,
  })
  try {
    await client.start()
  } catch (error) {
    throw new Error(`The webhook relay ${source} can't be reached. Check WEBHOOK_PROXY_URL, or remove it.`, {
      cause: error,
    })
  }
  log.info(`Webhooks come in through ${source}`)
  return { close: () => client.stop() }
}
