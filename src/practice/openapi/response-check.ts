import { allowances, textAnswers } from './allowances.js'
import { type Description, isReference, resolve, type Response, type Schema } from './description.js'
import { relaxAnswers, relaxComponents } from './relax.js'
import type { Route } from './routes.js'
import { lenientSchema } from './schemas.js'
import { createValidator, type Validate, type Validator } from './validator.js'

/** Makes the lenient check of an answer whose operation is known. */
export function createResponseCheck(
  description: Description,
): (route: Route, status: number, body: unknown) => string[] {
  const validator = createValidator({ fromText: false })
  validator.add(DOCUMENT, { components: { schemas: lenientComponents(description) } })
  const compiled = new Map<Route, Map<number, Validate[]>>()

  return (route, status, body) => {
    const answers = compiled.get(route) ?? compileAnswers(description, validator, route)
    compiled.set(route, answers)
    const mediaTypes = answers.get(status)
    if (!mediaTypes) return checkUndescribed(status, body)
    // Where a fault is described by words only, it still comes with a message.
    if (mediaTypes.length === 0 && status >= 400 && !isNothing(body)) return checkUndescribed(status, body)
    if (mediaTypes.length === 0) return isNothing(body) ? [] : ['the body must be empty']
    if (typeof body === 'string' && textAnswers.some(one => one.operation === route.name)) return []
    const found = mediaTypes.map(validate => validate('the body', body))
    return found.find(problems => problems.length === 0) ?? found[0] ?? []
  }
}

/** A name for the description in references; nothing is fetched from it. */
const DOCUMENT = 'https://github.invalid/description'

function lenientComponents(description: Description): Record<string, Schema> {
  const schemas = Object.entries(relaxComponents(description, allowances))
  return Object.fromEntries(schemas.map(([name, schema]) => [name, lenientSchema(schema, DOCUMENT)]))
}

/** The checks of each described status, one per media type, JSON first; an empty list for an answer without a body. */
function compileAnswers(description: Description, validator: Validator, route: Route): Map<number, Validate[]> {
  const described = Object.entries(route.operation.responses).map(([status, response]) => ({
    status: Number(status),
    schemas: schemasOf(isReference(response) ? resolve<Response>(description, response.$ref) : response),
  }))
  const successes = described.filter(({ status }) => status < 300).flatMap(({ schemas }) => schemas)
  const relaxed = relaxAnswers({ description, operation: route.name, schemas: successes, allowances })
  const compile = (schema: Schema): Validate => {
    const answer = relaxed[successes.indexOf(schema)] ?? schema
    return validator.compile(lenientSchema(answer, DOCUMENT))
  }
  return new Map(described.map(({ status, schemas }) => [status, schemas.map(compile)]))
}

function schemasOf(response: Response): Schema[] {
  const { 'application/json': json, ...others } = response.content ?? {}
  return [...(json ? [json] : []), ...Object.values(others)].map(({ schema }) => schema)
}

/** GitHub describes the faults of no operation completely (a bad token is a 401 everywhere): any may come, with a message. */
function checkUndescribed(status: number, body: unknown): string[] {
  if (status === 304) return isNothing(body) ? [] : ['the body must be empty']
  if (status < 400) return ['the description has no such status for this operation']
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : undefined
  return typeof message === 'string' ? [] : ['the body of a fault must be an object with a message']
}

function isNothing(body: unknown): boolean {
  return body === undefined || body === null || body === ''
}
