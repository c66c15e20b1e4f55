import { describe, expect, test } from '@jest/globals'
import { parseCrewYml } from '../src/domain/crew-yml.js'
import type { Command } from '../src/domain/command.js'
import { commentLimit } from '../src/domain/say/cut-to.js'
import { describeOutcome, replies } from '../src/domain/say/replies.js'
import { type Phase, renderStatus, type RunStatus, type TaskStatus } from '../src/domain/say/status-comment.js'
import { noCost } from '../src/domain/usage.js'

const cost = { ...noCost, usd: 0.42, calls: 12, inputTokens: 3000, cacheReadTokens: 90_000, outputTokens: 9120 }
const task = { number: 2, title: 'Auth logic for @ann', agent: 'django-backend-expert' }

const working: RunStatus = {
  phase: 'working',
  tasks: [
    {
      number: 1,
      title: 'Design | schema',
      agent: 'django-orm-expert',
      state: 'done',
      commit: { sha: '0123456789abcdef', url: 'https://github.com/acme/shop/commit/0123456789abcdef' },
      usd: 0.2,
      handed: {
        given: {
          handoffs: [],
          instructions: ['AGENTS.md', 'accounts/AGENTS.md'],
          files: ['accounts/models.py'],
          tooLong: ['accounts/tests.py'],
        },
        left: ['User model location: accounts/models.py', 'thanks @ann, fixes #3 <!-- hidden -->\n## Heading'],
      },
    },
    { ...task, state: 'running', note: 'turn 3' },
    { number: 3, title: 'Emails', agent: 'backend-developer', state: 'waiting' },
    { number: 4, title: 'Security review', agent: 'code-reviewer', state: 'skipped' },
  ],
  cost,
  notice: null,
  failure: null,
  plan: { id: '3f9a1c2d4e', version: 1, budgetUsd: 10 },
  planUrl: 'https://github.com/acme/shop/issues/12#issuecomment-1',
  branch: { name: 'crew/issue-12-auth', url: 'https://github.com/acme/shop/tree/crew/issue-12-auth' },
}

describe('The status comment', () => {
  test('is one table under one headline', () => {
    expect(renderStatus(working)).toMatchSnapshot()
  })

  test('leads from a title to the plan, whatever the title holds', () => {
    const titles = ['Write pages/[id].tsx', 'Keep `a[0]` | ](http://evil.example)', 'See https://github.com/acme/shop']
    const tasks = titles.map((title, index) => ({ ...task, number: index + 1, title, state: 'waiting' as const }))
    expect(renderStatus({ ...working, tasks }).match(/^\| \d.*$/gm)).toMatchSnapshot()
  })

  test('holds the hand-offs of twelve tasks, cut to fit, and says where the rest is', () => {
    const [done] = working.tasks
    const handed = { given: null, left: Array<string>(200).fill(`\`${'x'.repeat(500)}\``) }
    const tasks = Array.from({ length: 12 }, (_, index) => ({ ...(done as TaskStatus), number: index + 1, handed }))
    const text = renderStatus({ ...working, tasks })
    expect(text.length).toBeLessThanOrEqual(commentLimit)
    expect(text.match(/too long for this comment: \[`0123456`\]\(\S+\) holds what was made/g)).toHaveLength(12)
    expect(text.split('<details>')).toHaveLength(13)
    expect(text.split('</details>')).toHaveLength(13)
    expect(text).toContain('`/help` lists the commands')
  })

  test('says of a task that left nothing what it was given', () => {
    const given = { handoffs: [1, 2], instructions: [], files: [], tooLong: [] }
    const tasks = [
      { ...task, state: 'unchanged' as const, note: 'left no hand-off', handed: { given, left: ['None.'] } },
    ]
    expect(renderStatus({ ...working, tasks })).toMatchSnapshot()
  })

  test('says what is waited out, and what to do about a failure', () => {
    const notice = replies.waiting('the model is overloaded; trying again in 30 s')
    expect(renderStatus({ ...working, tasks: [], notice })).toMatchSnapshot()
    const failure = replies.taskFailed(task, 'the model declined: no @reason, fixes #1')
    expect(renderStatus({ ...working, phase: 'paused-failed', tasks: [], failure })).toMatchSnapshot()
  })

  test('begins small, before there is a plan', () => {
    expect(renderStatus({ phase: 'looking', tasks: [], cost: noCost, notice: null, failure: null })).toMatchSnapshot()
  })

  test('has a headline for every phase', () => {
    const phases: Phase[] = [
      'looking',
      'planning',
      'waiting-for-approval',
      'asking',
      'working',
      'paused-failed',
      'opening-pull-request',
      'reviewing',
      'done',
      'rejected',
      'cancelled',
      'refused',
      'stopped',
    ]
    const pullRequest = { number: 13, url: 'https://github.com/acme/shop/pull/13' }
    expect(phases.map(phase => renderStatus({ ...working, phase, pullRequest }).split('\n')[0])).toMatchSnapshot()
  })

  test('keeps the reasons of the App itself readable', () => {
    const bad = parseCrewYml('models: { lead: { effort: "`huge` @ann" } }')
    const failure = bad.ok ? '' : replies.badCrewYml(bad.problems)
    expect(renderStatus({ ...working, phase: 'refused', tasks: [], failure })).toContain(failure)
  })
})

