import { createHmac, generateKeyPairSync } from 'node:crypto'
import { request } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type FrontDoor, startFrontDoor } from '../src/app.js'
import type { CrewEvent } from '../src/domain/event.js'
import { type AppClient, connectApp } from '../src/github/app-client.js'
import { createLog } from '../src/log.js'
import { memoryLedger } from './support/memory-ledger.js'

const secret = 'a webhook secret for tests'
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const lines: string[] = []
const log = createLog({ level: 'debug', pretty: false, secrets: [secret], sink: { write: line => lines.push(line) } })

/** Keeps what the front door gives to the engine, as the real one does: the same id once. */
const recorder = {
  started: new Map<string, { workflow: string; input: unknown }>(),
  /** What stands in the way of writing it down. */
  trouble: null as Error | null,
  calls: 0,
  /** Issues on which a run waits for an answer, and how often that was looked up. */
  asking: [] as number[],
  lookUps: 0,
  asks: async (repository: number, issue: number) => {
    recorder.lookUps++
    if (recorder.trouble) throw recorder.trouble
    return repository === 7 && recorder.asking.includes(issue)
  },
  async start(workflow: string, id: string, input: unknown) {
    this.calls++
    if (this.trouble) throw this.trouble
    if (!this.started.has(id)) this.started.set(id, { workflow, input })
  },
  get events(): CrewEvent[] {
    return [...this.started.values()].map(one => one.input as CrewEvent)
  },
}

let app: AppClient
let door: FrontDoor
let healthy = true

beforeAll(async () => {
  app = await connectApp({
    appId: 1,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    webhookSecret: secret,
    baseUrl: 'http://127.0.0.1:9',
    writeSpacingMs: 0,
    ledger: memoryLedger(),
    log,
  })
  door = await startFrontDoor({
    host: '127.0.0.1',
    port: 0,
    crew: { label: 'crew', appSlug: 'issue-crew' },
    verify: app.verify,
    engine: recorder,
    asks: recorder.asks,
    whyNotReady: async () => (healthy ? null : 'The database does not answer.'),
    log,
  })
})

afterAll(() => door.close())

beforeEach(() => {
  recorder.started.clear()
  recorder.trouble = null
  recorder.calls = 0
  recorder.asking = []
  recorder.lookUps = 0
  lines.length = 0
  healthy = true
})

describe('a webhook from GitHub', () => {
  test('becomes an event under its delivery id, and is answered once it is stored', async () => {
    const answer = await deliver({ event: 'issues', payload: labelled(), delivery: 'd-1' })
    expect(answer.status).toBe(200)
    expect([...recorder.started.keys()]).toEqual(['delivery:d-1'])
    expect(recorder.started.get('delivery:d-1')).toEqual({
      workflow: 'delivery.v1',
      input: {
        kind: 'labelled',
        delivery: 'd-1',
        repository: { id: 7, owner: 'octo', name: 'shop', installationId: 3 },
        issue: {
          number: 12,
          title: 'Add a login',
          body: '',
          author: { login: 'ada', type: 'User' },
          state: 'open',
          labels: ['crew'],
          isPullRequest: false,
        },
        by: { login: 'ada', type: 'User' },
        at: '2026-05-04T10:00:00Z',
      },
    })
  })

  test('that comes a second time with the same delivery id does nothing twice', async () => {
    await deliver({ event: 'issues', payload: labelled(), delivery: 'again' })
    const second = await deliver({ event: 'issues', payload: labelled(), delivery: 'again' })
    expect(second.status).toBe(200)
    expect(recorder.started.size).toBe(1)
  })

  test('is answered with an error when it can’t be stored, so that it can be redelivered', async () => {
    recorder.trouble = new Error('the database is away')
    const answer = await deliver({ event: 'issues', payload: labelled(), delivery: 'd-2' })
    expect(answer.status).toBe(500)
    expect(lines.join('')).toContain('the database is away')

    recorder.trouble = null
    expect((await deliver({ event: 'issues', payload: labelled(), delivery: 'd-2' })).status).toBe(200)
    expect(recorder.events).toHaveLength(1)
  })

  test('comes in at the address that Probot’s set-up registers, too', async () => {
    const answer = await deliver({ event: 'issues', payload: labelled(), path: '/' })
    expect(answer.status).toBe(200)
    expect(recorder.events).toHaveLength(1)
  })

  test('that is none of the crew’s business is answered without touching the database', async () => {
    expect((await deliver({ event: 'push', payload: { ref: 'refs/heads/main' } })).status).toBe(202)
    expect((await deliver({ event: 'ping', payload: { zen: 'Keep it logically awesome.' } })).status).toBe(202)
    expect((await deliver({ event: 'issues', payload: { ...labelled(), action: 'opened' } })).status).toBe(202)
    expect(recorder.calls).toBe(0)
    expect(recorder.lookUps).toBe(0)
  })

  test('of a comment without a command is taken only where a run waits for an answer', async () => {
    const said = (number: number) =>
      deliver({ event: 'issue_comment', payload: commented(number, 'In German.'), delivery: `said-${number}` })
    recorder.asking = [12]
    expect((await said(11)).status).toBe(202)
    expect(recorder.calls).toBe(0)
    expect((await said(12)).status).toBe(200)
    expect(recorder.events).toEqual([
      {
        kind: 'remarked',
        delivery: 'said-12',
        repository: { id: 7, owner: 'octo', name: 'shop', installationId: 3 },
        issueNumber: 12,
        comment: { id: 5, author: { login: 'ada', type: 'User' } },
      },
    ])
    recorder.trouble = new Error('the database is away')
    expect((await said(12)).status).toBe(500)
  })
})

