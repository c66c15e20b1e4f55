import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AgentCard } from '../src/domain/agent.js'
import { anchorFindings } from '../src/domain/diff-anchor.js'
import { mayTouch } from '../src/domain/path-rules.js'
import { checkPlan } from '../src/domain/plan-check.js'
import { PlanDraft } from '../src/domain/plan.js'
import { Report } from '../src/domain/report.js'
import { Review } from '../src/domain/review.js'
import type { Outcome } from '../src/cli/outcome.js'
import type { AgentInput } from '../src/workflow/world.js'
import { canRunPython, runPython } from './support/debian-python.js'
import { applySuggestion, conversationsOf, diffOf, linesOf } from './support/example-conversations.js'
import { beginExample, type ExampleStory } from './support/example-story.js'

/** Prove the example of a repository with its own agents: what they wrote works, and they are the ones who wrote it. */

const { folder: example, conversations, finishOf, writesOf, applyTo } = await conversationsOf('own-agents')

const scratch = mkdtempSync(join(tmpdir(), 'example-own-agents-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const roster: AgentCard[] = [
  ['ledger-keeper', 'specialist'] as const,
  ['backend-developer', 'specialist'] as const,
  ['code-reviewer', 'reviewer'] as const,
].map(([name, role]) => ({ name, role, description: name, universal: false }))

/** The two ways through the transcript: the plan as it comes first, and as it is after a `/revise`. */
const ways = [
  { plan: 'plan', work: ['ledger', 'command'], review: 'review' },
  {
    plan: 'revised plan',
    work: ['ledger, with a reason asked for', 'command'],
    review: 'review, with a reason asked for',
  },
]

beforeAll(() => {
  for (const { plan, work } of ways) {
    cpSync(join(example, 'start'), stage(plan, 0), { recursive: true })
    for (const [index, name] of work.entries()) {
      cpSync(stage(plan, index), stage(plan, index + 1), { recursive: true })
      applyTo(stage(plan, index + 1), name)
    }
  }
})

const withPython = canRunPython() ? test : test.skip

describe.each(ways)('the transcript, by way of its $plan', ({ plan, work, review }) => {
  const draft = PlanDraft.parse(finishOf(plan).plan)
  const final = stage(plan, work.length)

  test('has the repository’s agents do the work, and the App’s reviewer look over it', () => {
    expect(checkPlan(draft, roster)).toMatchObject({ ok: true, notes: [] })
    expect(draft.tasks.map(({ agent, dependsOn }) => [agent, dependsOn])).toEqual([
      ['ledger-keeper', []],
      ['backend-developer', [1]],
      ['code-reviewer', [2]],
    ])
  })

  test.each(work.map((name, index) => ({ name, paths: draft.tasks[index]?.paths ?? [] })))(
    'lets "$name" write exactly what its report names, inside the paths of its task',
    ({ name, paths }) => {
      const written = [...new Set(writesOf(name))].sort()
      expect(Report.parse(finishOf(name)).files).toEqual(written)
      expect(written.filter(path => mayTouch(path, paths, []) !== 'yes')).toEqual([])
      expect(paths.filter(glob => !written.some(path => mayTouch(path, [glob], []) === 'yes'))).toEqual([])
    },
  )

  test('anchors every finding on the line that it is about', () => {
    const { inline, body } = anchorFindings(Review.parse(finishOf(review)).findings, diffOf(stage(plan, 0), final))
    expect(body).toEqual([])
    const lines = inline.map(({ path, line }) => linesOf(join(final, path))[line - 1]?.trim())
    expect(lines).toEqual([
      ...(plan === 'plan'
        ? ['found = self._database.execute(f"{_BOOKINGS} WHERE number = ?", (number,)).fetchone()']
        : []),
      'return self._write(day, reason, opposite, reverses=number)',
    ])
  })

  test('never changes what is booked, as the agents’ rules say', () => {
    const added = diffOf(stage(plan, 0), final)
      .split('\n')
      .filter(line => line.startsWith('+'))
    expect(added.filter(line => /\b(UPDATE|DELETE)\b/.test(line))).toEqual([])
  })

  withPython('passes all tests of the project before and after each task', () => {
    for (const count of [0, 1, 2]) expect(unittest(stage(plan, count)).failed).toEqual([])
  })

  withPython('has tests that fail without what they are about, each of them', () => {
    const without = join(scratch, `${plan}-without`)
    cpSync(stage(plan, 0), without, { recursive: true })
    cpSync(join(final, 'tests'), join(without, 'tests'), { recursive: true })
    const before = unittest(stage(plan, 0)).tests
    const added = unittest(final).tests.filter(name => !before.includes(name))
    expect(added.length).toBeGreaterThanOrEqual(8)
    expect(unittest(without).failed).toEqual(added)
  })
})

describe('the findings of the review', () => {
  const final = stage('plan', 2)

  withPython('are true: a reversal without a reason is taken, and one that comes before its booking', () => {
    expect(attempt(final, 'book.reverse(1, date(2024, 3, 5), "")')).toBe(
      'Booking 1 is reversed already: the journal says by which.',
    )
    expect(attempt(final, 'book.reverse(1, date(2024, 3, 5), " ")')).toBe("{'bank': 800, 'rent': -800}")
  })

  withPython('come with a suggestion that mends the first, and keeps the tests passing', () => {
    const [finding] = Review.parse(finishOf('review')).findings
    if (!finding) throw new Error('The review finds nothing.')
    const mended = join(scratch, 'mended')
    cpSync(final, mended, { recursive: true })
    applySuggestion(mended, finding)
    for (const reason of ['', ' '])
      expect(attempt(mended, `book.reverse(1, date(2024, 3, 5), "${reason}")`)).toContain('needs a reason')
    expect(unittest(mended).failed).toEqual([])
  })
})

test('nothing but running commands depends on a tool that may be missing', () => {
  for (const { name, turns } of conversations)
    for (const { calls, whenTool } of turns)
      expect({ name, whenTool }).toEqual({
        name,
        whenTool: calls.some(({ tool }) => tool === 'run') ? 'run' : undefined,
      })
})

describe('the example, from a label to a reviewed pull request', () => {
  let played: ExampleStory
  let issue: number
  let outcome: Outcome
  beforeAll(async () => {
    played = await beginExample('own-agents')
    ;({ issue, outcome } = await played.play())
  }, 240_000)
  afterAll(() => played.story.stop())

  test('its plan says whose the agents are, and names the file that is broken with its reason', async () => {
    const [plan] = await played.story.plans(issue)
    const body = plan?.body ?? ''
    expect(body).toContain(
      'backend-developer is this repository’s, from .claude/agents/backend-developer.md, in place of the App’s own.',
    )
    expect(body).toContain('ledger-keeper is this repository’s, from .claude/agents/ledger-keeper.md.')
    expect(body).not.toContain('universal agent')
    expect(body).toMatch(
      /1 agent file can’t be used<\/summary>\n\n- `.github\/agents\/bank-import.agent.md`: .*no closing line/,
    )
    expect(body).toMatch(
      /- `.claude\/agents\/year-end-reporter.md`: its front matter is no YAML \(line 3: .*`description` read as plain text.*`memory`, `hooks`: without effect/,
    )
  })

  test('has the repository’s own prompts at work, in place of the App’s', async () => {
    const works = (await played.story.stage.crew.engine.list('agent:')).map(({ input }) => (input as AgentInput).work)
    const work = (agent: string): AgentInput['work'] | undefined => works.find(one => one.agent === agent)
    for (const name of ['ledger-keeper', 'backend-developer']) {
      const file = readFileSync(join(example, `start/.claude/agents/${name}.md`), 'utf8')
      expect(work(name)?.system).toContain(file.split('---\n').at(-1)?.trim())
    }
    expect(work('ledger-keeper')?.limits.turns).toBe(20)
    expect(work('backend-developer')?.system).not.toContain('Deliver the task in the language and manner')
    expect(work('tech-lead-orchestrator')?.brief).toContain(
      '- year-end-reporter (the repository’s own): What is printed for the yearly meeting: balances of a closed year',
    )
    expect(work('tech-lead-orchestrator')?.brief).not.toContain('- bank-import')
  })

  test('makes a commit for each task, which names its agent', () => {
    const format =
      '--format=%(trailers:key=Crew-Task,valueonly,separator=)|%(trailers:key=Crew-Agent,valueonly,separator=)'
    expect(played.git('log', '--reverse', format, `main..${outcome.branch}`).split('\n')).toEqual([
      '1/3|ledger-keeper',
      '2/3|backend-developer',
    ])
    expect(outcome.commits.map(({ files }) => files)).toEqual([
      ['cashbook/book.py', 'cashbook/steps/0004_reversals.sql', 'tests/test_book.py', 'tests/test_schema.py'],
      ['README.md', 'cashbook/cli.py', 'tests/test_cli.py'],
    ])
  })

  test('opens a pull request with the review on its lines', () => {
    expect(outcome.pullRequest?.draft).toBe(false)
    expect(outcome.review?.verdict).toBe('Needs Work')
    expect(outcome.review?.comments.map(({ path }) => path)).toEqual(['cashbook/book.py', 'cashbook/book.py'])
    expect(outcome.review?.comments[0]?.body).toContain('```suggestion\n        if not reason.strip():')
    expect(played.story.logged.filter(line => line.includes('"level":50'))).toEqual([])
    expect(outcome.githubRequests.total).toBeLessThanOrEqual(40)
  })

  withPython(
    'leaves a branch on which all tests of the project pass, and the command does what the issue asks',
    async () => {
      const folder = await played.clone(outcome.branch ?? '')
      try {
        const { tests, failed } = unittest(folder)
        expect(failed).toEqual([])
        expect(tests).toContain('test_takes_a_booking_back_and_shows_in_the_journal_which_by_what_and_why')
        const cashbook = (...args: string[]): string =>
          runPython(['-m', 'cashbook', join(folder, 'club.book'), ...args], { PYTHONPATH: folder })
        for (const account of ['bank', 'rent']) cashbook('account', account)
        for (const day of ['2023-12-01', '2023-12-02'])
          cashbook('book', 'Rent', '800', '--from', 'bank', '--to', 'rent', '--on', day)
        cashbook('close', '2023-12-31')
        expect(cashbook('reverse', '2', 'paid twice')).toBe('Booked as 3, which takes 2 back.\n')
        expect(cashbook('balances')).toBe('bank\t-800.00\nrent\t800.00\n')
        expect(cashbook('journal')).toMatch(
          /^2\t2023-12-02\tRent\treversed by 3\n[^]*^3\t\d{4}-\d\d-\d\d\tpaid twice\treverses 2$/m,
        )
        expect(() => cashbook('reverse', '2', 'paid twice')).toThrow('Booking 2 is reversed already')
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
  )

  test('can be revised: then a reason is asked for, and the reviewer finds it so', async () => {
    const revised = await played.play('A reversal without a reason must be refused.')
    const [, plan] = await played.story.plans(revised.issue)
    expect(plan?.body).toContain('A reversal without a reason is refused: an empty one, and one of blanks.')
    expect(revised.outcome.review?.verdict).toBe('Good')
    expect(revised.outcome.review?.comments).toHaveLength(1)
    expect(played.git('show', `${revised.outcome.branch}:cashbook/book.py`)).toContain('A reversal needs a reason')
  })
})

/** Where the project is as the first `count` tasks of a plan leave it. */
function stage(plan: string, count: number): string {
  return join(scratch, `${plan.replaceAll(' ', '-')}-${count}`)
}

/** Runs the project's tests: the names of all, and of those that fail, sorted. */
function unittest(folder: string): { tests: string[]; failed: string[] } {
  // Its exit status says that some failed; here they are told by name.
  const run = `import sys, unittest
outcome = unittest.main(module=None, argv=['', 'discover', '-v', '-s', sys.argv[1] + '/tests', '-t', sys.argv[1]], exit=False)`
  const said = runPython(['-c', run, folder])
  const named = (pattern: RegExp): string[] =>
    [...new Set([...said.matchAll(pattern)].map(match => match[1] ?? ''))].sort()
  return { tests: named(/^(test_\w+) \(/gm), failed: named(/^(?:FAIL|ERROR): (\w+)/gm) }
}

/** What comes of a statement on a book with one booking of 800 cents on the 1st of April: the balances in March, or what it refuses. */
function attempt(folder: string, statement: string): string {
  const program = `
from datetime import date
from cashbook.book import Book, BookError, Line
book = Book(":memory:")
for name in ("bank", "rent"):
    book.open_account(name)
book.book(date(2024, 4, 1), "April rent", [Line("bank", -800), Line("rent", 800)])
try:
    ${statement}
    print(book.balances(until=date(2024, 3, 31)))
except BookError as problem:
    print(problem)
`
  return runPython(['-c', program], { PYTHONPATH: folder }).trim()
}
