import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Metrics } from './metrics.js'

/**
 * Serves `/metrics` on an address of its own, so that a front door that is open to the world shows nothing of them.
 *
 * @throws Error for whoever starts the App, where it can't listen there.
 */
export async function openMetricsDoor(options: {
  host: string
  port: number
  metrics: Metrics
}): Promise<{ url: string; close(): Promise<void> }> {
  const { host, port, metrics } = options
  const server = createServer((request, response) => {
    request.resume()
    const found = request.method === 'GET' && request.url?.split('?')[0] === '/metrics'
    if (!found) {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('There is nothing here.\n')
      return
    }
    metrics.text().then(
      ({ type, text }) => response.writeHead(200, { 'content-type': type }).end(text),
      () => response.writeHead(500).end(),
    )
  })
  await new Promise<void>((resolve, reject) => {
    const failed = ({ message }: Error) =>
      reject(new Error(`Metrics can't be served on ${host}:${port}: ${message}. Change METRICS_PORT or METRICS_HOST.`))
    server.once('error', failed)
    server.listen({ host, port }, () => {
      server.off('error', failed)
      resolve()
    })
  })
  const { address, port: taken, family } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}/metrics`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
