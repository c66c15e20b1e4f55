import type { Description, Schema } from './description.js'
import type { Match, Route } from './routes.js'
import { strictSchema } from './schemas.js'
import { createValidator, type Validate } from './validator.js'

/** Makes the strict check of a request whose operation is known: path parameters, query, body. */
export function createRequestCheck(
  description: Description,
): (match: Match, query: Record<string, string>, body: unknown) => string[] {
  const bodies = createValidator({ fromText: false })
  const parameters = createValidator({ fromText: true })
  const compiled = new Map<Route, CompiledRequest>()

  const compile = (route: Route): CompiledRequest => {
    const body = route.operation.requestBody?.content['application/json']?.schema
    return {
      path: parameters.compile(parameterSchema(description, route, 'path')),
      query: parameters.compile(parameterSchema(description, route, 'query')),
      body: body ? bodies.compile(strictSchema(description, body)) : null,
    }
  }

  return ({ route, values }, query, body) => {
    const request = compiled.get(route) ?? compile(route)
    compiled.set(route, request)
    // The values are copied because recognizing a number in one replaces it.
    return [
      ...request.path('path', { ...values }),
      ...request.query('query', { ...query }),
      ...checkBody(route, request.body, body),
    ]
  }
}

interface CompiledRequest {
  path: Validate
  query: Validate
  /** Null where the operation takes no body. */
  body: Validate | null
}

function parameterSchema(description: Description, route: Route, place: 'path' | 'query'): Schema {
  const parameters = route.parameters.filter(parameter => parameter.in === place)
  return {
    type: 'object',
    properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, strictSchema(description, schema)])),
    required: parameters.filter(parameter => parameter.required).map(parameter => parameter.name),
    additionalProperties: false,
  }
}

function checkBody(route: Route, validate: Validate | null, body: unknown): string[] {
  const none = body === undefined || body === null || body === ''
  if (!validate) return none || isEmptyObject(body) ? [] : ['the body must be empty']
  if (none && route.operation.requestBody?.required) return ['the body is missing']
  return validate('the body', none ? {} : body)
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
