import { setTimeout as wait } from 'node:timers/promises'

/** Waits until `find` gives something, and returns that. Throws after a time that no healthy machine needs. */
export async function eventually<T>(
  find: () => Promise<T | null | undefined | false> | T | null | undefined | false,
): Promise<T> {
  const deadline = Date.now() + 150_000
  for (;;) {
    const found = await find()
    if (found !== null && found !== undefined && found !== false) return found
    if (Date.now() > deadline) throw new Error('It did not happen within 150 s.')
    await wait(60)
  }
}
