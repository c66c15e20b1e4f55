import { createHash } from 'node:crypto'
import type { Agent } from './agent.js'
import type { Plan } from './plan.js'

/** Everything that an approval covers. */
export interface PlanBasis {
  plan: Omit<Plan, 'id'>
  issue: { title: string; body: string }
  /** Comments that the plan took into account. */
  comments: readonly { id: number; author: string; body: string }[]
  /** Commit at which the repository was read. */
  baseCommit: string
  /** Text of `.github/crew.yml`, null when there is none. */
  crewYml: string | null
  /** Everyone whom the plan could choose, prompts and tools included: what is approved is done by these. */
  agents: readonly Agent[]
}

/** SHA-256 of each part, in hex, so that a later look can tell which one changed. Survives JSON. */
export interface PlanDigests {
  plan: string
  issueTitle: string
  issueBody: string
  comments: { id: number; author: string; digest: string }[]
  baseCommit: string
  crewYml: string
  agents: string
}

/** The plan's id: ten hex digits over all parts. The same parts always give the same id, whatever the order of keys. */
export function planId(basis: PlanBasis): string {
  return digest(digestsOf(basis)).slice(0, 10)
}

/** What an approval is held against later. */
export function digestsOf(basis: PlanBasis): PlanDigests {
  return {
    plan: digest(basis.plan),
    issueTitle: digest(basis.issue.title),
    issueBody: digest(basis.issue.body),
    comments: basis.comments.map(({ id, author, body }) => ({ id, author, digest: digest(body) })),
    baseCommit: basis.baseCommit,
    crewYml: digest(basis.crewYml),
    agents: digest(basis.agents),
  }
}

/** Eight hex digits for an issue's title and body, as the plan comment shows them. */
export const issueDigest = (issue: { title: string; body: string }): string =>
  digest([issue.title, issue.body]).slice(0, 8)

/**
 * What is no longer as it was when the plan was made, each as words that fit behind "changed:". `now` holds what was
 * read again. The base commit is left out: a default branch moves all the time, and which of its files matter is asked
 * elsewhere. Comments that were added since don't count either: the plan never included them.
 */
export function whatChanged(
  before: PlanDigests,
  now: Pick<PlanBasis, 'issue' | 'comments'> & Partial<Pick<PlanBasis, 'plan' | 'crewYml' | 'agents'>>,
): string[] {
  const current = new Map(now.comments.map(comment => [comment.id, comment]))
  return [
    now.plan === undefined || before.plan === digest(now.plan) ? null : 'the plan itself',
    before.issueTitle === digest(now.issue.title) ? null : 'the issue’s title',
    before.issueBody === digest(now.issue.body) ? null : 'the issue’s text',
    ...before.comments.map(comment => {
      const other = current.get(comment.id)
      if (!other) return `comment ${comment.id} by ${comment.author} (deleted)`
      return digest(other.body) === comment.digest ? null : `comment ${comment.id} by ${comment.author}`
    }),
    now.crewYml === undefined || before.crewYml === digest(now.crewYml) ? null : '`.github/crew.yml`',
    now.agents === undefined || before.agents === digest(now.agents) ? null : 'the agents',
  ].filter(change => change !== null)
}

const digest = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex')

/** JSON with every object's keys in order, and without those that are undefined. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  const entries = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`
}
