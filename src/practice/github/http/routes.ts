import type { z } from 'zod'

import type { Account, Level, Repository, Role } from '../state/types.js'
import type { World } from '../state/world.js'
import { Refused, type Answer } from './answer.js'
import type { Caller } from './caller.js'

/** Names of the parameters in a template: `/repos/{owner}/{repo}` → `owner` | `repo`. */
type ParameterOf<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterOf<Rest>
  : never

export interface Call<Name extends string = string, Body = unknown> {
  world: World
  caller: Caller
  /** As asked for, without `/api/v3`. */
  path: string
  params: Record<Name, string>
  query: URLSearchParams
  accept: string
  body: Body
}

/** A call on a repository that the caller may make. */
export interface RepositoryCall<Name extends string = string, Body = unknown> extends Call<Name, Body> {
  repository: Repository
  /** Who acts: the person, or the App's bot. */
  actor: Account
  byApp: boolean
}

/** What a route asks of its caller. */
export type Access = { kind: 'app' } | { kind: 'installation' } | { kind: 'anyone' } | RepositoryAccess

export interface RepositoryAccess {
  kind: 'repository'
  /** Permissions of the App, of which one must reach the level. */
  app: Permission[]
  level: Level
  /** What a person must be allowed at least. */
  person: Role
  /** Refuses with 409 where there is no commit yet. */
  needsCommits: boolean
}

/** A permission by GitHub's name. `issues` and `pull_requests` on a route about an issue number: the one that fits what the number is. */
export type Permission = 'metadata' | 'contents' | 'issues' | 'pull_requests' | 'checks' | 'workflows'

export interface Route {
  method: string
  template: string
  access: Access
  parseBody: (body: unknown) => unknown
  run: (call: RepositoryCall) => Promise<Answer> | Answer
}

/** A route that has no repository in its path. */
export function route<const Template extends string, Body = unknown>(definition: {
  method: 'GET' | 'POST' | 'DELETE'
  template: Template
  access: 'app' | 'installation' | 'anyone'
  body?: z.ZodType<Body>
  run: (call: Call<ParameterOf<Template>, Body>) => Promise<Answer> | Answer
}): Route {
  return {
    method: definition.method,
    template: definition.template,
    access: { kind: definition.access },
    parseBody: bodyParser(definition.body),
    run: definition.run as Route['run'],
  }
}

/** A route below `/repos/{owner}/{repo}`; `template` is what follows. */
export function repositoryRoute<const Template extends string, Body = unknown>(definition: {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  template: Template
  app: Permission | Permission[]
  /** Default: `read` for GET, `write` for the others. */
  level?: Level
  person: Role
  needsCommits?: boolean
  body?: z.ZodType<Body>
  run: (call: RepositoryCall<ParameterOf<Template>, Body>) => Promise<Answer> | Answer
}): Route {
  return {
    method: definition.method,
    template: `/repos/{owner}/{repo}${definition.template}`,
    access: {
      kind: 'repository',
      app: [definition.app].flat(),
      level: definition.level ?? (definition.method === 'GET' ? 'read' : 'write'),
      person: definition.person,
      needsCommits: definition.needsCommits ?? false,
    },
    parseBody: bodyParser(definition.body),
    run: definition.run as Route['run'],
  }
}

/** Finds the route of a path, with its parameters decoded. The first that fits wins. */
export function createRouter(
  routes: Route[],
): (method: string, path: string) => { route: Route; params: Record<string, string> } | null {
  const compiled = routes.map(each => ({ route: each, ...compile(each.template) }))
  return (method, path) => {
    for (const { route: candidate, pattern, names } of compiled) {
      if (candidate.method !== method) continue
      const match = pattern.exec(path)
      if (match === null) continue
      const values = match.slice(1).map(value => decode(value ?? ''))
      return { route: candidate, params: Object.fromEntries(names.map((name, index) => [name, values[index] ?? ''])) }
    }
    return null
  }
}

// Parameters that may hold slashes, sent encoded or not.
const MULTI_SEGMENT = new Set(['path', 'ref', 'branch', 'basehead'])

function compile(template: string): { pattern: RegExp; names: string[] } {
  const names: string[] = []
  const source = template.replaceAll(/\/\{(\w+)\}/g, (_, name: string) => {
    names.push(name)
    // The root of a repository has no path, and clients leave the slash out with it.
    if (name === 'path') return '(?:/(.*))?'
    return MULTI_SEGMENT.has(name) ? '/(.+)' : '/([^/]+)'
  })
  return { pattern: new RegExp(`^${source}$`), names }
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    throw new Refused(400, 'Bad Request')
  }
}

function bodyParser<Body>(schema: z.ZodType<Body> | undefined): (body: unknown) => unknown {
  return body => {
    if (schema === undefined) return body
    const parsed = schema.safeParse(body ?? {})
    if (parsed.success) return parsed.data
    throw new Refused(422, `Invalid request.\n\n${parsed.error.issues.map(sentence).join('\n')}`)
  }
}

function sentence(issue: z.core.$ZodIssue): string {
  const path = issue.path.join('/')
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) return `"${path}" wasn't supplied.`
  return `For 'properties/${path}', ${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}.`
}
