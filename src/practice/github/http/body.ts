import type { IncomingMessage } from 'node:http'

import { Refused } from './answer.js'

/** GitHub's limit for a payload. */
const PAYLOAD_LIMIT = 25 * 1024 * 1024

/** Reads a whole body. Throws 413 above GitHub's limit. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += (chunk as Buffer).length
    // What is too much is read and dropped, so that the sender can hear the answer.
    if (size <= PAYLOAD_LIMIT) chunks.push(chunk as Buffer)
  }
  if (size > PAYLOAD_LIMIT)
    throw new Refused(413, `Payload too big: ${PAYLOAD_LIMIT} bytes are allowed, ${size} bytes were posted.`)
  return Buffer.concat(chunks)
}

/** A body as JSON; undefined when it is empty. Throws 400 when it isn't JSON. */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw new Refused(400, 'Problems parsing JSON')
  }
}
