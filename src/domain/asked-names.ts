import type { PlanTask } from './plan.js'
import type { Report } from './report.js'

/** A name that a task was to make, and that is nowhere under this name. */
export interface Unfound {
  task: number
  name: string
  /** What comes closest to it; null when nothing does. */
  nearest: string | null
}

/** What came of the tasks, as far as names can be looked for in it. */
export interface Outcome {
  reports: readonly Report[]
  /** Text of every changed file, as it is now. */
  texts: readonly string[]
  /** Paths of the tree, before the work and after it. */
  paths: readonly string[]
}

/**
 * Routes and files that the tasks' briefs ask for and that were not made under that name. Only what looks like code is
 * taken for a name, and where it stands in a line about what is there already or should go away, it isn't asked for. A
 * route that is put together from parts in several files can't be told from one that is missing: it counts as found when
 * its last part occurs, unless a longer or otherwise written one shows what it is called instead.
 */
export function namesNotFound(tasks: readonly PlanTask[], outcome: Outcome): Unfound[] {
  const texts = [...outcome.texts, ...outcome.reports.map(textOf)]
  const found = uniqueRoutes(texts.flatMap(text => pathsIn(text.slice(0, longest))).map(asRoute))
  const said = texts.join('\n').toLowerCase()
  return tasks.flatMap(task => {
    const asked = askedIn(`${task.brief}\n${task.doneWhen}`)
    const routes = uniqueRoutes(asked.map(({ name, method }) => ({ ...asRoute(name), method })).filter(isRoute))
    const files = [...new Set(asked.map(({ name }) => name.replace(/^\.\//, '')).filter(isFile))]
    return [
      ...routes.flatMap(route => unfoundRoute(route, found, said)),
      ...files.flatMap(name => unfoundFile(name, outcome.paths)),
    ].map(unfound => ({ task: task.number, ...unfound }))
  })
}

/** Characters of one text that are looked through. */
const longest = 300_000

interface Route {
  name: string
  /** Its parts in lower case, `*` for a parameter. */
  parts: string[]
  /** It stands for everything below it: `/auth/*`. */
  open: boolean
  /** An HTTP method stands before it, so that it is surely a route. */
  method?: boolean
}

/** Words about what is there, or is to go. */
const notAsked =
  /\b(?:remove|delete|drop|rename|replace|no longer|instead of|not|never|don.t|without|unlike|like|as in|existing|exists|same as|still|unchanged|stays?|keeps?|before|already|see|read|follow|copy|e\.g|such as|for example|optional(?:ly)?|may|might|if needed)\b/i

const pathRun = /(?:\b(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\s+[`'"]?)?([\w.~:{}<>$%*@[\]/…-]{2,200})/g

/** What in a brief may be the name of a route or a file. */
function askedIn(text: string): { name: string; method: boolean }[] {
  return text
    .replace(/\bhttps?:\/\/\S+/g, ' ')
    .split(/\n|(?<=[.;])\s/)
    .filter(sentence => !notAsked.test(sentence))
    .flatMap(sentence => [...sentence.matchAll(pathRun)])
    .map(([, method, run = '']) => ({ name: trimmed(run), method: method !== undefined }))
    .filter(({ name }) => name.includes('/'))
}

/** Everything with a slash in it. */
const pathsIn = (text: string): string[] =>
  [...text.replace(/\bhttps?:\/\/[\w.:-]+/g, ' ').matchAll(pathRun)]
    .map(([, , run = '']) => trimmed(run))
    .filter(name => name.includes('/'))

const trimmed = (run: string): string => run.replace(/[.:]+$/, '')

function asRoute(name: string): Route {
  const parts = name
    .toLowerCase()
    .split('/')
    .filter(part => part !== '')
    .map(part => (/[{}<>$*[\]…]|^:|\.\.\./.test(part) ? '*' : part))
  const open = /(?:\*|…|\.\.\.)\/?$/.test(name)
  while (parts[0] === '*') parts.shift()
  return { name, parts: open ? parts.slice(0, -1) : parts, open }
}

/** Directories of a machine, which no application serves. */
const machine = /^\/(?:bin|dev|etc|home|lib|opt|proc|root|run|sys|tmp|usr|var|mnt)\b/

const isRoute = ({ name, parts, method, open }: Route): boolean =>
  name.startsWith('/') &&
  !machine.test(name) &&
  !/\.\w{1,5}$/.test(name) &&
  parts.some(part => /[a-z]{2}/.test(part)) &&
  (method === true || open || parts.length > 1)

/** `accounts/api/urls.py`; not `Node.js/Express.js`, `application/vnd.api`, nor a glob. */
const isFile = (name: string): boolean =>
  /^(?:\.?[\w-]+\/)+[\w.-]*[\w-]\.(?:py|rb|[cm]?jsx?|[cm]?tsx?|vue|svelte|php|go|rs|java|kt|cs|exs?|sql|html?|s?css|json|ya?ml|toml|txt|md|sh|erb|xml|proto|graphql)$/.test(
    name,
  )

function unfoundRoute(asked: Route, found: readonly Route[], said: string): Omit<Unfound, 'task'>[] {
  if (found.some(route => startsAlike(route.parts, asked))) return []
  const routes = found.filter(({ name }) => name.startsWith('/'))
  const nearest =
    routes.find(({ parts }) => parts.some((_, at) => at > 0 && startsAlike(parts.slice(at), asked))) ??
    routes.find(
      ({ parts }) => parts.length === asked.parts.length && parts.every((part, at) => isNear(part, asked.parts[at])),
    )
  if (nearest) return [{ name: asked.name, nearest: nearest.name }]
  const last = asked.parts.findLast(part => part !== '*') ?? ''
  return asked.method === true && !said.includes(last) ? [{ name: asked.name, nearest: null }] : []
}

/** The very route, or for an open one something below it. A parameter that was asked for may be anything. */
const startsAlike = (parts: readonly string[], { parts: asked, open }: Route): boolean =>
  (open ? parts.length >= asked.length : parts.length === asked.length) &&
  asked.every((part, at) => part === '*' || part === parts[at])

/** But for how its words are joined: `password_reset`, `password-reset`. */
const isNear = (part: string, asked = ''): boolean =>
  asked === '*' || part.replace(/[^a-z0-9*]/g, '') === asked.replace(/[^a-z0-9*]/g, '')

function unfoundFile(name: string, paths: readonly string[]): Omit<Unfound, 'task'>[] {
  if (paths.some(path => path === name || path.endsWith(`/${name}`))) return []
  const base = name.slice(name.lastIndexOf('/'))
  return [{ name, nearest: paths.find(path => path.endsWith(base)) ?? null }]
}

function uniqueRoutes(routes: readonly Route[]): Route[] {
  const byParts = new Map<string, Route>()
  for (const route of routes) {
    const key = `${route.parts.join('/')}${route.open ? '/*' : ''}`
    const known = byParts.get(key)
    if (!known || (!known.method && route.method) || (!known.name.startsWith('/') && route.name.startsWith('/')))
      byParts.set(key, route)
  }
  return [...byParts.values()]
}

const textOf = ({ title, sections, nextSpecialistNeeds, notDone }: Report): string =>
  [title, ...sections.flatMap(({ heading, items }) => [heading, ...items]), ...nextSpecialistNeeds, ...notDone].join(
    '\n',
  )
