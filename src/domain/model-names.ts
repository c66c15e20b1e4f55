/**
 * The models whose names are known here, by the ids of the Messages API. They have a price in `model/prices.ts`.
 * Looked up 2026-11-24: https://platform.claude.com/docs/en/about-claude/models/overview
 */
export const knownModels = [
  'claude-fable-5-2',
  'claude-mythos-5-2',
  'claude-fable-5-1',
  'claude-mythos-5-1',
  'claude-fable-5',
  'claude-mythos-5',
  'claude-opus-5-5',
  'claude-opus-5',
  'claude-opus-4-8',
  'claude-opus-4-7',
  'claude-opus-4-6',
  'claude-opus-4-5',
  'claude-sonnet-5-5',
  'claude-sonnet-5',
  'claude-sonnet-4-6',
  'claude-sonnet-4-5',
  'claude-haiku-5-5',
  'claude-haiku-4-5',
] as const
export type KnownModel = (typeof knownModels)[number]

/** `claude-haiku-4-5-20251001` is a snapshot of `claude-haiku-4-5`: same abilities, same price. */
export const undated = (model: string): string => model.replace(/-20\d{6}$/, '')

/** The names that an agent's file may use in place of an id, and what each stands for. */
export interface ShortNames {
  opus: string
  sonnet: string
  haiku: string
  fable: string
}

/** What the short names stand for unless a repository's configuration says otherwise: the newest of each kind. */
export const currentModels = {
  opus: 'claude-opus-5-5',
  sonnet: 'claude-sonnet-5-5',
  haiku: 'claude-haiku-5-5',
  fable: 'claude-fable-5-2',
} as const satisfies Record<keyof ShortNames, KnownModel>

/**
 * The model that an agent's file means: a short name (`sonnet`, also `sonnet[1m]`), an id (with or without its date), a
 * name that the repository's own configuration uses, or the display form that Copilot's files use (`Claude Sonnet 4.5`).
 * `inherit` is the role's own model, null. `unknown` for everything else.
 */
export function modelNamed(
  name: string,
  { shortNames, configured }: { shortNames: ShortNames; configured: readonly string[] },
): { model: string | null } | 'unknown' {
  if (configured.includes(name.trim())) return { model: name.trim() }
  const id = name
    .toLowerCase()
    .replace(/\(copilot\)|\[1m\]/g, '')
    .trim()
    .replace(/[\s._]+/g, '-')
  if (id === 'inherit' || id === 'default') return { model: null }
  if (isShortName(id, shortNames)) return { model: shortNames[id] }
  return (knownModels as readonly string[]).includes(undated(id)) ? { model: id } : 'unknown'
}

const isShortName = (name: string, shortNames: ShortNames): name is keyof ShortNames => Object.hasOwn(shortNames, name)
