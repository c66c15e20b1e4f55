import { type Description, isReference, resolve, type Schema } from './description.js'

/**
 * A request's schema for a strict check: references are written out, and an object takes no property that its schema
 * doesn't name, even where GitHub's description forgets `additionalProperties: false`. Objects described without any
 * property, or with a schema for all of them, stay open. JSON Schema 2019-09.
 */
export function strictSchema(description: Description, schema: Schema): Schema {
  return close(description, schema, true)
}

/**
 * An answer's schema for a lenient check: types and required fields, but anything more is welcome, as GitHub adds fields at
 * any time. References lead to `base`.
 */
export function lenientSchema(schema: Schema, base: string): Schema {
  const open = mapChildren(schema, child => lenientSchema(child, base))
  if (open['additionalProperties'] === false) delete open['additionalProperties']
  if (typeof open['$ref'] === 'string') open['$ref'] = base + open['$ref']
  return toJsonSchema(open)
}

/** `closable` is false for the parts of an `allOf` or `anyOf`: they speak of one and the same object, which is closed once, around them. */
function close(description: Description, schema: Schema, closable: boolean): Schema {
  if (isReference(schema)) return close(description, resolve<Schema>(description, schema.$ref), closable)
  const closed = mapChildren(schema, (child, keyword) => close(description, child, !COMBINATORS.includes(keyword)))
  const combined = COMBINATORS.some(keyword => keyword in closed)
  if (closed['additionalProperties'] === true && ('properties' in closed || !closable))
    delete closed['additionalProperties']
  if (closable && !('additionalProperties' in closed)) {
    if (combined) closed['unevaluatedProperties'] = false
    else if ('properties' in closed) closed['additionalProperties'] = false
  }
  return toJsonSchema(closed)
}

const COMBINATORS = ['allOf', 'anyOf', 'oneOf']

/** A copy with every schema directly inside replaced. `keyword` says where it stood. */
export function mapChildren(schema: Schema, change: (child: Schema, keyword: string, name: string) => Schema): Schema {
  const copy: Schema = { ...schema }
  for (const [keyword, value] of Object.entries(schema)) {
    if (value === null || typeof value !== 'object') continue
    if (keyword === 'properties') {
      const properties = Object.entries(value as Record<string, Schema>)
      copy[keyword] = Object.fromEntries(properties.map(([name, child]) => [name, change(child, keyword, name)]))
    } else if (COMBINATORS.includes(keyword)) {
      copy[keyword] = (value as Schema[]).map((child, index) => change(child, keyword, String(index)))
    } else if (['items', 'additionalProperties', 'not'].includes(keyword)) {
      copy[keyword] = change(value as Schema, keyword, '*')
    }
  }
  return copy
}

/**
 * OpenAPI 3.0's dialect as JSON Schema: `nullable` becomes a type. `oneOf` becomes `anyOf`, because GitHub's description
 * writes `oneOf` for alternatives that overlap (an issue's title: string or integer; a content: file, symlink, …).
 */
function toJsonSchema(schema: Schema): Schema {
  const { nullable, oneOf, ...rest } = schema
  const converted: Schema = rest
  if (Array.isArray(oneOf)) {
    if (!('anyOf' in converted)) converted['anyOf'] = oneOf
    else converted['allOf'] = [...((converted['allOf'] as Schema[] | undefined) ?? []), { anyOf: oneOf }]
  }
  if (nullable !== true) return converted
  if (typeof converted['type'] !== 'string') return { anyOf: [{ type: 'null' }, converted] }
  if (COMBINATORS.some(keyword => keyword in converted)) return { anyOf: [{ type: 'null' }, converted] }
  converted['type'] = [converted['type'], 'null']
  if (Array.isArray(converted['enum'])) converted['enum'] = [...new Set([...(converted['enum'] as unknown[]), null])]
  return converted
}
