import { readFileSync } from 'node:fs'

/** What the check reads of an OpenAPI 3.0.3 document. */
export interface Description {
  paths: Record<string, Record<string, Operation>>
  components: {
    schemas: Record<string, Schema>
    parameters: Record<string, Parameter>
    responses: Record<string, Response>
  }
}

export interface Operation {
  parameters?: (Parameter | Reference)[]
  requestBody?: { required?: boolean; content: Record<string, { schema: Schema }> }
  responses: Record<string, Response | Reference>
}

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required?: boolean
  schema: Schema
  /** GitHub's mark for a path parameter that may hold slashes. */
  'x-multi-segment'?: boolean
}

export interface Response {
  content?: Record<string, { schema: Schema }>
}

export interface Reference {
  $ref: string
}

export type Schema = Record<string, unknown>

/**
 * The vendored slice of GitHub's OpenAPI description (made by scripts/slice-openapi.mjs). Its path is the same seen from
 * `src/` and from `dist/`, so it is read where it lies and never copied.
 */
export function readDescription(): Description {
  const file = new URL('../../../src/practice/openapi/github-openapi.json', import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')) as Description
}

/** What a `#/components/…` reference stands for. Throws when the slice doesn't hold it. */
export function resolve<T>(description: Description, reference: string): T {
  let node: unknown = description
  for (const segment of reference.split('/').slice(1)) node = (node as Record<string, unknown> | undefined)?.[segment]
  if (node === undefined)
    throw new Error(`The slice of GitHub's description lacks ${reference}. Run: node scripts/slice-openapi.mjs`)
  return node as T
}

export function isReference(node: object): node is Reference {
  return '$ref' in node && typeof node.$ref === 'string'
}
