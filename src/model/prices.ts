import type { Usage } from '../domain/usage.js'
import { undated, type KnownModel } from '../domain/model-names.js'

/** US dollars for a million tokens. */
interface Price {
  input: number
  output: number
  /** Written to the five-minute cache. */
  cacheWrite: number
  cacheRead: number
}

/**
 * Prices of the Claude API for standard requests, without batch, fast mode and data residency.
 *
 * Looked up 2026-11-24 in https://platform.claude.com/docs/en/about-claude/pricing and, for what changed last,
 * https://platform.claude.com/docs/en/models/fable-5-2/whats-new-fable-5-2 (Fable and Mythos 5.2),
 * https://platform.claude.com/docs/en/models/opus-5-5/overview, …/sonnet-5-5/overview, …/haiku-5-5/overview.
 * A cache write costs 1.25 times the input; what a cache read costs differs from model to model.
 */
const prices: Record<KnownModel, Price> = {
  'claude-fable-5-2': { input: 8, output: 40, cacheWrite: 10, cacheRead: 0.2 },
  'claude-mythos-5-2': { input: 8, output: 40, cacheWrite: 10, cacheRead: 0.2 },
  'claude-fable-5-1': { input: 10, output: 50, cacheWrite: 12.5, cacheRead: 0.25 },
  'claude-mythos-5-1': { input: 10, output: 50, cacheWrite: 12.5, cacheRead: 0.25 },
  'claude-fable-5': { input: 10, output: 50, cacheWrite: 12.5, cacheRead: 1 },
  'claude-mythos-5': { input: 10, output: 50, cacheWrite: 12.5, cacheRead: 1 },
  'claude-opus-5-5': { input: 4, output: 20, cacheWrite: 5, cacheRead: 0.2 },
  'claude-opus-5': { input: 5, output: 25, cacheWrite: 6.25, cacheRead: 0.5 },
  'claude-opus-4-8': { input: 5, output: 25, cacheWrite: 6.25, cacheRead: 0.5 },
  'claude-opus-4-7': { input: 5, output: 25, cacheWrite: 6.25, cacheRead: 0.5 },
  'claude-opus-4-6': { input: 5, output: 25, cacheWrite: 6.25, cacheRead: 0.5 },
  'claude-opus-4-5': { input: 5, output: 25, cacheWrite: 6.25, cacheRead: 0.5 },
  'claude-sonnet-5-5': { input: 2, output: 10, cacheWrite: 2.5, cacheRead: 0.1 },
  'claude-sonnet-5': { input: 2, output: 10, cacheWrite: 2.5, cacheRead: 0.2 },
  'claude-sonnet-4-6': { input: 3, output: 15, cacheWrite: 3.75, cacheRead: 0.3 },
  'claude-sonnet-4-5': { input: 3, output: 15, cacheWrite: 3.75, cacheRead: 0.3 },
  'claude-haiku-5-5': { input: 0.1, output: 0.5, cacheWrite: 0.125, cacheRead: 0.01 },
  'claude-haiku-4-5': { input: 1, output: 5, cacheWrite: 1.25, cacheRead: 0.1 },
}

/** Haiku 5.5 is the one model with a dearer tariff, for all tokens of a request whose prompt (cached or not) is longer. */
const haikuLongPrompt = { tokens: 100_000, price: { input: 0.5, output: 2.5, cacheWrite: 0.625, cacheRead: 0.05 } }

const dearest: Price = {
  input: dearestOf('input'),
  output: dearestOf('output'),
  cacheWrite: dearestOf('cacheWrite'),
  cacheRead: dearestOf('cacheRead'),
}

/**
 * US dollars for one call of a model. Models that aren't in the list cost as the dearest one that is, so that a budget
 * is never passed by a name that nobody priced.
 */
export function priceOf(model: string, usage: Usage): number {
  const price = tariff(undated(model), usage)
  const micros =
    usage.inputTokens * price.input +
    usage.outputTokens * price.output +
    usage.cacheWriteTokens * price.cacheWrite +
    usage.cacheReadTokens * price.cacheRead
  return micros / 1_000_000
}

/** Whether its price is known. */
export const isPriced = (model: string): boolean => Object.hasOwn(prices, undated(model))

function tariff(model: string, usage: Usage): Price {
  const prompt = usage.inputTokens + usage.cacheWriteTokens + usage.cacheReadTokens
  if (model === 'claude-haiku-5-5' && prompt > haikuLongPrompt.tokens) return haikuLongPrompt.price
  return (prices as Partial<Record<string, Price>>)[model] ?? dearest
}

function dearestOf(kind: keyof Price): number {
  return Math.max(...Object.values(prices).map(price => price[kind]))
}
