import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { type FrontDoor, startFrontDoor } from '../src/app.js'
import type { CrewEvent } from '../src/domain/event.js'
import { connectApp } from '../src/github/app-client.js'
import { createLog } from '../src/log.js'
import { baited, setTrap, type Trap } from './support/trap.js'
import { memoryLedger } from './support/memory-ledger.js'

jest.setTimeout(240_000)

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type Payload = { [key: string]: Json }

const require = createRequire(import.meta.url)
const examples = require('@octokit/webhooks-examples') as { name: string; examples: Payload[] }[]
const published = examples.flatMap(({ name, examples: payloads }) => payloads.map(payload => ({ name, payload })))

/** Those that are nearest to the crew's business, made its business: the App's own webhooks name the installation. */
const ours = published
  .filter(({ name }) => name === 'issues' || name === 'issue_comment')
  .map(({ name, payload }): { name: string; payload: Payload } => ({
    name,
    payload: {
      ...payload,
      installation: { id: 3 },
      ...(payload['label'] ? { label: { name: 'crew' } } : {}),
      ...(payload['comment'] ? { comment: { ...(payload['comment'] as Payload), body: '/approve' } } : {}),
    },
  }))

const secret = 'a webhook secret for tests'
const lines: string[] = []
const log = createLog({ level: 'debug', pretty: false, secrets: [secret], sink: { write: line => lines.push(line) } })
const events: CrewEvent[] = []
let door: FrontDoor
let trap: Trap

beforeAll(async () => {
  trap = await setTrap()
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const app = await connectApp({
    appId: 1,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    webhookSecret: secret,
    // Whatever the front door would ask of GitHub is caught, too.
    baseUrl: `${trap.url}/api/v3`,
    writeSpacingMs: 0,
    ledger: memoryLedger(),
    log,
  })
  door = await startFrontDoor({
    host: '127.0.0.1',
    port: 0,
    crew: { label: 'crew', appSlug: 'issue-crew' },
    verify: app.verify,
    asks: async () => true,
    engine: { start: async (_workflow, _id, event) => void events.push(event as CrewEvent) },
    whyNotReady: () => Promise.resolve(null),
    log,
  })
})
afterAll(async () => {
  await door.close()
  await trap.close()
})
afterEach(() => {
  expect(trap.caught()).toBe(0)
  expect(lines.filter(line => /"level":[56]0/.test(line))).toEqual([])
})

/** Takes a text as the body itself. */
async function deliver(name: string, payload: Json): Promise<number> {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload)
  const answer = await fetch(`${door.url}/api/github/webhooks`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': name,
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
  })
  await answer.text()
  return answer.status
}

test('no payload that GitHub publishes crashes anything, or leads anywhere with its addresses', async () => {
  expect(published.length).toBeGreaterThanOrEqual(329)
  events.length = 0
  for (const { name, payload } of published) {
    expect([200, 202]).toContain(await deliver(name, payload))
    expect([200, 202]).toContain(await deliver(name, baited(payload, trap) as Json))
  }
  // None of them names an installation and carries the crew's label or a command.
  expect(events.filter(event => event.kind === 'labelled' || event.kind === 'commented')).toEqual([])
})

test('made the crew’s business, they start something only where a person labels an open issue or writes a command', async () => {
  const kinds = new Set<string>()
  for (const { name, payload } of ours) {
    events.length = 0
    await deliver(name, baited(payload, trap) as Json)
    for (const event of events) {
      kinds.add(event.kind)
      expect(meant(name, payload, event.kind)).toBe(true)
    }
  }
  expect(kinds).toEqual(new Set(['labelled', 'withdrawn', 'commented']))
})

test('mutated in any way, none crashes anything, and nothing starts that isn’t well-formed', async () => {
  const near = ours.filter(({ payload }) => ['labeled', 'created', 'closed'].includes(payload['action'] as string))
  const which = fc.oneof(fc.constantFrom(...published, ...ours), { arbitrary: fc.constantFrom(...near), weight: 3 })
  const anywhere = fc.record({ at: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), to: instead })
  const mutations = fc.array(fc.oneof(anywhere, telling), { minLength: 1, maxLength: 4 })
  const property = fc.asyncProperty(which, mutations, async ({ name, payload }, changes) => {
    const mutated = structuredClone(payload)
    for (const { at, to } of changes) mutate(mutated, at, to)
    events.length = 0
    expect([200, 202]).toContain(await deliver(name, mutated))
    expect(events.length).toBeLessThanOrEqual(1)
    for (const event of events) expect(meant(name, mutated, event.kind)).toBe(true)
  })
  await fc.assert(property, { numRuns: 1500 })
})

