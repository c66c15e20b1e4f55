import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { beginGateStory, type GateStory } from './support/gate-story.js'

jest.setTimeout(120_000)

let story: GateStory
beforeAll(async () => {
  story = await beginGateStory()
}, 120_000)
afterAll(() => story.stop())
afterEach(() => {
  const { github, repository } = story.stage
  for (const login of ['grace', 'ada', 'lin']) github.setPermission(repository.fullName, login, 'write')
})

const configure = (approval: string, further: Record<string, string> = {}): void =>
  story.pushAsOther('main', { '.github/crew.yml': `approval: ${approval}\n`, ...further })

/** An approval that is not the last one that is needed. Returns the answer. */
async function counted(issue: number, by: string, rest = ''): Promise<string> {
  const comment = await story.comment(issue, `/approve ${rest}`.trim(), by)
  const answer = await story.replyTo(issue, comment)
  expect(await story.reactionsTo(comment)).toEqual([])
  expect(story.branch(issue)).toBe('')
  return answer
}

/** The last approval that is needed. */
async function approved(issue: number, by: string): Promise<void> {
  const comment = await story.comment(issue, '/approve', by)
  expect((await story.end(issue)).kind).toBe('done')
  expect(await story.reactionsTo(comment)).toEqual(['rocket'])
}

const approvers = (issue: number): string[] =>
  story.git('log', '-1', '--format=%(trailers:key=Approved-by,valueonly)', story.branch(issue)).trim().split('\n')

describe('where two people must approve', () => {
  beforeAll(() => configure('{ people: 2 }'))

  test('the plan says so, each approval is answered, and counts once a person', async () => {
    const issue = await story.planned('Greet in agreement')
    const id = await story.planId(issue)
    expect((await story.plans(issue))[0]?.body).toContain('It takes 2 approvals by different people.')
    const first = await counted(issue, 'grace')
    expect(first).toContain(`Counted: 1 of 2 approvals of plan \`${id}\`. Still needed:`)
    expect(first).toContain('- one more approval, by somebody else')
    expect(await counted(issue, 'grace', id)).toContain('Your approval was counted already: 1 of 2 approvals')
    expect(await counted(issue, 'omar')).toContain('I only take commands from people who may write')
    await approved(issue, 'ada')
    expect(approvers(issue)).toEqual(['grace', 'ada'])
    const [pull] = await story.pullRequests(issue)
    expect(pull?.body).toContain('approved by `grace`, `ada`')
  })

  test('a bot’s word is none of them', async () => {
    const issue = await story.planned('Greet in spite of bots')
    await counted(issue, 'grace')
    for (const login of ['helper[bot]', story.stage.github.app.botLogin])
      await story.sendLike('issue_comment', ({ sender, comment }) => {
        for (const account of [sender, comment?.user]) Object.assign(account ?? {}, { login, type: 'Bot' })
        Object.assign(comment ?? {}, { id: (comment?.id ?? 0) + 1 })
      })
    await story.heard(issue)
    expect(story.branch(issue)).toBe('')
    await approved(issue, 'lin')
    expect(approvers(issue)).toEqual(['grace', 'lin'])
  })

  test('a new version of the plan has no approval yet, and the old ones don’t count for it', async () => {
    const issue = await story.planned('Greet in two versions')
    await counted(issue, 'grace')
    await story.comment(issue, '/revise politely', 'ada')
    await story.versions(issue, 2)
    expect(await counted(issue, 'ada')).toContain(`1 of 2 approvals of plan \`${await story.planId(issue)}\``)
    await approved(issue, 'lin')
    expect(approvers(issue)).toEqual(['ada', 'lin'])
  })

  test('an edit of the issue between the two is said to the second, and the first is worth nothing for what is there now', async () => {
    const issue = await story.planned('Greet while it changes')
    await counted(issue, 'grace')
    await story.editIssue(issue, { body: 'Otherwise.' })
    expect(await counted(issue, 'ada')).toContain('- the issue’s text')
    await story.comment(issue, '/reject')
    await story.end(issue)
  })

  test('who may no longer write when the last approval comes no longer counts', async () => {
    const { github, repository } = story.stage
    const issue = await story.planned('Greet as somebody leaves')
    await counted(issue, 'grace')
    github.setPermission(repository.fullName, 'grace', 'read')
    const answer = await counted(issue, 'ada')
    expect(answer).toContain('Counted: 1 of 2')
    expect(answer).toContain('`grace` may no longer write to this repository')
    await approved(issue, 'lin')
    expect(approvers(issue)).toEqual(['ada', 'lin'])
  })

  test('what runs are the tasks that both approved', async () => {
    const issue = await story.planned('Greet in what both want')
    await counted(issue, 'grace', '2')
    await approved(issue, 'ada')
    expect(story.commits(issue)).toMatchObject([{ task: '2/4' }])

    const other = await story.planned('Greet in nothing that both want')
    await counted(other, 'grace', '1')
    const answer = await counted(other, 'ada', '2')
    expect(answer).toMatch(/no task that all approved\.\n- `grace`: task 1\n- `ada`: task 2/)
    await story.comment(other, '/reject')
    await story.end(other)
  })
})

