import type { IncomingMessage } from 'node:http'

/** The body as text, or why it was not taken. */
export type Body = { ok: true; text: string } | { ok: false; why: 'too-large' | 'busy' | 'cut-off' }

/**
 * Reads bodies of at most `maxBytes` each, and holds at most `maxBytesAtOnce` of all that are being read: nobody is known yet
 * when a body comes in. What is too large is read on and thrown away, so that the sender can still hear the answer.
 */
export function createBodyReader(limits: {
  maxBytes: number
  maxBytesAtOnce: number
}): (request: IncomingMessage) => Promise<Body> {
  let held = 0

  return request =>
    new Promise(resolve => {
      const chunks: Buffer[] = []
      let size = 0
      let settled = false
      const settle = (body: Body) => {
        if (settled) return
        settled = true
        held -= size
        chunks.length = 0
        resolve(body)
      }

      request.on('data', (chunk: Buffer) => {
        if (settled) return
        size += chunk.length
        held += chunk.length
        chunks.push(chunk)
        if (size > limits.maxBytes) settle({ ok: false, why: 'too-large' })
        else if (held > limits.maxBytesAtOnce) settle({ ok: false, why: 'busy' })
      })
      request.on('end', () => settle({ ok: true, text: Buffer.concat(chunks).toString('utf8') }))
      request.on('close', () => settle({ ok: false, why: 'cut-off' }))
      request.on('error', () => settle({ ok: false, why: 'cut-off' }))
      if (Number(request.headers['content-length'] ?? 0) > limits.maxBytes) settle({ ok: false, why: 'too-large' })
    })
}