describe('What the App answers', () => {
  const approve: Command = { kind: 'approve' }
  const all: Record<string, string> = {
    'help on an issue': replies.help('issue'),
    'help on a pull request': replies.help('pull-request'),
    'help without what is not offered yet': replies.help('issue', ['approve', 'status']),
    'unknown command': replies.unknown({ kind: 'unknown', word: 'aprove', suggestion: 'approve' }),
    'unknown command, nothing near': replies.unknown({ kind: 'unknown', word: '`@x`' }),
    'malformed command': replies.malformed({ kind: 'malformed', command: 'retry', problem: 'Write `/retry` alone.' }),
    'misplaced command': replies.misplaced({ kind: 'misplaced', word: 'approve', belongsOn: 'issue' }),
    'no permission': replies.noPermission('eve'),
    'not now': replies.notNow(approve, 'working'),
    'nothing runs': replies.nothingRuns('crew'),
    'already approved': replies.alreadyApproved('3f9a1c2d4e'),
    'wrong plan id': replies.wrongPlanId('`@x`', '3f9a1c2d4e'),
    'plan voided': replies.planVoided('0000000000', '3f9a1c2d4e'),
    'older than plan': replies.olderThanPlan('3f9a1c2d4e'),
    'author may not': replies.authorMayNot(),
    'nothing agreed': replies.nothingAgreed([
      { login: 'ann', tasks: [1, 2] },
      { login: 'omar', tasks: [3] },
    ]),
    'outside needs plan': replies.outsideNeedsPlan(),
    'plan changed': replies.planChanged(),
    'issue changed': replies.issueChanged(['the issue’s title', 'comment 7 by ann']),
    outdated: replies.outdated('3f9a1c2d4e', ['the issue’s title', '`.github/crew.yml`']),
    'files moved': replies.filesMoved(['a.py', 'b.py']),
    'unknown tasks': replies.unknownTasks([7, 9], 4),
    'missing dependencies': replies.missingDependencies([{ task: 3, needs: [1, 2] }]),
    'review alone': replies.noWork(),
    'branch gone': replies.branchGone('main'),
    'branch gone since': replies.branchGoneSince('main'),
    'empty issue': replies.emptyIssue(),
    'no code': replies.noCode(),
    'empty repository': replies.emptyRepository(),
    archived: replies.archived(),
    'App may not': replies.appMayNot(['contents: write', 'pull_requests: write']),
    'bad crew.yml': replies.badCrewYml([{ key: 'max_parallel', found: '99', allowed: 'at most 8' }]),
    waiting: replies.waiting('GitHub is slow'),
    'task failed': replies.taskFailed(task, 'reached its limit of turns: 80 of 80'),
    'outside paths': replies.outsidePaths(task, ['settings.py', '.github/workflows/ci.yml']),
    'budget reached': replies.budgetReached('$9.98', '$10.00'),
    'branch moved': replies.branchMoved('crew/issue-12-auth'),
    'nothing changed': replies.nothingChanged(),
    cancelled: replies.stopped('ann', 'cancelled'),
    unlabelled: replies.stopped('ann', 'unlabelled'),
    closed: replies.stopped('ann', 'closed'),
    operator: replies.stopped('operator', 'operator'),
    rejected: replies.rejected('ann'),
    'rejected for a reason': replies.rejected('ann', 'not now, @bob\nfixes #3'),
    broke: replies.broke('TypeError: x'),
  }

  test.each(Object.entries(all))('%s', (_, text) => {
    expect(text).toMatchSnapshot()
  })

  test('pings nobody and is no command itself', () => {
    for (const text of Object.values(all)) {
      expect(text.replace(/(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)/g, '')).not.toMatch(/@\w|#\d/)
      expect(text).not.toMatch(/^\//m)
    }
  })

  test('The end of an agent without a result is told with its limit', () => {
    const end = { cost: noCost, turns: 3 }
    expect(describeOutcome({ kind: 'limit', limit: 'turns', detail: '80 of 80', ...end })).toBe(
      'reached its limit of turns: 80 of 80',
    )
    expect(describeOutcome({ kind: 'bad-answer', detail: 'tasks is empty', ...end })).toBe(
      'the model’s answer did not fit its form, even after being asked again: tasks is empty',
    )
    expect(describeOutcome({ kind: 'refused', detail: 'policy', ...end })).toBe('the model declined: policy')
  })
})
