import type { Allowance } from './allowances.js'
import { type Description, isReference, resolve, type Schema } from './description.js'
import { mapChildren } from './schemas.js'

/**
 * The schemas of the description's components with what the `*` allowances name no longer required.
 * Throws for an allowance that names nothing required: it would stand there for ever, allowing nothing.
 */
export function relaxComponents(description: Description, allowances: Allowance[]): Record<string, Schema> {
  const schemas = { ...description.components.schemas }
  for (const allowance of allowances) {
    if (allowance.operation !== '*') continue
    const [, component, field] = /^#\/components\/schemas\/([^/]+)\/properties\/([^/]+)$/.exec(allowance.pointer) ?? []
    const relaxed =
      component !== undefined && field !== undefined && relax(description, schemas[component] ?? {}, [field])
    if (!relaxed) throw new Error(`The allowance * ${allowance.pointer} names no required field`)
    schemas[component] = relaxed
  }
  return schemas
}

/** The schema of one operation's answer with what its own allowances name no longer required. Throws as above. */
export function relaxAnswer(answer: {
  description: Description
  operation: string
  schema: Schema
  allowances: Allowance[]
}): Schema {
  let schema = answer.schema
  for (const allowance of answer.allowances) {
    if (allowance.operation !== answer.operation) continue
    const relaxed = relax(answer.description, schema, allowance.pointer.split('/').slice(1))
    if (!relaxed) throw new Error(`The allowance ${allowance.operation} ${allowance.pointer} names no required field`)
    schema = relaxed
  }
  return schema
}

/** A copy of the schema in which the field at the end of `segments` isn't required; null when it wasn't. References on the way are written out. */
function relax(description: Description, schema: Schema, segments: string[]): Schema | null {
  if (isReference(schema)) return relax(description, resolve<Schema>(description, schema.$ref), segments)
  const [segment, ...rest] = segments
  if (segment === undefined) return null
  let found = false
  const copy = mapChildren(schema, (child, keyword, name) => {
    const alternative = keyword === 'allOf' || keyword === 'anyOf' || keyword === 'oneOf'
    const onTheWay = (keyword === 'properties' && name === segment) || (keyword === 'items' && segment === '*')
    const relaxed = alternative
      ? relax(description, child, segments)
      : onTheWay && rest.length > 0
        ? relax(description, child, rest)
        : null
    found ||= relaxed !== null
    return relaxed ?? child
  })
  const required = copy['required']
  if (rest.length === 0 && Array.isArray(required) && required.includes(segment)) {
    copy['required'] = required.filter(name => name !== segment)
    found = true
  }
  return found ? copy : null
}