describe('a sender who is not GitHub', () => {
  test('is refused with a wrong signature, and told where to look', async () => {
    const answer = await deliver({ event: 'issues', payload: labelled(), signature: sign('x', 'another secret') })
    expect(answer.status).toBe(401)
    expect(answer.text).toContain('WEBHOOK_SECRET')
    expect(recorder.calls).toBe(0)
  })

  test.each([
    ['no signature', ''],
    ['a signature of the old kind', `sha1=${'0'.repeat(40)}`],
    ['a signature cut short', 'sha256=00'],
    ['a signature with odd letters', `sha256=${'é'.repeat(64)}`],
  ])('is refused with %s', async (_, signature) => {
    expect((await deliver({ event: 'issues', payload: labelled(), signature })).status).toBe(401)
    expect(recorder.calls).toBe(0)
  })

  test('is refused when the body was changed after signing', async () => {
    const body = JSON.stringify(labelled())
    const answer = await post({ body: body.replace('Add a login', 'Add a backdoor'), signature: sign(body) })
    expect(answer.status).toBe(401)
  })

  test('is refused before 26 MB are held, whether or not the length is announced', async () => {
    const body = 'x'.repeat(26 * 1024 * 1024)
    expect((await post({ body, signature: sign(body) })).status).toBe(413)
    expect((await post({ body, signature: sign(body), chunked: true })).status).toBe(413)
    expect((await deliver({ event: 'issues', payload: labelled() })).status).toBe(200)
  })

  test('is refused with a form instead of JSON, and told what to change', async () => {
    const body = `payload=${encodeURIComponent(JSON.stringify(labelled()))}`
    const answer = await post({ body, signature: sign(body), type: 'application/x-www-form-urlencoded' })
    expect(answer.status).toBe(415)
    expect(answer.text).toContain('application/json')
  })

  test('is refused with a delivery id that is none', async () => {
    const answer = await deliver({ event: 'issues', payload: labelled(), delivery: '../../etc' })
    expect(answer.status).toBe(400)
    expect(recorder.calls).toBe(0)
  })

  test('is refused with an empty body', async () => {
    expect((await post({ body: '', signature: sign('x') })).status).toBe(401)
  })

  test('who hangs up in the middle leaves the door open for others', async () => {
    await hangUpInTheMiddle()
    expect((await deliver({ event: 'issues', payload: labelled() })).status).toBe(200)
    expect(recorder.events).toHaveLength(1)
  })
})

test('a signed body that is not JSON is refused', async () => {
  const body = '{"action":"labeled"'
  expect((await post({ body, signature: sign(body) })).status).toBe(400)
})

