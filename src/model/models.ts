import type { Effort } from '../domain/conversation.js'
import { undated } from '../domain/model-names.js'

/** What a request to a model may say. */
export interface Abilities {
  /** Takes `thinking: {type: 'adaptive'}`; the others think by a fixed budget or not at all, and refuse it with a 400. */
  adaptiveThinking: boolean
  /** Values that `output_config.effort` may have; empty where the parameter is refused. */
  efforts: readonly Effort[]
}

const everyEffort: readonly Effort[] = ['low', 'medium', 'high', 'xhigh', 'max']
const upToHigh: readonly Effort[] = ['low', 'medium', 'high']
const withoutXhigh: readonly Effort[] = ['low', 'medium', 'high', 'max']

/**
 * The models that take less than a current one does. Everything not listed, so also every model that comes later, is
 * taken for current: adaptive thinking and all five efforts.
 *
 * Looked up 2026-11-24:
 * https://platform.claude.com/docs/en/build-with-claude/thinking-troubleshooting (table "supported models"),
 * https://platform.claude.com/docs/en/build-with-claude/effort (tables "effort levels" and "supported models").
 */
const older: Record<string, Abilities> = {
  'claude-mythos-preview': { adaptiveThinking: true, efforts: withoutXhigh },
  'claude-opus-4-6': { adaptiveThinking: true, efforts: withoutXhigh },
  'claude-sonnet-4-6': { adaptiveThinking: true, efforts: withoutXhigh },
  'claude-opus-4-5': { adaptiveThinking: false, efforts: upToHigh },
  'claude-sonnet-4-5': { adaptiveThinking: false, efforts: [] },
  'claude-haiku-4-5': { adaptiveThinking: false, efforts: [] },
  'claude-opus-4-1': { adaptiveThinking: false, efforts: [] },
}

export const abilitiesOf = (model: string): Abilities =>
  older[undated(model)] ?? { adaptiveThinking: true, efforts: everyEffort }

/** The nearest effort that the model takes, at most the one that was asked for; null where it takes none. */
export function effortFor(model: string, asked: Effort): Effort | null {
  const most = everyEffort.indexOf(asked)
  return abilitiesOf(model).efforts.findLast(effort => everyEffort.indexOf(effort) <= most) ?? null
}
