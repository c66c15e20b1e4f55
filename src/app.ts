import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { deliveryId, issueOf, type CrewEvent } from './domain/event.js'
import { isHandled, readWebhook } from './github/webhook-events.js'
import type { Logger } from './log.js'
import type { Engine, RunBook } from './ports.js'
import { createBodyReader } from './read-body.js'

export interface FrontDoor {
  /** Where it listens, without a slash at the end. */
  url: string
  /** From now on nothing new is taken: deliveries and /readyz are answered with 503, so that others get them. */
  leave(): void
  /** Answers what is under way, and lets go of the port. */
  close(): Promise<void>
}

export interface FrontDoorOptions {
  host: string
  /** 0 for any free one. */
  port: number
  /** The label that puts the crew to work, and the App's own name: its own doings don't count. */
  crew: { label: string; appSlug: string }
  /** Whether GitHub signed that body. */
  verify: (body: string, signature: string) => Promise<boolean>
  engine: Pick<Engine, 'start'>
  /** Whether a run waits for an answer on that issue. Issues are full of talk, and no other of it is taken in. */
  asks: RunBook['asks']
  /** Why deliveries can't be taken now, for /readyz; null when they can. Anybody may read it. */
  whyNotReady: () => Promise<string | null>
  log: Logger
}

/**
 * Opens the front door: GitHub's webhooks come in, are checked, read, and given to the engine as `delivery.v1` under the id
 * `delivery:<X-GitHub-Delivery>`, comments under one by their own number. A delivery is answered 2xx only once it is safe on disk; GitHub shows any other answer as
 * failed, and it can be redelivered, under the same id and so without doing anything twice.
 *
 * Invariant: nothing here asks GitHub or a model anything. A delivery costs one signature and at most one write; a
 * comment without a command one look-up in the database before it.
 */
export async function startFrontDoor(options: FrontDoorOptions): Promise<FrontDoor> {
  const readBody = createBodyReader({ maxBytes: largestPayload, maxBytesAtOnce: 4 * largestPayload })
  const room: Room = { ...options, readBody, leaving: false }
  const server = createServer((request, response) => {
    answer(room, request)
      .catch((error: unknown): Answer => {
        options.log.error({ err: error }, 'The front door failed')
        return { status: 500, text: 'Something went wrong here.' }
      })
      .then(
        said => send(response, said),
        () => response.destroy(),
      )
  })
  // A sender that dawdles over its body holds memory: GitHub needs a second at most.
  server.requestTimeout = 30_000
  server.headersTimeout = 10_000
  await listen(server, options)
  server.on('error', error => options.log.error({ err: error }, 'The front door has a problem'))
  return { url: urlOf(server), leave: () => void (room.leaving = true), close: () => close(server) }
}

/** GitHub never sends more: docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap */
const largestPayload = 25 * 1024 * 1024

/** Probot's path; and `/`, because that is the address which Probot's set-up registers. */
const webhookPaths = ['/api/github/webhooks', '/']

/** GitHub gives up on a delivery after ten seconds. */
const persistWithinMs = 9_000

/** Null: there is nobody left to answer. */
type Answer = { status: number; text: string; json?: unknown; allow?: string } | null

type Room = FrontDoorOptions & { readBody: ReturnType<typeof createBodyReader>; leaving: boolean }

async function answer(room: Room, request: IncomingMessage): Promise<Answer> {
  const path = (request.url ?? '/').split('?')[0] ?? '/'
  const reading = request.method === 'GET' || request.method === 'HEAD'
  if (request.method === 'POST' && webhookPaths.includes(path)) {
    if (!room.leaving) return takeDelivery(room, request)
    request.resume()
    return { status: 503, text: isStopping }
  }
  // Whatever else comes with a body: it is not read.
  request.resume()
  if (path === '/')
    return reading ? { status: 200, text: 'Issue Crew is here and listens to GitHub.' } : notAllowed('GET, POST')
  if (path === '/healthz') return reading ? { status: 200, text: '', json: { ok: true } } : notAllowed('GET')
  if (path === '/readyz') return reading ? readiness(room) : notAllowed('GET')
  if (webhookPaths.includes(path)) return notAllowed('POST')
  return { status: 404, text: 'There is nothing here.' }
}