test.each(['issue', 'sender', 'label', 'action', 'installation', 'repository', 'something'])(
  'nested without end at %s, it means nothing',
  async key => {
    for (const depth of [400, 5_000, 1_000_000]) {
      const deep = `${'['.repeat(depth)}${']'.repeat(depth)}`
      const body = JSON.stringify({ ...ours[0]?.payload, [key]: 'HERE' }).replace('"HERE"', deep)
      events.length = 0
      expect([200, 202, 400]).toContain(await deliver('issues', body))
      expect(events.filter(event => event.kind === 'labelled' && key !== 'something')).toEqual([])
    }
  },
)

test('no JSON at all is taken for an event', async () => {
  const property = fc.asyncProperty(fc.constantFrom('issues', 'issue_comment'), fc.jsonValue(), async (name, value) => {
    events.length = 0
    expect(await deliver(name, JSON.stringify(value))).toBe(202)
    expect(events).toEqual([])
  })
  await fc.assert(property, { numRuns: 300 })
})

/** What a field is replaced by; undefined takes it out. */
const instead: fc.Arbitrary<Json | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom<Json>(null, true, -1, 0.5, 2 ** 60, '', 'crew', '/approve', [], {}, [[]]),
  fc.constantFrom<Json>('x'.repeat(300_000), '\n/approve'.repeat(10_000), '<!--'.repeat(20_000)),
  fc.jsonValue().map(value => value as Json),
  fc.integer({ min: 1, max: 400 }).map(depth => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) as Json),
)

/** One change each after which the payload means nothing any more, or something else. */
const telling = fc
  .constantFrom<[string, Json]>(
    ['action', 'edited'],
    ['issue.state', 'closed'],
    ['issue.pull_request', {}],
    ['label.name', 'bug'],
    ['sender.type', 'Bot'],
    ['sender.login', 'issue-crew[bot]'],
    ['comment.user.type', 'Bot'],
    ['comment.body', 'I would /approve of that'],
    ['installation', null],
    ['repository.id', '7'],
  )
  .map(([path, to]) => ({ at: path.split('.'), to }))

/** Replaces the field that keys, or their numbers, lead to from the top down. */
function mutate(node: Json, [at = 0, ...below]: (number | string)[], to: Json | undefined): void {
  if (typeof node !== 'object' || node === null) return
  const keys = Object.keys(node)
  const key = typeof at === 'string' ? at : keys[at % Math.max(1, keys.length)]
  if (key === undefined) return
  const held = (node as Payload)[key]
  if (below.length > 0 && typeof held === 'object' && held !== null && Object.keys(held).length > 0)
    mutate(held, below, to)
  else if (to === undefined) Reflect.deleteProperty(node, key)
  else Reflect.set(node, key, to)
}

/** Whether a payload holds all that an event of that kind is made of, read in the plainest way. */
function meant(name: string, payload: Payload, kind: CrewEvent['kind']): boolean {
  const at = (...path: string[]): unknown =>
    path.reduce<unknown>((node, key) => (node as Record<string, unknown> | null | undefined)?.[key], payload)
  const whole =
    Number.isSafeInteger(at('installation', 'id')) &&
    Number.isSafeInteger(at('repository', 'id')) &&
    Number.isSafeInteger(at('issue', 'number')) &&
    typeof at('repository', 'name') === 'string' &&
    typeof at('repository', 'owner', 'login') === 'string'
  const byPerson = at('sender') === null || at('sender', 'type') === 'User'
  if (at('sender', 'login') === 'issue-crew[bot]') return false
  const labelled = String(at('label', 'name')).toLowerCase() === 'crew'
  switch (kind) {
    case 'labelled':
      return (
        whole &&
        byPerson &&
        labelled &&
        name === 'issues' &&
        at('action') === 'labeled' &&
        at('issue', 'state') === 'open' &&
        (at('issue', 'pull_request') ?? null) === null
      )
    case 'withdrawn':
      return whole && name === 'issues' && (at('action') === 'closed' || (at('action') === 'unlabeled' && labelled))
    case 'commented':
      return (
        whole &&
        byPerson &&
        name === 'issue_comment' &&
        at('action') === 'created' &&
        (at('comment', 'user') === null || at('comment', 'user', 'type') === 'User') &&
        /^\/approve/m.test(String(at('comment', 'body')))
      )
    case 'access-lost':
      return (
        Number.isSafeInteger(at('installation', 'id')) &&
        ((name === 'installation' && ['deleted', 'suspend'].includes(String(at('action')))) ||
          (name === 'installation_repositories' &&
            at('action') === 'removed' &&
            Array.isArray(at('repositories_removed'))))
      )
    case 'remarked':
      return (
        whole &&
        byPerson &&
        name === 'issue_comment' &&
        at('action') === 'created' &&
        at('issue', 'state') === 'open' &&
        (at('issue', 'pull_request') ?? null) === null &&
        (at('comment', 'user') === null || at('comment', 'user', 'type') === 'User') &&
        /\S/.test(String(at('comment', 'body')))
      )
  }
}
