import { type ApprovalNeeds, isPlain, stillNeeded } from '../approval.js'
import type { OwnerGroup } from '../code-owners.js'
import { inlineCode } from '../code-markdown.js'
import { paths } from './lists.js'

/** Under a plan: who must approve it, where one approval of anybody who may write isn't enough; null where it is. */
export function renderApprovalNeeds(needs: ApprovalNeeds): string | null {
  const but = needs.notBy === null ? '' : `, but not of the issue’s author (${inlineCode(needs.notBy)})`
  if (isPlain(needs)) return needs.notBy === null ? null : `It takes the approval of somebody who may write${but}.`
  const further = listNeeds({ ...stillNeeded(needs, []), people: 0 })
  const people = needs.people === 1 ? 'one approval' : `${needs.people} approvals by different people`
  const among = further.length === 0 ? '.' : `, among them:\n${further.map(need => `- ${need}`).join('\n')}`
  return `It takes ${people}${but}${among}`
}

/** The answer to an approval that isn't the last one. */
export function renderCounted(given: {
  planId: string
  needs: ApprovalNeeds
  missing: Omit<ApprovalNeeds, 'notBy'>
  /** Approvals that count. */
  count: number
  /** The same person had approved before. */
  again: boolean
  /** Whose approval no longer counts, as they may not write any more. */
  lost: readonly string[]
  /** Teams whose members the App may not see. */
  unseen: readonly string[]
}): string {
  const { planId, needs, missing, count, again, lost, unseen } = given
  const of = Math.max(needs.people, count)
  return [
    `${again ? 'Your approval was counted already' : 'Counted'}: ${count} of ${of} ${of === 1 ? 'approval' : 'approvals'} of plan ${inlineCode(planId)}. Still needed:`,
    ...listNeeds(missing).map(need => `- ${need}`),
    ...(lost.length > 0
      ? ['', `${names(lost)} may no longer write to this repository, so that approval doesn’t count any more.`]
      : []),
    ...(unseen.length > 0 ? ['', membersUnseen(unseen)] : []),
  ].join('\n')
}

const membersUnseen = (teams: readonly string[]): string =>
  `I can’t see who is in ${names(teams)}: the App lacks the permission ${inlineCode('members: read')}. An owner of the App adds it in the App’s settings (Organization permissions → Members → Read-only), and an owner of the organisation accepts it there. Then approve again.`

function listNeeds({ people, team, owners }: Omit<ApprovalNeeds, 'notBy'>): string[] {
  const more = owners.length - mostGroups
  return [
    ...(people === 1 ? ['one more approval, by somebody else'] : []),
    ...(people > 1 ? [`${people} more approvals, each by somebody else`] : []),
    ...(team === null ? [] : [`one by a member of ${inlineCode(team)}`]),
    ...owners.slice(0, mostGroups).map(ownerNeed),
    ...(more > 0 ? [`and those of ${more} more groups of code owners`] : []),
  ]
}

const mostGroups = 20

function ownerNeed({ owners, paths: owned }: OwnerGroup): string {
  const unknown = owners.every(isEmail)
    ? ' (I can’t tell whose e-mail address that is; name an account or a team in CODEOWNERS)'
    : ''
  const shown = owners.slice(0, 12).map(owner => owner.replace(/^@/, ''))
  const rest = owners.length > 12 ? ` or ${owners.length - 12} more` : ''
  return `one by a code owner of ${paths(owned)}: ${names(shown, ' or ')}${rest}${unknown}`
}

const isEmail = (owner: string): boolean => !owner.startsWith('@')

const names = (list: readonly string[], last = ', '): string => list.map(name => inlineCode(name)).join(last)
