/** Values of files whose shape is up to whoever wrote them: what isn't of the asked kind is absent. */

export type Table = Record<string, unknown>

export const table = (value: unknown): Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Table) : {}

/** A value deep inside tables; undefined where the way ends. Only own properties count. */
export function at(value: unknown, ...keys: string[]): unknown {
  let found = value
  for (const key of keys) {
    const inner = table(found)
    found = Object.hasOwn(inner, key) ? inner[key] : undefined
  }
  return found
}

export const tableAt = (value: unknown, ...keys: string[]): Table => table(at(value, ...keys))

export const textAt = (value: unknown, ...keys: string[]): string | null => {
  const found = at(value, ...keys)
  return typeof found === 'string' ? found : typeof found === 'number' ? String(found) : null
}

export const listAt = (value: unknown, ...keys: string[]): unknown[] => {
  const found = at(value, ...keys)
  return Array.isArray(found) ? found : []
}

export const textsAt = (value: unknown, ...keys: string[]): string[] =>
  listAt(value, ...keys).filter(item => typeof item === 'string')
