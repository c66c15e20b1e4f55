import type { Ajv2019 } from 'ajv/dist/2019.js'
import type { ErrorObject } from 'ajv'

/**
 * What a validation found, as sentences without repetition. `place` names what was checked (`the body`, `query`); `ajv` is
 * the one that found it, running with `verbose` and `allErrors`.
 */
export function describeProblems(ajv: Ajv2019, place: string, errors: ErrorObject[]): string[] {
  return [...new Set(chooseBranches(ajv, errors).map(({ path, text }) => `${place}${path && ` ${path}`} ${text}`))]
}

interface Problem {
  path: string
  keyword: string
  text: string
}

/**
 * Where alternatives fail, ajv reports what is wrong with every one of them, and then the `anyOf` itself. A person wants to
 * know what is wrong with the alternative that was meant, so each is validated once more on its own: their errors are the
 * ones that stand before the `anyOf` error, and are replaced by those of the nearest alternative.
 */
function chooseBranches(ajv: Ajv2019, errors: ErrorObject[]): Problem[] {
  const problems: Problem[] = []
  for (let index = errors.length - 1; index >= 0; index--) {
    const error = errors[index]!
    if (error.keyword === 'anyOf') {
      const branches = (error.schema as object[]).map(branch => validateBranch(ajv, branch, error.data))
      index -= branches.reduce((sum, branch) => sum + branch.length, 0)
      problems.unshift(...nearest(ajv, branches, error))
    } else if (!isConsequence(error, errors)) {
      problems.unshift({ path: error.instancePath, keyword: error.keyword, text: describe(error) })
    }
  }
  return problems
}

function validateBranch(ajv: Ajv2019, branch: object, data: unknown): ErrorObject[] {
  const validate = ajv.compile(branch)
  return validate(data) ? [] : (validate.errors ?? [])
}

function nearest(ajv: Ajv2019, branches: ErrorObject[][], error: ErrorObject): Problem[] {
  const path = error.instancePath
  const possible = branches.filter(branch => !branch.some(one => one.keyword === 'type' && one.instancePath === ''))
  if (possible.length === 0) {
    const types = branches.flatMap(branch => branch.flatMap(one => (one.keyword === 'type' ? one.params['type'] : [])))
    return [{ path, keyword: 'type', text: mustBe(types as string[], error.data) }]
  }
  const ranked = possible.map(branch => chooseBranches(ajv, branch)).sort((a, b) => distance(a) - distance(b))
  return (ranked[0] ?? []).map(problem => ({ ...problem, path: path + problem.path }))
}

/** A wrong fixed word (`type: "symlink"`) says "not this alternative" more strongly than anything that is missing. */
function distance(problems: Problem[]): number {
  return problems.reduce((sum, { keyword }) => sum + (keyword === 'enum' ? 100 : 1), 0)
}

/** When no alternative fits, ajv counts no property as evaluated. */
function isConsequence(error: ErrorObject, all: ErrorObject[]): boolean {
  if (error.keyword !== 'unevaluatedProperties') return false
  return all.some(one => one.keyword === 'anyOf' && one.instancePath === error.instancePath)
}

function describe(error: ErrorObject): string {
  const params = error.params as Record<string, unknown>
  switch (error.keyword) {
    case 'required':
      return `lacks ${String(params['missingProperty'])}`
    case 'additionalProperties':
      return `has an unknown property: ${String(params['additionalProperty'])}`
    case 'unevaluatedProperties':
      return `has an unknown property: ${String(params['unevaluatedProperty'])}`
    case 'enum':
      return `must be one of ${JSON.stringify(params['allowedValues'])}, found ${show(error.data)}`
    case 'type':
      return mustBe([params['type']].flat() as string[], error.data)
    default:
      return `${error.message ?? `breaks ${error.keyword}`}, found ${show(error.data)}`
  }
}

function mustBe(types: string[], found: unknown): string {
  return `must be ${[...new Set(types)].join(' or ')}, found ${show(found)}`
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}
