import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startApi, type Page } from './support/api.js'

const scan = { parcel: 'JD014600', depot: 'bremen', kind: 'loaded', at: '2026-03-02T06:14:09+01:00' }

test('takes scans, numbers them, and tells their times in UTC', async t => {
  const api = await startApi(t)
  assert.deepEqual(
    await api.post({ scans: [scan, { ...scan, kind: 'delivered', at: '2026-03-02T09:00:00Z' }] }),
    {
      status: 201,
      body: { ids: [1, 2] },
    },
  )
  const { body } = await api.get('/scans')
  assert.deepEqual(body, {
    scans: [
      { id: 2, ...scan, kind: 'delivered', at: '2026-03-02T09:00:00.000Z' },
      { id: 1, ...scan, at: '2026-03-02T05:14:09.000Z' },
    ],
    next: null,
  })
})

test('stores none when one of them is wrong, and says which', async t => {
  const api = await startApi(t)
  for (const [wrong, error] of [
    [{ kind: 'lost' }, 'scans[1].kind must be one of arrived, sorted, loaded, delivered'],
    [{ parcel: '' }, 'scans[1].parcel must be 1 to 40 letters, digits, _ or -'],
    [{ at: 'yesterday' }, 'scans[1].at must be a time, as 2026-03-02T05:14:09Z'],
  ] as const) {
    assert.deepEqual(await api.post({ scans: [scan, { ...scan, ...wrong }] }), {
      status: 400,
      body: { error },
    })
  }
  assert.equal((await api.post({ scans: [] })).status, 400)
  assert.deepEqual((await api.get('/scans')).body, { scans: [], next: null })
})

test('gives those of one depot', async t => {
  const api = await startApi(t)
  await api.scanned({ depot: 'bremen' }, { depot: 'kassel' })
  const { body } = await api.get('/scans?depot=kassel')
  assert.deepEqual(
    (body as Page).scans.map(({ id }) => id),
    [2],
  )
})

test('still has them after a restart, and counts on', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'depot-scans-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = join(folder, 'scans.jsonl')
  const before = await startApi(t, file)
  await Promise.all([before.scanned({}, {}), before.scanned({})])
  const after = await startApi(t, file)
  assert.deepEqual(await after.scanned({}), [4])
  assert.deepEqual(((await after.get('/scans')).body as Page).scans.map(({ id }) => id).sort(), [1, 2, 3, 4])
})

test("says what it doesn't know", async t => {
  const api = await startApi(t)
  assert.deepEqual(await api.get('/trucks'), { status: 404, body: { error: 'There is no GET /trucks' } })
})
