import type { OwnerGroup } from './code-owners.js'
import type { CrewConfig } from './crew-yml.js'

/** What it takes for a plan to be approved, besides the right to write. Survives JSON. */
export interface ApprovalNeeds {
  /** So many different people. */
  people: number
  /** One of them must be a member of it: `org/team`. */
  team: string | null
  /** Of each of these, one must be among them. */
  owners: OwnerGroup[]
  /** Login of the author, where that one may not. */
  notBy: string | null
}

/** Somebody who has approved. */
export interface Approver {
  login: string
  /** Those of the teams that matter in which they are, as {@link teamsOf} names them. */
  teams: string[]
}

export function approvalNeeds(
  { people, team, author_may_approve: authorMay }: CrewConfig['approval'],
  { author, owners }: { author: string; owners: OwnerGroup[] },
): ApprovalNeeds {
  return { people, team: team ?? null, owners, notBy: authorMay ? null : author }
}

/** One approval of anybody who may write is enough. */
export const isPlain = ({ people, team, owners }: ApprovalNeeds): boolean =>
  people === 1 && team === null && owners.length === 0

/** The teams whose members matter, as `org/team` in lower case. */
export function teamsOf({ team, owners }: ApprovalNeeds): string[] {
  const named = owners.flatMap(group => group.owners).filter(owner => /^@[^/]+\/[^/]+$/.test(owner))
  const all = [...(team === null ? [] : [team]), ...named.map(owner => owner.slice(1))]
  return [...new Set(all.map(one => one.toLowerCase()))]
}

/** What is still missing with these approvals: nothing of it where the plan is approved. */
export function stillNeeded(needs: ApprovalNeeds, approvers: readonly Approver[]): Omit<ApprovalNeeds, 'notBy'> {
  const inTeam = (team: string): boolean => approvers.some(({ teams }) => teams.includes(team.toLowerCase()))
  const isOwner = (owner: string): boolean =>
    owner.includes('/')
      ? inTeam(owner.slice(1))
      : approvers.some(({ login }) => `@${login}`.toLowerCase() === owner.toLowerCase())
  return {
    people: Math.max(0, needs.people - approvers.length),
    team: needs.team !== null && !inTeam(needs.team) ? needs.team : null,
    owners: needs.owners.filter(group => !group.owners.some(isOwner)),
  }
}
