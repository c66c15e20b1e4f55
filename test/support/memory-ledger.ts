import { nextSlot } from '../../src/domain/request-budget.js'
import type { RequestLedger } from '../../src/ports.js'

/** A ledger for one process, as long as it lives. */
export function memoryLedger(): RequestLedger {
  const sent = new Map<string, number[]>()
  const paused = new Map<string, { installation: number; what: string; until: number }>()
  return {
    async take({ installation, what, windows, withinMs }) {
      const key = `${installation} ${what}`
      const before = sent.get(key) ?? []
      const now = Date.now()
      const slot = nextSlot(before, windows, now)
      if (slot - now > withinMs) return { waitMs: slot - now, taken: false }
      sent.set(key, [...before, slot])
      return { waitMs: slot - now, taken: true }
    },
    async pause({ installation, what, ms }) {
      paused.set(`${installation} ${what}`, { installation, what, until: Date.now() + ms })
    },
    async pauses(installation) {
      return [...paused.values()]
        .filter(pause => pause.installation === installation)
        .map(({ what, until }) => ({ what, ms: until - Date.now() }))
    },
  }
}