async function takeDelivery(room: Room, request: IncomingMessage): Promise<Answer> {
  const said = readHeaders(request)
  if ('status' in said) {
    request.resume()
    return said
  }
  const body = await room.readBody(request)
  if (!body.ok) return refuseBody(body.why)
  if (!(await room.verify(body.text, said.signature))) {
    room.log.warn({ delivery: said.delivery, event: said.name }, 'A webhook with a wrong signature was refused')
    return { status: 401, text: "The signature does not fit. Is WEBHOOK_SECRET the same as in the App's settings?" }
  }
  if (!isHandled(said.name)) return { status: 202, text: 'Nothing to do.' }

  const payload = parseJson(body.text)
  if (payload === undefined) return { status: 400, text: 'The body is not JSON.' }
  const event = readWebhook({ name: said.name, delivery: said.delivery, payload }, room.crew)
  if (!event) return { status: 202, text: 'Nothing to do.' }

  const persisted = await persist(room, deliveryId(event), event)
  if (persisted === 'not-asked') return { status: 202, text: 'Nothing to do.' }
  if (persisted === 'failed')
    return { status: 500, text: 'It could not be stored. Redeliver it when the App is well again.' }
  room.log.info({ issue: issueOf(event), delivery: said.delivery, kind: event.kind }, 'A delivery was taken')
  return { status: 200, text: 'Taken.' }
}

type DeliveryHeaders = { name: string; delivery: string; signature: string }

function readHeaders(request: IncomingMessage): DeliveryHeaders | NonNullable<Answer> {
  const header = (name: string) => {
    const value = request.headers[name]
    return typeof value === 'string' ? value : ''
  }
  if (!/^\s*application\/json\s*(;|$)/i.test(header('content-type'))) {
    return {
      status: 415,
      text: "Only application/json is read. Choose it as content type in the App's webhook settings.",
    }
  }
  const name = header('x-github-event')
  const delivery = header('x-github-delivery')
  const signature = header('x-hub-signature-256')
  if (signature === '')
    return { status: 401, text: "There is no signature. Set a webhook secret in the App's settings." }
  // The signature doesn't cover the headers, so they are held to their forms.
  if (!/^[a-z0-9_]{1,64}$/.test(name)) return { status: 400, text: 'X-GitHub-Event is missing or malformed.' }
  if (!/^[\w-]{1,64}$/.test(delivery)) return { status: 400, text: 'X-GitHub-Delivery is missing or malformed.' }
  return { name, delivery, signature }
}

function refuseBody(why: 'too-large' | 'busy' | 'cut-off'): Answer {
  switch (why) {
    case 'too-large':
      return { status: 413, text: 'The body is larger than the 25 MB that GitHub sends at most.' }
    case 'busy':
      return { status: 503, text: 'Too much at once. Try again.' }
    case 'cut-off':
      return null
  }
}

async function persist(room: Room, id: string, event: CrewEvent): Promise<'stored' | 'not-asked' | 'failed'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It took longer than ${persistWithinMs} ms`)), persistWithinMs)
  })
  try {
    if (event.kind === 'remarked') {
      const isAsked = await Promise.race([room.asks(event.repository.id, event.issueNumber), late])
      if (!isAsked) return 'not-asked'
    }
    await Promise.race([room.engine.start('delivery.v1', id, event), late])
    return 'stored'
  } catch (error) {
    room.log.error(
      { issue: issueOf(event), err: error, id },
      'A delivery could not be stored; redeliver it from the settings of the App',
    )
    return 'failed'
  } finally {
    clearTimeout(timer)
  }
}

const isStopping = 'The App is stopping.'

async function readiness(room: Room): Promise<Answer> {
  const why = room.leaving ? isStopping : await room.whyNotReady()
  return why === null
    ? { status: 200, text: '', json: { ok: true } }
    : { status: 503, text: '', json: { ok: false, why } }
}

function notAllowed(allow: string): Answer {
  return { status: 405, text: `Only ${allow} here.`, allow }
}

function send(response: ServerResponse, said: Answer): void {
  if (!said) {
    response.destroy()
    return
  }
  const isJson = said.json !== undefined
  response.writeHead(said.status, {
    'content-type': isJson ? 'application/json' : 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    ...(said.allow === undefined ? {} : { allow: said.allow }),
  })
  response.end(isJson ? JSON.stringify(said.json) : `${said.text}\n`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function listen(server: Server, options: { host: string; port: number }): Promise<void> {
  const { host, port } = options
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, options)))
    server.listen({ host, port }, resolve)
  })
}

function cannotListen(error: NodeJS.ErrnoException, { host, port }: { host: string; port: number }): Error {
  const why: Record<string, string> = {
    EADDRINUSE: `Port ${port} is taken. Stop what uses it, or set PORT to another one.`,
    EACCES: `Port ${port} may not be used by this account. Set PORT to one above 1023.`,
    EADDRNOTAVAIL: `${host} is no address of this machine. Set HOST to 127.0.0.1, or to 0.0.0.0 for all addresses.`,
    ENOTFOUND: `The host name ${host} is unknown. Set HOST to 127.0.0.1, or to 0.0.0.0 for all addresses.`,
  }
  return new Error(why[error.code ?? ''] ?? `The App can't listen on ${host}:${port}: ${error.message}`, {
    cause: error,
  })
}

function urlOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close(error => (error ? reject(error) : resolve()))
    server.closeIdleConnections()
  })
}
