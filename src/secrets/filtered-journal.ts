import { types } from 'node:util'
import type { SecretFilter } from '../domain/secret.js'
import type { Journal } from '../ports.js'
import { redactDeep } from './secret-filter.js'

/** A journal whose records hold no secret: what a step returns, what is sent and started, and the errors that come out of it. */
export function filteredJournal(journal: Journal, filter: SecretFilter): Journal {
  return {
    ...journal,
    step: (name, work) => journal.step(name, signal => cleaned(() => work(signal), filter)),
    effect: (name, { find, create }) =>
      journal.effect(name, { find: () => cleaned(find, filter), create: () => cleaned(create, filter) }),
    start: (workflow, id, input) => journal.start(workflow, id, redactDeep(input, filter)),
    send: (id, message) => journal.send(id, redactDeep(message, filter)),
  }
}

async function cleaned<T>(work: () => Promise<T>, filter: SecretFilter): Promise<T> {
  try {
    return redactDeep(await work(), filter)
  } catch (error) {
    if (types.isNativeError(error)) {
      error.message = filter.redact(error.message)
      if (error.stack !== undefined) error.stack = filter.redact(error.stack)
    }
    throw error
  }
}
