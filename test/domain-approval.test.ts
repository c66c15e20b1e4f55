import { describe, expect, test } from '@jest/globals'
import { type ApprovalNeeds, stillNeeded, teamsOf } from '../src/domain/approval.js'
import { renderApprovalNeeds, renderCounted } from '../src/domain/say/approval.js'

const plain: ApprovalNeeds = { people: 1, team: null, owners: [], notBy: null }
const much: ApprovalNeeds = {
  people: 3,
  team: 'acme/Leads',
  owners: [
    { owners: ['@ann', '@acme/words'], paths: ['lib/**', 'greet.sh'] },
    { owners: ['docs@example.com'], paths: ['docs/**'] },
  ],
  notBy: 'omar',
}
const by = (login: string, ...teams: string[]) => ({ login, teams })
const nothing = { people: 0, team: null, owners: [] }

describe('What an approval still needs', () => {
  test('is nothing after one, where nothing is asked for', () => {
    expect(stillNeeded(plain, [])).toEqual({ ...nothing, people: 1 })
    expect(stillNeeded(plain, [by('ann')])).toEqual(nothing)
  })

  test('is what nobody so far stands for; one person may stand for several things', () => {
    const [words, docs] = much.owners
    expect(stillNeeded(much, [by('ann')])).toEqual({ people: 2, team: 'acme/Leads', owners: [docs] })
    expect(stillNeeded(much, [by('bo', 'acme/leads')])).toEqual({ people: 2, team: null, owners: [words, docs] })
    const three = [by('bo', 'acme/leads', 'acme/words'), by('cy'), by('di')]
    expect(stillNeeded(much, three)).toEqual({ ...nothing, owners: [docs] })
  })

  test('is told by the teams that matter, each once and in one spelling', () => {
    expect(teamsOf(much)).toEqual(['acme/leads', 'acme/words'])
    expect(teamsOf(plain)).toEqual([])
  })
})

describe('What people read of it', () => {
  test('under a plan', () => {
    expect(renderApprovalNeeds(plain)).toBeNull()
    expect(renderApprovalNeeds({ ...plain, notBy: 'omar' })).toMatchInlineSnapshot(
      `"It takes the approval of somebody who may write, but not of the issue’s author (\`omar\`)."`,
    )
    expect(renderApprovalNeeds({ ...plain, people: 2 })).toMatchInlineSnapshot(
      `"It takes 2 approvals by different people."`,
    )
    expect(renderApprovalNeeds(much)).toMatchInlineSnapshot(`
      "It takes 3 approvals by different people, but not of the issue’s author (\`omar\`), among them:
      - one by a member of \`acme/Leads\`
      - one by a code owner of \`lib/**\`, \`greet.sh\`: \`ann\` or \`acme/words\`
      - one by a code owner of \`docs/**\`: \`docs@example.com\` (I can’t tell whose e-mail address that is; name an account or a team in CODEOWNERS)"
    `)
  })

  test('in answer to an approval, without pinging anybody', () => {
    const said = renderCounted({
      planId: '3f9a1c2d4e',
      needs: much,
      missing: stillNeeded(much, [by('ann')]),
      count: 1,
      again: false,
      lost: ['bo'],
      unseen: ['acme/leads'],
    })
    expect(said).toMatchInlineSnapshot(`
      "Counted: 1 of 3 approvals of plan \`3f9a1c2d4e\`. Still needed:
      - 2 more approvals, each by somebody else
      - one by a member of \`acme/Leads\`
      - one by a code owner of \`docs/**\`: \`docs@example.com\` (I can’t tell whose e-mail address that is; name an account or a team in CODEOWNERS)

      \`bo\` may no longer write to this repository, so that approval doesn’t count any more.

      I can’t see who is in \`acme/leads\`: the App lacks the permission \`members: read\`. An owner of the App adds it in the App’s settings (Organization permissions → Members → Read-only), and an owner of the organisation accepts it there. Then approve again."
    `)
    expect(said).not.toMatch(/(?<!`[^`]*)@/)
  })
})
