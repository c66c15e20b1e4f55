import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { createApp } from './app.js'
import { Board } from './board.js'

let folder: string
let server: Server

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'talkboard-'))
  await start()
})
afterEach(async () => {
  await stop()
  await rm(folder, { recursive: true })
})

test('a talk that somebody suggests is the first on the board', async () => {
  await post('/api/talks', { title: 'Signals', speaker: 'Ada' })
  const { status, body } = await post('/api/talks', { title: ' Streams ', speaker: 'Bo' })
  assert.equal(status, 201)
  assert.deepEqual(body, { id: 2, title: 'Streams', speaker: 'Bo' })
  assert.deepEqual(await get('/api/talks'), {
    status: 200,
    body: [
      { id: 2, title: 'Streams', speaker: 'Bo' },
      { id: 1, title: 'Signals', speaker: 'Ada' },
    ],
  })
})

test('a talk without a title or a speaker is refused with the reasons', async () => {
  assert.deepEqual(await post('/api/talks', { title: ' ', speaker: '' }), {
    status: 422,
    body: { problems: ['Please give the talk a title.', 'Please say who would give the talk.'] },
  })
})

test('what no form sends is refused', async () => {
  for (const body of [null, [], { title: 'Signals' }, { title: 'Signals', speaker: 7 }, { title: 'x'.repeat(20_000) }])
    assert.equal((await post('/api/talks', body)).status, 400)
  assert.deepEqual((await get('/api/talks')).body, [])
})

test('the board is there again after a restart', async () => {
  await post('/api/talks', { title: 'Signals', speaker: 'Ada' })
  await stop()
  await start()
  assert.deepEqual((await get('/api/talks')).body, [{ id: 1, title: 'Signals', speaker: 'Ada' }])
})

test('there is a page, and nothing beside it', async () => {
  const page = await fetch(address('/'))
  assert.match(await page.text(), /<div id="root">/)
  assert.equal((await get('/package.json')).status, 404)
})

async function start(): Promise<void> {
  const board = await Board.open(join(folder, 'board.json'))
  server = createServer(createApp(board, new URL('../../public/', import.meta.url)))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
}

async function stop(): Promise<void> {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
}

const address = (path: string): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`

async function get(path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(address(path))
  return { status: response.status, body: await response.json() }
}

async function post(path: string, body: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(address(path), { method: 'POST', body: JSON.stringify(body) })
  return { status: response.status, body: await response.json() }
}