describe('a person with a browser', () => {
  test('sees one line at /', async () => {
    const answer = await get('/')
    expect(answer).toMatchObject({ status: 200, text: expect.stringContaining('Issue Crew') })
  })

  test('sees at /healthz that it lives, and at /readyz whether it can take deliveries, and why not', async () => {
    expect(await get('/healthz')).toEqual({ status: 200, text: '{"ok":true}' })
    expect(await get('/readyz')).toEqual({ status: 200, text: '{"ok":true}' })
    healthy = false
    expect(await get('/readyz')).toEqual({ status: 503, text: '{"ok":false,"why":"The database does not answer."}' })
    expect((await get('/healthz')).status).toBe(200)
  })

  test.each(['/probot', '/probot/import', '/stats', '/api/github', '/.env', '//', '/%2e%2e/app.yml'])(
    'finds nothing at %s',
    async path => {
      expect((await get(path)).status).toBe(404)
    },
  )

  test('is told that the webhook address takes POST only', async () => {
    expect((await get('/api/github/webhooks')).status).toBe(405)
  })
})

test('the log never shows the webhook secret', async () => {
  log.info({ secret }, `The secret is ${secret}`)
  expect(lines.join('')).not.toContain(secret)
  expect(lines.join('')).toContain('‹withheld: secret›')
})

test('a taken port is said so, with what to do', async () => {
  const port = Number(new URL(door.url).port)
  const second = startFrontDoor({
    host: '127.0.0.1',
    port,
    crew: { label: 'crew', appSlug: 'issue-crew' },
    verify: app.verify,
    engine: recorder,
    asks: async () => false,
    whyNotReady: () => Promise.resolve(null),
    log,
  })
  await expect(second).rejects.toThrow(`Port ${port} is taken. Stop what uses it, or set PORT to another one.`)
})

function commented(number: number, body: string) {
  const { action: _, label: __, issue, ...common } = labelled()
  return { action: 'created', ...common, issue: { ...issue, number }, comment: { id: 5, body, user: common.sender } }
}

function labelled() {
  return {
    action: 'labeled',
    label: { name: 'Crew' },
    issue: {
      number: 12,
      title: 'Add a login',
      body: null,
      user: { login: 'ada', type: 'User' },
      state: 'open',
      labels: [{ name: 'crew' }],
      updated_at: '2026-05-04T10:00:00Z',
    },
    sender: { login: 'ada', type: 'User' },
    repository: { id: 7, name: 'shop', owner: { login: 'octo' } },
    installation: { id: 3 },
  }
}

function sign(body: string, key = secret): string {
  return `sha256=${createHmac('sha256', key).update(body).digest('hex')}`
}

interface Sent {
  body: string
  signature: string
  event?: string
  delivery?: string
  type?: string
  path?: string
  chunked?: boolean
}

interface Received {
  status: number
  text: string
}

function deliver(webhook: Partial<Sent> & { payload: unknown }): Promise<Received> {
  const body = JSON.stringify(webhook.payload)
  return post({ body, signature: sign(body), ...webhook })
}

let deliveries = 0

function post(sent: Sent): Promise<Received> {
  const { body, signature, event = 'issues', delivery = `d${++deliveries}-x`, type = 'application/json' } = sent
  const { path = '/api/github/webhooks', chunked = false } = sent
  return new Promise((resolve, reject) => {
    const outgoing = request(
      new URL(path, door.url),
      {
        method: 'POST',
        headers: {
          'content-type': type,
          'x-github-event': event,
          'x-github-delivery': delivery,
          ...(signature === '' ? {} : { 'x-hub-signature-256': Buffer.from(signature).toString('latin1') }),
          ...(chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': Buffer.byteLength(body) }),
        },
      },
      response => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (part: string) => (text += part))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

async function get(path: string): Promise<Received> {
  // fetch would tidy the path up first.
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(door.url)
    const outgoing = request({ hostname, port, path }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => (text += part))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: path.endsWith('z') ? text : text.trim() }),
      )
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

function hangUpInTheMiddle(): Promise<void> {
  return new Promise(resolve => {
    const outgoing = request(new URL('/api/github/webhooks', door.url), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'issues',
        'x-github-delivery': 'cut',
        'x-hub-signature-256': sign('{}'),
        'content-length': 1000,
      },
    })
    outgoing.on('error', () => resolve())
    outgoing.write('{"action":', () => outgoing.destroy())
    outgoing.on('close', () => resolve())
  })
}

test('whoever leaves takes nothing more, and says so', async () => {
  const body = JSON.stringify({ action: 'labeled' })
  door.leave()
  expect(await get('/readyz')).toEqual({ status: 503, text: '{"ok":false,"why":"The App is stopping."}' })
  expect(await post({ body, signature: sign(body) })).toMatchObject({ status: 503 })
  expect(await get('/healthz')).toEqual({ status: 200, text: '{"ok":true}' })
})
