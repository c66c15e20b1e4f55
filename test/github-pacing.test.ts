import { describe, expect, test } from '@jest/globals'
import { nextSlot, stillCounting } from '../src/domain/request-budget.js'
import { createPacer, type PacedRequest } from '../src/github/pacing.js'
import { TransientError, type RequestLedger } from '../src/ports.js'
import { memoryLedger } from './support/memory-ledger.js'

const none = { content: [], points: [] }
const read = (installation: number): PacedRequest => ({ installation, kind: 'read', content: false, resource: 'core' })
const write = (installation: number): PacedRequest => ({ ...read(installation), kind: 'write' })
const comment = (installation: number): PacedRequest => ({ ...write(installation), content: true })
const done = async () => 'done'

const pacerOn = (ledger: RequestLedger, more: Partial<Parameters<typeof createPacer>[0]> = {}) =>
  createPacer({ writeSpacingMs: 0, budgets: none, ledger, ...more })

test('writes of one installation go one after the other, with a pause between; reads don’t wait', async () => {
  const seen: string[] = []
  const pacer = pacerOn(memoryLedger(), { writeSpacingMs: 1000, sleep: async ms => void seen.push(`pause of ${ms}`) })
  const work = (name: string) => async () => {
    seen.push(`${name} begins`)
    await new Promise(resolve => setImmediate(resolve))
    seen.push(`${name} ends`)
  }
  const broken = pacer.run(write(3), async () => Promise.reject(new Error('broken')))
  const second = pacer.run(write(3), work('second'))
  await expect(broken).rejects.toThrow('broken')
  await Promise.all([second, pacer.run(write(3), work('third'))])
  expect(seen).toEqual([
    'pause of 1000',
    'second begins',
    'second ends',
    'pause of 1000',
    'third begins',
    'third ends',
    'pause of 1000',
  ])

  seen.length = 0
  await Promise.all([pacer.run(write(4), work('write')), pacer.run(read(4), work('read'))])
  expect(seen.slice(0, 2).sort()).toEqual(['read begins', 'write begins'])
})

describe('the budget of what people are notified of', () => {
  const budgets = { content: [{ requests: 2, ms: 3_600_000 }], points: [] }

  test('sends away what would have to wait long, one after the other; nothing else waits for it', async () => {
    const pacer = pacerOn(memoryLedger(), { budgets })
    await pacer.run(comment(3), done)
    await pacer.run(comment(3), done)
    const late = await Promise.all(
      [1, 2].map(() => pacer.run(comment(3), done).catch((error: TransientError) => error.retryAfter)),
    )
    expect(late[0]).toBeGreaterThan(3_590)
    expect(Number(late[1]) - Number(late[0])).toBe(1_800)
    expect(await pacer.run(write(3), done)).toBe('done')
    expect(await pacer.run(read(3), done)).toBe('done')
    expect(await pacer.run(comment(4), done)).toBe('done')
  })

  test('waits itself where it is not for long', async () => {
    const slept: number[] = []
    const short = { content: [{ requests: 1, ms: 4_000 }], points: [] }
    const pacer = pacerOn(memoryLedger(), { budgets: short, sleep: async ms => void slept.push(ms) })
    await pacer.run(comment(3), done)
    expect(await pacer.run(comment(3), done)).toBe('done')
    expect(slept).toEqual([expect.any(Number)])
    expect(slept[0]).toBeGreaterThan(3_000)
  })

  test('is used up for the next process, too', async () => {
    const ledger = memoryLedger()
    const before = pacerOn(ledger, { budgets })
    await before.run(comment(3), done)
    await before.run(comment(3), done)
    await expect(pacerOn(ledger, { budgets }).run(comment(3), done)).rejects.toThrow(TransientError)
  })

  test('writes cost five times what is read', async () => {
    const points = { content: [], points: [{ requests: 1, ms: 3_600_000 }] }
    const pacer = pacerOn(memoryLedger(), { budgets: points })
    for (let sent = 0; sent < 4; sent++) await pacer.run(write(3), done)
    await expect(pacer.run(read(3), done)).rejects.toThrow(TransientError)
    for (let sent = 0; sent < 20; sent++) await pacer.run(read(4), done)
    await expect(pacer.run(read(4), done)).rejects.toThrow(TransientError)
  })
})

describe('an hour that is nearly used up', () => {
  const inSeconds = (seconds: number) => String(Math.ceil(Date.now() / 1000) + seconds)
  const answer = (remaining: number) => async () => ({
    headers: {
      'x-ratelimit-limit': '5000',
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-reset': inSeconds(900),
    },
  })

  test('is left to what is under way, in this process and the next; GraphQL has its own', async () => {
    const ledger = memoryLedger()
    const pacer = pacerOn(ledger)
    await pacer.run(read(3), answer(101))
    await pacer.run(read(3), answer(100))
    for (const one of [pacer, pacerOn(ledger)]) {
      const late = await one.run(read(3), done).catch((error: TransientError) => error.retryAfter)
      expect(late).toBeGreaterThan(890)
      expect(await one.run({ ...write(3), resource: 'graphql' }, done)).toBe('done')
      expect(await one.run(read(4), done)).toBe('done')
    }
  })
})

test('slots are as far apart as the windows want', () => {
  const windows = [
    { requests: 2, ms: 100 },
    { requests: 3, ms: 1_000 },
  ]
  const sent: number[] = []
  for (let request = 0; request < 6; request++) sent.push(nextSlot(sent, windows, 5_000))
  expect(sent).toEqual([5_000, 5_000, 5_100, 6_000, 6_000, 6_100])
  expect(stillCounting(sent, windows, 6_050)).toEqual([5_100, 6_000, 6_000, 6_100])
})
