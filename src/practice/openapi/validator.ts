import { Ajv2019 } from 'ajv/dist/2019.js'
import formats from 'ajv-formats'
import type { Schema } from './description.js'
import { describeProblems } from './problems.js'

/** Returns the problems of a value, as sentences that begin with `place`; none when it is as it should be. */
export type Validate = (place: string, value: unknown) => string[]

export interface Validator {
  /** Makes `document` known: schemas compiled later may refer into it by `id`. */
  add(id: string, document: object): void
  /** Compiles a schema once, at its first use. */
  compile(schema: Schema): Validate
}

/** With `fromText`, numbers and booleans are recognized in strings, as in a query. */
export function createValidator(options: { fromText: boolean }): Validator {
  const ajv = new Ajv2019({ strict: false, allErrors: true, verbose: true, coerceTypes: options.fromText })
  formats.default(ajv)
  // GitHub's own: owner/name, and seconds since 1970.
  ajv.addFormat('repo.nwo', /^[^/\s]+\/[^/\s]+$/)
  ajv.addFormat('timestamp', true)
  return {
    add: (id, document) => void ajv.addSchema({ $id: id, ...document }),
    compile: schema => (place, value) => {
      // ajv keeps what it compiled, by the identity of the schema.
      const validate = ajv.compile(schema)
      return validate(value) ? [] : describeProblems(ajv, place, validate.errors ?? [])
    },
  }
}
