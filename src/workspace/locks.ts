/** Lets one piece of work at a time through per key, in the order in which they came. */
interface Locks {
  run<T>(key: string | number, work: () => Promise<T>): Promise<T>
}

export function createLocks(): Locks {
  const last = new Map<string | number, Promise<unknown>>()
  return {
    run(key, work) {
      const mine = (last.get(key) ?? Promise.resolve()).then(work, work)
      const settled = mine.then(
        () => undefined,
        () => undefined,
      )
      last.set(key, settled)
      void settled.then(() => {
        if (last.get(key) === settled) last.delete(key)
      })
      return mine
    },
  }
}
