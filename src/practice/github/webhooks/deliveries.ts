import { createHmac, randomUUID } from 'node:crypto'
import * as http from 'node:http'
import * as https from 'node:https'

import { isoSeconds } from '../state/moments.js'

/** Where webhooks go, and the secret that signs them. */
export interface WebhookTarget {
  url: string
  secret: string
}

/** One try at telling the App something, as `GET /app/hook/deliveries` lists it. */
export interface Delivery {
  id: number
  /** `X-GitHub-Delivery`: the same again when it is redelivered. */
  guid: string
  deliveredAt: string
  redelivery: boolean
  /** Seconds. */
  duration: number
  /** As GitHub words it: `OK`, `Invalid HTTP Response: 500`, `failed to connect to host`, … */
  status: string
  /** 0 when no answer came. */
  statusCode: number
  event: string
  action: string | null
  installationId: number | null
  repositoryId: number | null
  requestHeaders: Record<string, string>
  payload: string
  responseHeaders: Record<string, string>
  responseBody: string
}

/** Whose webhooks they are, and where ids of deliveries come from. */
export interface AppIdentity {
  appId: number
  nextId: () => number
}

interface Parcel {
  guid: string
  redelivery: boolean
  event: string
  action: string | null
  installationId: number | null
  repositoryId: number | null
  payload: string
}

const TIMEOUT_MS = 10_000
// GitHub drops webhooks that are larger.
const PAYLOAD_LIMIT = 25 * 1024 * 1024
const DELIVERIES_KEPT = 5_000

/** Sends webhooks, one after the other for each repository, and remembers how each went. Nothing is sent again by itself. */
export class Deliveries {
  readonly list: Delivery[] = []
  readonly #identity: AppIdentity
  readonly #agents = { 'http:': new http.Agent({ keepAlive: true }), 'https:': new https.Agent({ keepAlive: true }) }
  readonly #queues = new Map<number | null, Promise<void>>()
  #target: WebhookTarget | null = null
  #stopped = false

  constructor(identity: AppIdentity) {
    this.#identity = identity
  }

  set target(target: WebhookTarget | null) {
    this.#target = target
  }

  /** Queues something new. It is not even recorded while nobody said where to. */
  enqueue(parcel: Omit<Parcel, 'guid' | 'redelivery'>): void {
    if (Buffer.byteLength(parcel.payload) > PAYLOAD_LIMIT) return
    this.#queue({ ...parcel, guid: randomUUID(), redelivery: false })
  }

  /** Sends a recorded one again, under its old `X-GitHub-Delivery`. False when there is none with that id. */
  redeliver(id: number): boolean {
    const old = this.list.find(delivery => delivery.id === id)
    if (old === undefined) return false
    this.#queue({ ...old, redelivery: true })
    return true
  }

  /** Resolves when everything queued so far, and whatever that led to, has been sent. */
  async settled(): Promise<void> {
    for (let waiting: Promise<void>[] = []; ;) {
      const queues = [...this.#queues.values()]
      if (queues.length === waiting.length && queues.every((queue, index) => queue === waiting[index])) return
      waiting = queues
      await Promise.all(waiting)
    }
  }

  stop(): void {
    this.#stopped = true
    for (const agent of Object.values(this.#agents)) agent.destroy()
  }

  #queue(parcel: Parcel): void {
    const target = this.#target
    if (target === null) return
    const last = this.#queues.get(parcel.repositoryId) ?? Promise.resolve()
    this.#queues.set(
      parcel.repositoryId,
      last.then(() => this.#deliver(parcel, target)),
    )
  }

  async #deliver(parcel: Parcel, target: WebhookTarget): Promise<void> {
    if (this.#stopped) return
    const started = Date.now()
    const requestHeaders = this.#headers(parcel, target)
    const answer = await this.#post(target.url, requestHeaders, parcel.payload)
    this.list.push({
      ...parcel,
      id: this.#identity.nextId(),
      deliveredAt: isoSeconds(started),
      duration: (Date.now() - started) / 1000,
      requestHeaders,
      ...answer,
    })
    if (this.list.length > DELIVERIES_KEPT) this.list.shift()
  }

  #headers(parcel: Parcel, target: WebhookTarget): Record<string, string> {
    const sign = (hash: string): string =>
      `${hash}=${createHmac(hash, target.secret).update(parcel.payload).digest('hex')}`
    return {
      accept: '*/*',
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/practice',
      'x-github-delivery': parcel.guid,
      'x-github-event': parcel.event,
      'x-github-hook-id': String(this.#identity.appId),
      'x-github-hook-installation-target-id': String(this.#identity.appId),
      'x-github-hook-installation-target-type': 'integration',
      'x-hub-signature': sign('sha1'),
      'x-hub-signature-256': sign('sha256'),
    }
  }

  #post(
    url: string,
    headers: Record<string, string>,
    payload: string,
  ): Promise<Pick<Delivery, 'status' | 'statusCode' | 'responseHeaders' | 'responseBody'>> {
    const secure = url.startsWith('https:')
    const failed = (status: string) => ({ status, statusCode: 0, responseHeaders: {}, responseBody: '' })
    return new Promise(resolve => {
      const request = (secure ? https : http).request(url, {
        method: 'POST',
        headers: { ...headers, 'content-length': Buffer.byteLength(payload) },
        agent: this.#agents[secure ? 'https:' : 'http:'],
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      request.on('error', error =>
        resolve(failed(error.name === 'TimeoutError' ? 'timed out' : 'failed to connect to host')),
      )
      request.on('response', response => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', () => resolve(failed('timed out')))
        response.on('end', () => {
          const statusCode = response.statusCode ?? 0
          resolve({
            statusCode,
            status: statusCode >= 200 && statusCode < 300 ? 'OK' : `Invalid HTTP Response: ${statusCode}`,
            responseHeaders: Object.fromEntries(
              Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
            ),
            responseBody: Buffer.concat(chunks).toString('utf8'),
          })
        })
      })
      request.end(payload)
    })
  }
}
