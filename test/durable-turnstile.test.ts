import { describe, expect, test } from '@jest/globals'
import { createTurnstile } from '../src/durable/turnstile.js'

/** Work that goes on until it is told to end. */
function work(name: string, begun: string[]) {
  let end: (error?: Error) => void = () => {}
  const over = new Promise<string>((resolve, reject) => (end = error => (error ? reject(error) : resolve(name))))
  const run = (): Promise<string> => {
    begun.push(name)
    return over
  }
  return { run, end }
}

const soon = () => new Promise(resolve => setTimeout(resolve, 5))

describe('a turnstile', () => {
  test('lets a few through at a time, in their order, whether or not those before them failed', async () => {
    const pass = createTurnstile({ atOnce: 2, patienceMs: 60_000 })
    const begun: string[] = []
    const works = ['a', 'b', 'c', 'd'].map(name => work(name, begun))
    const results = Promise.allSettled(works.map(({ run }) => pass(run)))
    await soon()
    expect(begun).toEqual(['a', 'b'])
    works[1]?.end(new Error('b failed'))
    await soon()
    expect(begun).toEqual(['a', 'b', 'c'])
    works[0]?.end()
    works[2]?.end()
    await soon()
    expect(begun).toEqual(['a', 'b', 'c', 'd'])
    works[3]?.end()
    expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
    expect(await pass(() => Promise.resolve('e'))).toBe('e')
  })

  test('lets the next through behind one that takes too long, and that one goes on', async () => {
    const pass = createTurnstile({ atOnce: 1, patienceMs: 10 })
    const begun: string[] = []
    const stuck = work('stuck', begun)
    const result = pass(stuck.run)
    expect(await pass(() => Promise.resolve('next'))).toBe('next')
    stuck.end()
    expect(await result).toBe('stuck')
    const [one, other] = [work('one', begun), work('other', begun)]
    const both = Promise.all([one, other].map(({ run }) => pass(run)))
    expect(begun).toEqual(['stuck', 'one'])
    one.end()
    other.end()
    expect(await both).toEqual(['one', 'other'])
  })
})
