/** A fault to inject, for tests of what the App does when GitHub misbehaves. */
export interface FaultRule {
  /** Default: any. */
  method?: string
  /** Template as in {@link RequestRecord.route}, or a pattern for the path. Default: any. */
  route?: string | RegExp
  /** Who sent it. Default: anybody. Unknown tokens count as anonymous. */
  by?: 'app' | 'installation' | 'user' | 'anonymous'
  /**
   * What happens instead: an answer (nothing is carried out), `hang` (nothing is carried out, no answer ever comes), or
   * `cut` (it is carried out, and the connection ends before the answer).
   */
  answer: { status: number; headers?: Record<string, string>; body?: unknown } | 'hang' | 'cut'
  /** How many requests it meets. Default: all, until it is taken back. */
  times?: number
}

/** The faults in force. */
export class Faults {
  readonly #rules = new Set<{ rule: FaultRule; left: number }>()

  /** Puts a rule in force. Returns what takes it back. */
  add(rule: FaultRule): () => void {
    const entry = { rule, left: rule.times ?? Number.POSITIVE_INFINITY }
    this.#rules.add(entry)
    return () => void this.#rules.delete(entry)
  }

  /** The fault that a request meets, if any; it then counts as met. */
  meet(request: { method: string; path: string; route: string | null; by: string }): FaultRule['answer'] | null {
    for (const entry of this.#rules) {
      if (!fits(entry.rule, request)) continue
      entry.left--
      if (entry.left <= 0) this.#rules.delete(entry)
      return entry.rule.answer
    }
    return null
  }
}

function fits(rule: FaultRule, request: { method: string; path: string; route: string | null; by: string }): boolean {
  if (rule.method !== undefined && rule.method !== request.method) return false
  if (rule.by !== undefined && rule.by !== request.by) return false
  if (rule.route === undefined) return true
  return typeof rule.route === 'string' ? rule.route === request.route : rule.route.test(request.path)
}
