import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadExample } from '../src/cli/example.js'
import { readOutcome, type Outcome } from '../src/cli/outcome.js'
import { anchorFindings } from '../src/domain/diff-anchor.js'
import { mayTouch } from '../src/domain/path-rules.js'
import { PlanDraft } from '../src/domain/plan.js'
import { Report } from '../src/domain/report.js'
import { Review } from '../src/domain/review.js'
import { applySuggestion, conversationsOf, diffOf, linesOf } from './support/example-conversations.js'
import { beginStory, type Story } from './support/story.js'
import { npmTest } from './support/typescript-project.js'

/** Prove the example of an API that one agent mends: its fault, its fix, its review, and the whole way. */

const { folder, finishOf, writesOf, applyTo, conversations } = await conversationsOf('api-fix')

const scratch = mkdtempSync(join(tmpdir(), 'example-api-fix-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const start = join(folder, 'start')
const mended = join(scratch, 'mended')
const regression = 'comes past every scan when many are of the same second'
const latestOfASecond = 'tells the last of several scans in one second'
const findings = Review.parse(finishOf('review')).findings

beforeAll(() => {
  cpSync(start, mended, { recursive: true })
  applyTo(mended, 'fix')
})

describe('the transcript', () => {
  const [task, ...others] = PlanDraft.parse(finishOf('plan').plan).tasks

  test('plans one task for one agent, and no review of its own', () => {
    expect(task?.agent).toBe('typescript-node-expert')
    expect(others).toEqual([])
  })

  test('has the specialist write exactly what its report names, inside the paths of its task', () => {
    const written = [...new Set(writesOf('fix'))].sort()
    expect(Report.parse(finishOf('fix')).files).toEqual(written)
    expect(written.filter(path => mayTouch(path, task?.paths ?? [], []) !== 'yes')).toEqual([])
    expect(task?.paths.toSorted()).toEqual(written)
  })

  test('says of no test that it ran: the example’s project has no compiler installed', () => {
    expect(Report.parse(finishOf('fix')).checks).toEqual([{ command: 'npm test', result: 'not run' }])
    expect(Review.parse(finishOf('review')).testCoverage).toContain('`npm test` was not run')
  })

  test('runs commands only where they can be run', () => {
    const turns = conversations.flatMap(({ turns }) => turns)
    const runs = turns.filter(({ calls }) => calls.some(({ tool }) => tool === 'run'))
    expect(runs.map(({ whenTool }) => whenTool)).toEqual(['run'])
    expect(turns.filter(({ whenTool }) => whenTool !== undefined)).toEqual(runs)
  })

  test('anchors the findings on the lines that they speak of, one with a suggestion', () => {
    const { inline, body } = anchorFindings(findings, diffOf(start, mended))
    expect(body).toEqual([])
    expect(
      inline.map(({ path, line, suggestion }) => [linesOf(join(mended, path))[line - 1], suggestion?.join('\n')]),
    ).toEqual([
      ['  assert.deepEqual(new Set(seen), new Set(ids));', '  assert.deepEqual(seen, ids.toReversed());'],
      ['function newestFirst(a: Place, b: Place): number {', undefined],
    ])
  })
})

describe('the project', () => {
  test('builds and passes its tests as it is, and so nobody noticed', () => {
    expect(npmTest(copyOf(start))).toEqual({ status: 0, passed: 11, failed: [] })
  })

  test('fails the new tests, and only those, without the change that they are for', () => {
    const unmended = copyOf(mended)
    for (const file of ['src/scans/cursor.ts', 'src/scans/page.ts']) cpSync(join(start, file), join(unmended, file))
    expect(npmTest(unmended)).toEqual({
      status: 1,
      passed: 10,
      failed: [regression, "refuses a limit or a cursor that it can't go by"],
    })
  })
})

test('the review is right: no test sees the order within a second, and the latest scan of a parcel goes wrong by it', () => {
  const reviewed = copyOf(mended)
  edit(reviewed, 'src/scans/page.ts', '|| b.id - a.id', '|| a.id - b.id')
  edit(reviewed, 'test/parcels.test.ts', 'test("says when a parcel', `${sortedAndLoaded}\ntest("says when a parcel`)
  expect(npmTest(reviewed).failed).toEqual([latestOfASecond])

  for (const finding of findings.filter(({ suggestion }) => suggestion !== null)) applySuggestion(reviewed, finding)
  expect(npmTest(reviewed).failed).toEqual([regression, latestOfASecond])

  edit(reviewed, 'src/scans/page.ts', '|| a.id - b.id', '|| b.id - a.id')
  edit(reviewed, 'src/scans/page.ts', 'function newestFirst', 'export function newestFirst')
  edit(reviewed, 'src/parcels/latest.ts', 'scan.at > latest.at', 'newestFirst(scan, latest) < 0')
  edit(reviewed, 'src/parcels/latest.ts', 'import type', 'import { newestFirst } from "../scans/page.js";\nimport type')
  expect(npmTest(reviewed)).toEqual({ status: 0, passed: 13, failed: [] })
})

describe('from a label to a reviewed pull request', () => {
  let story: Story
  let issue: number
  let outcome: Outcome

  beforeAll(async () => {
    const example = await loadExample('api-fix')
    story = await beginStory({
      transcripts: [example.transcript],
      from: { directory: example.start },
      repository: example.repository,
    })
    issue = await story.issue(example.issue)
    await story.label(issue)
    await story.phase(issue, 'waiting-for-approval')
    await story.comment(issue, '/approve')
    outcome = await readOutcome(story.stage, { issueNumber: issue, login: 'grace', end: await story.end(issue) })
  }, 240_000)
  afterAll(() => story.stop())

  test('the plan is one task without ceremony, on a stack that was recognised', async () => {
    const [plan] = await story.plans(issue)
    expect(plan?.body).toMatch(/Task 1: Page by time and id → AGENT: .*typescript-node-expert/)
    expect(plan?.body).not.toContain('Task 2')
    expect(plan?.body).toMatch(/TypeScript 5\.9\.3.*high/)
    expect(outcome.plan?.tasks).toHaveLength(1)
  })

  test('one commit holds the fix, its test and what is said of it', () => {
    expect(outcome.commits.map(({ task, agent }) => [task, agent])).toEqual([['1/1', 'typescript-node-expert']])
    expect(outcome.commits[0]?.files.toSorted()).toEqual([...new Set(writesOf('fix'))].sort())
  })

  test('the team’s reviewer has read it, though no task asks for it, and its findings lie on their lines', () => {
    expect(outcome.review?.verdict).toBe('Good')
    expect(outcome.review?.comments.map(({ path, line }) => ({ path, line }))).toEqual(
      findings.map(({ path, line }) => ({ path, line })),
    )
    expect(outcome.review?.comments[0]?.body).toContain('```suggestion')
  })

  test('the pull request is ready, and no report differs from the record', () => {
    expect(outcome.pullRequest?.draft).toBe(false)
    expect(outcome.pullRequest?.body).toContain(`Closes #${issue}`)
    expect(outcome.pullRequest?.body).toContain('➖ `npm test` not run')
    expect(outcome.pullRequest?.body).not.toContain('Where the reports and the record differ')
  })

  test('every request fits GitHub’s own description, and nothing failed on the way', () => {
    expect(story.stage.github.violations).toEqual([])
    expect(outcome.githubRequests.total).toBeLessThanOrEqual(40)
    expect(story.logged.filter(line => line.includes('"level":50'))).toEqual([])
  })

  test('the branch that came of it builds and passes all its tests', () => {
    const clone = join(scratch, 'branch')
    execFileSync('git', ['clone', '-q', '--branch', outcome.branch ?? '', story.stage.repository.gitDir, clone])
    expect(npmTest(clone)).toEqual({ status: 0, passed: 12, failed: [] })
  })
})

const sortedAndLoaded = `test("${latestOfASecond}", async (t) => {
  const api = await startApi(t);
  await api.scanned({ kind: "sorted" }, { kind: "loaded" });
  assert.equal(((await api.get("/parcels/JD014600")).body as Scan).kind, "loaded");
});
`

function copyOf(project: string): string {
  const copy = mkdtempSync(join(scratch, 'project-'))
  cpSync(project, copy, { recursive: true })
  return copy
}

function edit(project: string, path: string, from: string, to: string): void {
  const text = readFileSync(join(project, path), 'utf8')
  if (text.split(from).length !== 2) throw new Error(`${path} does not hold "${from}" once.`)
  writeFileSync(join(project, path), text.replace(from, to))
}
