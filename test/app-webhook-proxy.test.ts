import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { createLog } from '../src/log.js'
import { startWebhookProxy } from '../src/webhook-proxy.js'

const log = createLog({ level: 'silent', pretty: false, secrets: [] })
const open: Server[] = []

afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
})

test('what GitHub sends to the relay arrives at the front door, with its signature', async () => {
  const delivery = { 'x-github-event': 'issues', 'x-github-delivery': 'd-1', 'x-hub-signature-256': 'sha256=00' }
  const relay = await listen((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(
      `data: ${JSON.stringify({ ...delivery, host: 'relay.example', body: { action: 'labeled' }, query: {} })}\n\n`,
    )
  })
  const arrived = promiseWithResolver<unknown>()
  const target = await listen((request, response) => {
    let body = ''
    request.on('data', part => (body += String(part)))
    request.on('end', () => {
      response.end()
      arrived.resolve({ path: request.url, headers: request.headers, body })
    })
  })

  const proxy = await startWebhookProxy({ source: `${relay}/channel`, target, log })
  expect(await arrived.promise).toMatchObject({
    path: '/api/github/webhooks',
    headers: { ...delivery, 'content-type': 'application/json' },
    body: '{"action":"labeled"}',
  })
  await proxy.close()
})

test('a relay that can’t be reached is named, with what to do', async () => {
  const gone = await listen((_, response) => void response.writeHead(404).end())
  const proxy = startWebhookProxy({ source: `${gone}/channel`, target: 'http://127.0.0.1:9', log })
  await expect(proxy).rejects.toThrow(
    `The webhook relay ${gone}/channel can't be reached. Check WEBHOOK_PROXY_URL, or remove it.`,
  )
})

function listen(listener: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(listener as never)
  open.push(server)
  return new Promise(resolve =>
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
  )
}

function promiseWithResolver<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>(done => (resolve = done))
  return { promise, resolve }
}