test('where the author may not approve, somebody else must', async () => {
  configure('{ author_may_approve: false }')
  const issue = await story.issue({ title: 'Greet as I say', by: 'grace' })
  await story.label(issue)
  await story.phase(issue, 'waiting-for-approval')
  expect((await story.plans(issue))[0]?.body).toContain('but not of the issue’s author (`grace`)')
  expect(await counted(issue, 'grace')).toContain('leaves the approval to others than the issue’s author')
  await approved(issue, 'ada')
  expect(approvers(issue)).toEqual(['ada'])
})

describe('where a team must approve', () => {
  const all = { contents: 'write', issues: 'write', metadata: 'read', pull_requests: 'write' } as const

  test('and the App may not see who is in it, that is said with what to do; once it may, a member’s approval counts', async () => {
    const { github, repository } = story.stage
    configure('{ team: acme/leads }')
    github.setTeam('acme', 'leads', ['lin'])
    const issue = await story.planned('Greet by leave of a team')
    expect((await story.plans(issue))[0]?.body).toContain('- one by a member of `acme/leads`')
    const unseen = await counted(issue, 'lin')
    expect(unseen).toContain('I can’t see who is in `acme/leads`: the App lacks the permission `members: read`')

    github.install(repository.fullName, { ...all, members: 'read' })
    github.setTeam('acme', 'leads', ['ada'])
    const other = await counted(issue, 'grace')
    expect(other).toContain('Counted: 2 of 2 approvals')
    expect(other).toContain('- one by a member of `acme/leads`')
    expect(other).not.toContain('can’t see')
    await approved(issue, 'ada')
    expect(github.tokens.filter(({ permissions }) => 'members' in permissions)).toEqual([
      { repositories: [repository.fullName], permissions: { members: 'read', metadata: 'read' } },
    ])
    expect(github.violations).toEqual([])
  })

  test('it may be one that CODEOWNERS names for a path of the plan, beside owners of others', async () => {
    configure('{ code_owners: true }', { CODEOWNERS: '*.sh @grace\n/lib/ @acme/words @lin\n*.md docs@example.com\n' })
    story.stage.github.setTeam('acme', 'words', ['ada'])
    const issue = await story.planned('Greet by leave of the owners')
    const plan = (await story.plans(issue))[0]?.body
    expect(plan).toContain('- one by a code owner of `greet.sh`: `grace`')
    expect(plan).toContain('- one by a code owner of `lib/words.sh`: `acme/words` or `lin`')
    expect(plan).toContain('- one by a code owner of `README.md`: `docs@example.com` (I can’t tell whose')
    await story.comment(issue, '/reject')
    await story.end(issue)

    story.pushAsOther('main', { CODEOWNERS: '*.sh @grace\n/lib/ @acme/words @lin\n' })
    const again = await story.planned('Greet by leave of all owners')
    const answer = await counted(again, 'grace')
    expect(answer).toContain('- one by a code owner of `lib/words.sh`')
    expect(answer).not.toContain('`greet.sh`')
    await approved(again, 'ada')
    expect(approvers(again)).toEqual(['grace', 'ada'])
  })

  test('when CODEOWNERS changes before the approval, a new plan says who must approve now', async () => {
    const issue = await story.planned('Greet under new owners')
    story.pushAsOther('main', { CODEOWNERS: '/docs/ @ada\n' })
    expect(await counted(issue, 'grace')).toContain('- `CODEOWNERS`')
    const [, second] = await story.versions(issue, 2)
    expect(second?.body).not.toContain('`acme/words`')
    expect(second?.body).toContain('No path of this plan has a code owner.')
    await story.comment(issue, '/reject')
    await story.end(issue)
  })
})
