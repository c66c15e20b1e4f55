import { Agent, createServer, request as send, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What comes of a request in place of its answer. */
export type Disturbance =
  /** Nothing is carried out, and this is the answer. */
  | { answer: Answer }
  /** It is carried out, but this is the answer. */
  | { doneButAnswered: Answer }
  /** It is carried out, and no answer ever comes. */
  | 'no answer'
  /** It is carried out, and the answer breaks off in the middle. */
  | 'cut'

export interface Answer {
  status: number
  headers: Record<string, string>
  body: string
}

/** One request that came through: what was asked for, and the how many-th of those it is. */
export interface Passed {
  operation: string
  nth: number
}

/** A way to a server of this machine, on which requests are seen, and disturbed. */
export interface Gate {
  url: string
  /** Forgets what passed and whom to disturb; `seen` is told of each request from now on. */
  watch(seen?: (passed: Passed) => void): void
  /** Disturbs this one, counted since {@link watch}, once. `reached` is called when it has met its disturbance. */
  disturb(one: Passed & { how: Disturbance; reached: () => void }): void
  stop(): Promise<void>
}

/** `operationOf` says what a request asks for, in words that are the same for all of its kind. */
export async function openGate(
  target: string,
  operationOf: (request: { method: string; url: string; body: string }) => string,
): Promise<Gate> {
  const agent = new Agent({ keepAlive: true })
  const { hostname, port } = new URL(target)
  let counts = new Map<string, number>()
  let seen: (passed: Passed) => void = () => undefined
  let disturbed: Parameters<Gate['disturb']>[0][] = []

  const server = createServer((incoming, response) => {
    response.on('error', () => undefined)
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('error', () => undefined)
    incoming.on('end', () => {
      const body = Buffer.concat(chunks)
      const { method = 'GET', url = '/', headers } = incoming
      void handle({ method, url, headers, body }, response).catch(() => response.destroy())
    })
  })

  async function handle(
    request: { method: string; url: string; headers: IncomingHttpHeaders; body: Buffer },
    response: ServerResponse,
  ): Promise<void> {
    const { method, url } = request
    const operation = operationOf({ method, url, body: request.body.toString() })
    const nth = (counts.get(operation) ?? 0) + 1
    counts.set(operation, nth)
    seen({ operation, nth })
    const meets = disturbed.find(one => one.operation === operation && one.nth === nth)
    const how = meets?.how
    if (typeof how === 'object' && 'answer' in how) {
      answer(response, how.answer)
      meets?.reached()
      return
    }
    const got = await forward(request)
    if (how === undefined) answer(response, got)
    else if (how === 'cut') {
      response.writeHead(got.status, withoutLength(got.headers))
      response.write(got.body.subarray(0, Math.ceil(got.body.length / 2)), () => response.destroy())
    } else if (how !== 'no answer') answer(response, how.doneButAnswered)
    meets?.reached()
  }

  const forward = (request: { method: string; url: string; headers: IncomingHttpHeaders; body: Buffer }) =>
    new Promise<{ status: number; headers: Record<string, string>; body: Buffer }>((resolve, reject) => {
      const { method, url: path, headers, body } = request
      const outgoing = send({ hostname, port, method, path, headers, agent }, incoming => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
            body: Buffer.concat(chunks),
          }),
        )
      })
      outgoing.on('error', reject)
      outgoing.end(body)
    })

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    watch(tell = () => undefined) {
      counts = new Map()
      disturbed = []
      seen = tell
    },
    disturb: one => void disturbed.push(one),
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
        agent.destroy()
      }),
  }
}

function answer(response: ServerResponse, { status, headers, body }: Omit<Answer, 'body'> & { body: string | Buffer }) {
  response.writeHead(status, { ...withoutLength(headers), 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

const withoutLength = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(content-length|transfer-encoding|connection)$/i.test(name)),
  )
