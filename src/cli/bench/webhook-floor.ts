import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'

/** What the floor needs to know: the App's own database, which it shares with it, and the webhook secret. */
export interface WebhookFloor {
  databaseUrl: string
  secret: string
}

/**
 * What no App comes under: a plain server in a process that does nothing else. It checks the signature, writes the body into
 * a table and answers; nothing is read, redacted or acted upon. It tells its address, and ends when it is left alone.
 */
process.once('message', ({ databaseUrl, secret }: WebhookFloor) => void serve(databaseUrl, secret))

async function serve(databaseUrl: string, secret: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 20 })
  await pool.query('CREATE TABLE IF NOT EXISTS issue_crew.bench (id text PRIMARY KEY, body text NOT NULL)')
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
      const given = request.headers['x-hub-signature-256']
      const isSigned = typeof given === 'string' && timingSafeEqual(Buffer.from(given), Buffer.from(signature))
      const written = isSigned
        ? pool.query('INSERT INTO issue_crew.bench (id, body) VALUES ($1, $2)', [
            request.headers['x-github-delivery'],
            body.toString('utf8'),
          ])
        : Promise.reject(new Error('The signature does not fit'))
      written.then(
        () => response.end('Taken.'),
        () => response.writeHead(500).end(),
      )
    })
  })
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    process.send?.(`http://127.0.0.1:${port}/`)
  })
  process.once('disconnect', () => process.exit())
}
