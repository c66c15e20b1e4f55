import type { Cost } from '../usage.js'

/** `$0.42`; amounts under a cent as `<$0.01`. */
export const money = (usd: number): string => (usd > 0 && usd < 0.005 ? '<$0.01' : `$${usd.toFixed(2)}`)

/** `1,234`, `56k`, `1.2M` */
function amount(number: number): string {
  if (number < 10_000) return number.toLocaleString('en-US')
  return number < 1_000_000 ? `${Math.round(number / 1000)}k` : `${(number / 1_000_000).toFixed(1)}M`
}

/** `$0.42 of at most $10.00 · 12 model calls · 340k tokens in (87 % from cache), 9,120 out` */
export function costLine(cost: Cost, budgetUsd?: number): string {
  const input = cost.inputTokens + cost.cacheReadTokens + cost.cacheWriteTokens
  const cached = input === 0 ? 0 : Math.round((100 * cost.cacheReadTokens) / input)
  const budget = budgetUsd === undefined ? '' : ` of at most ${money(budgetUsd)}`
  return `${money(cost.usd)}${budget} · ${count(cost.calls, 'model call')} · ${amount(input)} tokens in (${cached} % from cache), ${amount(cost.outputTokens)} out`
}

/** `1 file`, `3 files` */
export const count = (number: number, thing: string): string =>
  `${number.toLocaleString('en-US')} ${thing}${number === 1 ? '' : 's'}`

/** The seven digits by which people know a commit. */
export const shortSha = (sha: string): string => sha.slice(0, 7)
