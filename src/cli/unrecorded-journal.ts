import { setTimeout as wait } from 'node:timers/promises'
import type { Journal } from '../ports.js'

/** A journal that records nothing: for one agent at work alone, whose work is gone with its process. */
export function unrecordedJournal(id: string, signal: AbortSignal): Journal {
  const alone = (): Promise<never> => Promise.reject(new Error('An agent alone has no other workflows around it'))
  return {
    id,
    async step(_, work) {
      signal.throwIfAborted()
      return work(signal)
    },
    effect: (_, { create }) => create(),
    receive: alone,
    start: alone,
    send: alone,
    cancel: alone,
    sleep: milliseconds => wait(milliseconds, undefined, { signal }),
  }
}
