import type { Allowance } from './allowances.js'
import { type Description, isReference, resolve, type Schema } from './description.js'
import { mapChildren } from './schemas.js'

/**
 * The schemas of the description's components, with what the `*` allowances allow.
 * Throws for an allowance that allows nothing new: it would stand there for ever, and say something untrue.
 */
export function relaxComponents(description: Description, allowances: Allowance[]): Record<string, Schema> {
  const schemas = { ...description.components.schemas }
  for (const allowance of allowances.filter(one => one.operation === '*')) {
    const [, component, field] = /^#\/components\/schemas\/([^/]+)\/properties\/([^/]+)$/.exec(allowance.pointer) ?? []
    const schema = component === undefined ? undefined : schemas[component]
    const relaxed = schema && field !== undefined && relax({ description, ...allowance }, schema, [field])
    if (component === undefined || !relaxed) throw nothingNew(allowance)
    schemas[component] = relaxed
  }
  return schemas
}

/**
 * The schemas of one operation's successful answers, with what its own allowances allow; one for each given. Throws for an
 * allowance that allows nothing new in any of them.
 */
export function relaxAnswers(answers: {
  description: Description
  operation: string
  schemas: Schema[]
  allowances: Allowance[]
}): Schema[] {
  let { schemas } = answers
  for (const allowance of answers.allowances.filter(one => one.operation === answers.operation)) {
    const segments = allowance.pointer.split('/').slice(1)
    const relaxed = schemas.map(schema => relax({ ...answers, ...allowance }, schema, segments))
    if (relaxed.every(schema => schema === null)) throw nothingNew(allowance)
    schemas = schemas.map((schema, index) => relaxed[index] ?? schema)
  }
  return schemas
}

function nothingNew({ operation, pointer, may }: Allowance): Error {
  return new Error(`The allowance that ${pointer} may ${may} (${operation}) allows nothing new: take it out`)
}

type Setting = Pick<Allowance, 'may'> & { description: Description }

/** A copy of the schema that allows it for the field at the end of `segments`; null where nothing changed. References on the way are written out. */
function relax(setting: Setting, schema: Schema, segments: string[]): Schema | null {
  const [segment, ...rest] = segments
  if (segment === undefined) return null
  if (isReference(schema)) return relax(setting, resolve<Schema>(setting.description, schema.$ref), segments)
  let changed = false
  const copy = mapChildren(schema, (child, keyword, name) => {
    const relaxed = relaxChild(setting, { child, keyword, name, segments })
    changed ||= relaxed !== null
    return relaxed ?? child
  })
  const required = copy['required']
  if (setting.may === 'be missing' && rest.length === 0 && Array.isArray(required) && required.includes(segment)) {
    copy['required'] = required.filter(name => name !== segment)
    changed = true
  }
  return changed ? copy : null
}

function relaxChild(
  setting: Setting,
  place: { child: Schema; keyword: string; name: string; segments: string[] },
): Schema | null {
  const { child, keyword, name, segments } = place
  const [segment, ...rest] = segments
  // The parts of a combination speak of the same value, so the way through them is no shorter.
  if (keyword === 'allOf' || keyword === 'anyOf' || keyword === 'oneOf') return relax(setting, child, segments)
  const onTheWay = (keyword === 'properties' && name === segment) || (keyword === 'items' && segment === '*')
  if (!onTheWay) return null
  if (rest.length > 0) return relax(setting, child, rest)
  if (setting.may === 'be missing' || child['nullable'] === true) return null
  return isReference(child) ? { allOf: [child], nullable: true } : { ...child, nullable: true }
}
