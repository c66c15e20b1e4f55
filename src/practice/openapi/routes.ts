import { type Description, isReference, type Operation, type Parameter, resolve } from './description.js'

/** One operation of the slice. */
export interface Route {
  /** Method and path template, as `GET /repos/{owner}/{repo}`. */
  name: string
  operation: Operation
  parameters: Parameter[]
}

/** A route and the values of its path parameters, percent-decoded. */
export interface Match {
  route: Route
  values: Record<string, string>
}

/**
 * Makes the function that finds the operation of a request, or null when the slice has none. Where several templates fit
 * (`…/commits/{ref}` takes slashes, and so fits `…/commits/main/check-runs` as well), the one with the most fixed segments wins.
 */
export function createRouter(description: Description): (method: string, path: string) => Match | null {
  const routes = Object.entries(description.paths).flatMap(([template, operations]) =>
    Object.entries(operations).map(([method, operation]) => toCandidate(description, { method, template, operation })),
  )
  routes.sort((a, b) => b.fixed - a.fixed)

  return (method, path) => {
    for (const candidate of routes) {
      if (candidate.method !== method.toLowerCase()) continue
      const groups = candidate.pattern.exec(path)
      if (groups) return { route: candidate.route, values: decode(candidate.names, groups.slice(1)) }
    }
    return null
  }
}

function toCandidate(description: Description, source: { method: string; template: string; operation: Operation }) {
  const { method, template, operation } = source
  const parameters = (operation.parameters ?? []).map(parameter =>
    isReference(parameter) ? resolve<Parameter>(description, parameter.$ref) : parameter,
  )
  const names: string[] = []
  const segments = template.split('/').slice(1)
  const pattern = segments.map(segment => {
    const name = /^\{(.+)\}$/.exec(segment)?.[1]
    if (name === undefined) return segment
    names.push(name)
    const parameter = parameters.find(one => one.in === 'path' && one.name === name)
    return parameter?.['x-multi-segment'] ? '(.+)' : '([^/]+)'
  })
  return {
    method,
    names,
    pattern: new RegExp(`^/${pattern.join('/')}$`),
    fixed: segments.length - names.length,
    route: { name: `${method.toUpperCase()} ${template}`, operation, parameters },
  }
}

function decode(names: string[], values: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, decodeOne(values[index] ?? '')]))
}

/** A malformed escape stays as it is: what a parameter may hold is its schema's business. */
function decodeOne(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
