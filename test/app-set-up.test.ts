import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createLog } from '../src/log.js'
import { type SetUp, startSetUp } from '../src/set-up.js'

const pem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs1', format: 'pem' })
  .toString()
const names = [
  'APP_ID',
  'PRIVATE_KEY',
  'WEBHOOK_SECRET',
  'WEBHOOK_PROXY_URL',
  'GHE_HOST',
  'GHE_PROTOCOL',
  'NO_SMEE_SETUP',
]

let folder: string
let envFile: string
let github: Server
let setUp: SetUp
let lines: string[]

beforeEach(async () => {
  for (const name of names) delete process.env[name]
  lines = []
  folder = mkdtempSync(join(tmpdir(), 'crew-set-up-'))
  envFile = join(folder, '.env')
  github = await startGitHubThatRegistersApps()
  process.env['GHE_HOST'] = `127.0.0.1:${(github.address() as AddressInfo).port}`
  process.env['GHE_PROTOCOL'] = 'http'
  setUp = await startSetUp({
    server: {
      host: '127.0.0.1',
      port: await freePort(),
      webhookProxyUrl: undefined,
      log: { level: 'info', pretty: false },
    },
    envFile,
    log: createLog({ level: 'info', pretty: false, secrets: [], sink: { write: line => lines.push(line) } }),
    createChannel: async () => 'https://relay.example/abc',
  })
})

afterEach(async () => {
  await setUp.close()
  await new Promise(resolve => github.close(resolve))
  rmSync(folder, { recursive: true, force: true })
  for (const name of names) delete process.env[name]
})

test('a new user opens /probot, registers the App with one click, and finds its credentials in .env', async () => {
  const page = await (await fetch(setUp.url)).text()
  expect(page).toContain(`http://${process.env['GHE_HOST']}/settings/apps/new`)
  const manifest = JSON.parse(/value='([^']+)'/.exec(page)?.[1] ?? '') as Record<string, unknown>
  expect(manifest).toMatchObject({
    name: 'issue-crew',
    public: false,
    hook_attributes: { url: 'https://relay.example/abc' },
    redirect_url: `${setUp.url}/setup`,
    default_permissions: { contents: 'write', issues: 'write', pull_requests: 'write', metadata: 'read' },
    default_events: ['issues', 'issue_comment'],
  })
  expect(manifest['url']).toMatch(/^https:/)

  const back = await fetch(`${setUp.url}/setup?code=one-time`, { redirect: 'manual' })
  expect(back.status).toBe(302)
  expect(back.headers.get('location')).toBe('https://github.example/apps/issue-crew/installations/new')
  await setUp.done
  const kept = parseEnv(readFileSync(envFile, 'utf8'))
  expect(kept).toMatchObject({ APP_ID: '42', WEBHOOK_SECRET: 'made by GitHub, forty letters long or so' })
  expect(kept['PRIVATE_KEY']).toContain('BEGIN PRIVATE KEY')
  expect(Object.keys(kept).sort()).toEqual(['APP_ID', 'PRIVATE_KEY', 'WEBHOOK_PROXY_URL', 'WEBHOOK_SECRET'])
  expect(statSync(envFile).mode & 0o777).toBe(0o600)
  expect(lines.join('')).not.toContain(pem.slice(40, 80))
})

test('a second registration can’t replace the first', async () => {
  expect((await importApp({ appId: '42', pem, webhook_secret: 'sixteen characters' })).status).toBe(200)
  const before = readFileSync(envFile, 'utf8')
  expect((await importApp({ appId: '43', pem, webhook_secret: 'of somebody else, really' })).status).toBe(500)
  expect(readFileSync(envFile, 'utf8')).toBe(before)
})

test.each([
  ['a key that is none', { appId: '42', pem: 'hello', webhook_secret: 'sixteen characters' }],
  ['an App ID that is none', { appId: '42\nPATH=/evil', pem, webhook_secret: 'sixteen characters' }],
  ['a short secret', { appId: '42', pem, webhook_secret: 'short' }],
  ['a secret that would break the file', { appId: '42', pem, webhook_secret: 'sixteen characters"\nPATH=/evil' }],
])('an import with %s is not kept', async (_, values) => {
  expect((await importApp(values)).status).toBe(500)
  expect(readFileSync(envFile, 'utf8')).not.toMatch(/APP_ID|evil/)
})

function importApp(values: Record<string, string>): Promise<Response> {
  return fetch(`${setUp.url}/import`, { method: 'POST', body: JSON.stringify(values) })
}

function startGitHubThatRegistersApps(): Promise<Server> {
  const server = createServer((request, response) => {
    const fits = request.method === 'POST' && request.url === '/api/v3/app-manifests/one-time/conversions'
    response.writeHead(fits ? 201 : 404, { 'content-type': 'application/json' })
    const app = {
      id: 42,
      client_id: 'Iv1.abc',
      client_secret: 'not for us',
      webhook_secret: 'made by GitHub, forty letters long or so',
      pem,
      html_url: 'https://github.example/apps/issue-crew',
    }
    response.end(JSON.stringify(fits ? app : { message: 'Not Found' }))
  })
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(server)))
}

/** Probot takes port 0 for 3000. */
function freePort(): Promise<number> {
  const server = createServer()
  return new Promise(resolve =>
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    }),
  )
}
