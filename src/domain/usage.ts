/** Tokens as the Messages API counts them. `inputTokens` excludes what was read from or written to the cache. */
export interface Usage {
  inputTokens: number
  outputTokens: number
  cacheReadTokens: number
  cacheWriteTokens: number
}

/** What some model calls came to. */
export interface Cost extends Usage {
  /** US dollars. */
  usd: number
  /** Finished model calls. */
  calls: number
}

export const noCost: Cost = {
  usd: 0,
  calls: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
}

export const addCosts = (...costs: Cost[]): Cost =>
  costs.reduce(
    (sum, cost) => ({
      usd: sum.usd + cost.usd,
      calls: sum.calls + cost.calls,
      inputTokens: sum.inputTokens + cost.inputTokens,
      outputTokens: sum.outputTokens + cost.outputTokens,
      cacheReadTokens: sum.cacheReadTokens + cost.cacheReadTokens,
      cacheWriteTokens: sum.cacheWriteTokens + cost.cacheWriteTokens,
    }),
    noCost,
  )
