import type { Journal } from '../../src/ports.js'

/** Thrown in place of a step, to see what a run does after its process died there. */
export class Died extends Error {}

/**
 * A journal whose records outlive it: made again over the same records it replays, as after a restart. `dieAt` names the
 * step at whose end, before it is recorded, the process dies.
 */
export function memoryJournal({ records = [], dieAt }: { records?: unknown[]; dieAt?: string } = {}): Journal & {
  records: unknown[]
  /** Steps whose work was done and not replayed. */
  carriedOut: string[]
  sent: { id: string; message: unknown }[]
} {
  let at = 0
  const carriedOut: string[] = []
  const sent: { id: string; message: unknown }[] = []
  const step = async <T>(name: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const index = at++
    if (index < records.length) return records[index] as T
    const result = await work(new AbortController().signal)
    if (name === dieAt) throw new Died(name)
    carriedOut.push(name)
    records[index] = structuredClone(result)
    return result
  }
  return {
    id: 'test',
    records,
    carriedOut,
    sent,
    step,
    effect: (name, { create }) => step(name, create),
    receive: () => Promise.reject(new Error('nothing is sent here')),
    start: () => Promise.resolve(),
    send: (id, message) => step(`send ${id}`, () => Promise.resolve(void sent.push({ id, message }))),
    cancel: () => Promise.resolve(),
    sleep: milliseconds => step(`sleep ${milliseconds}`, () => Promise.resolve()),
  }
}
