import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { loadExample } from '../src/cli/example.js'
import { narrate } from '../src/cli/narrate.js'
import { readOutcome, type Outcome } from '../src/cli/outcome.js'
import { mayTouch } from '../src/domain/path-rules.js'
import { PlanDraft } from '../src/domain/plan.js'
import { Report } from '../src/domain/report.js'
import { Review } from '../src/domain/review.js'
import type { AgentInput } from '../src/workflow/world.js'
import { applySuggestion, conversationsOf, diffOf, linesOf } from './support/example-conversations.js'
import { beginStory, type Story } from './support/story.js'
import { npmTest } from './support/typescript-project.js'

/** Prove the example of two specialists at once: each side by itself, and both ways in which they can meet. */

const { folder, conversations, finishOf, writesOf, applyTo } = await conversationsOf('react-feature')
const example = await loadExample('react-feature')
const { tasks } = PlanDraft.parse(finishOf('plan').plan)

/** The file that both tasks name, and in which they meet. */
const shared = 'src/shared/talk.ts'

const scratch = mkdtempSync(join(tmpdir(), 'example-react-feature-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe('the transcript', () => {
  test('plans both sides at once, with one file that both name, and the review after them', () => {
    expect(tasks.map(({ agent, dependsOn }) => [agent, dependsOn])).toEqual([
      ['typescript-node-expert', []],
      ['react-component-architect', []],
      ['code-reviewer', [1, 2]],
    ])
    const [server, page] = tasks.map(({ paths }) => paths)
    expect(server?.filter(path => page?.includes(path))).toEqual([shared])
  })

  test.each([
    ['server', ['server'], 0],
    ['page', ['page', 'page, where both sides meet'], 1],
  ])('has the %s’s side write exactly what its report names and its task allows', (_, tries, index) => {
    const paths = tasks[index]?.paths ?? []
    const written = [...new Set(tries.flatMap(writesOf))].sort()
    expect(Report.parse(finishOf(tries.at(-1) ?? '')).files).toEqual(written)
    expect(written.filter(path => mayTouch(path, paths, []) !== 'yes')).toEqual([])
    expect(paths.toSorted()).toEqual(written)
  })

  test('runs the tests where it can, and says in every report that they were not run', () => {
    const turns = conversations.flatMap(({ turns }) => turns)
    const runs = turns.filter(({ calls }) => calls.some(({ tool }) => tool === 'run'))
    expect(runs.map(({ whenTool }) => whenTool)).toEqual(['run', 'run', 'run'])
    expect(turns.filter(({ whenTool }) => whenTool !== undefined)).toEqual(runs)
    for (const name of ['server', 'page', 'page, where both sides meet'])
      expect(Report.parse(finishOf(name)).checks).toEqual([{ command: 'npm test', result: 'not run' }])
    expect(Review.parse(finishOf('review')).testCoverage).toContain('nothing was run')
  })
})

describe('the project', () => {
  test.each([
    ['as it is', [], 9],
    ['with the server’s side alone', ['server'], 14],
    ['with the page’s side alone', ['page'], 14],
  ])('builds and passes its tests %s', (_, done, count) => {
    const project = mkdtempSync(join(scratch, 'project-'))
    cpSync(example.start, project, { recursive: true })
    for (const name of done) applyTo(project, name)
    expect(npmTest(project)).toEqual({ status: 0, passed: count, failed: [] })
  })
})

/** What came of each way, got by git. */
const checkouts: string[] = []

describe.each([
  { first: 'server', second: 'page', order: [1, 2] },
  { first: 'page', second: 'server', order: [2, 1] },
])('the whole way, where the $first’s side ends first', ({ second, order }) => {
  let story: Story
  let issue: number
  let outcome: Outcome
  const git = (...args: string[]): string =>
    execFileSync('git', ['--git-dir', story.stage.repository.gitDir, ...args], { encoding: 'utf8' })
  const fileOf = (commit: string, path: string): string => git('show', `${commit}:${path}`)

  beforeAll(async () => {
    story = await beginStory({
      transcripts: [dawdling(second)],
      from: { directory: example.start },
      repository: example.repository,
    })
    issue = await story.issue(example.issue)
    await story.label(issue)
    await story.phase(issue, 'waiting-for-approval')
    await story.comment(issue, '/approve')
    const end = await story.end(issue)
    outcome = await readOutcome(story.stage, { issueNumber: issue, login: 'grace', end })
    const checkout = mkdtempSync(join(scratch, 'branch-'))
    execFileSync('git', ['clone', '--quiet', '--branch', outcome.branch ?? '', story.stage.repository.gitDir, checkout])
    rmSync(join(checkout, '.git'), { recursive: true })
    checkouts.push(checkout)
  }, 120_000)
  afterAll(() => story.stop())

  test('both are put to work at once, and end in that order', async () => {
    const [plan] = await story.plans(issue)
    expect(plan?.body).toContain('- **Parallel**: Task 1, Task 2\n- **Sequential**: Task 3')
    const started = story.sights.flatMap((sight, at) => (sight.kind === 'agent' ? [{ work: sight.work, at }] : []))
    const finished = story.sights.flatMap((sight, at) =>
      sight.kind === 'turn' && sight.calls.some(({ name }) => name === 'finish') ? [{ work: sight.work, at }] : [],
    )
    const firstOf = (list: typeof started, task: number): number => list.find(({ work }) => work === `task ${task}`)!.at
    expect(Math.max(firstOf(started, 1), firstOf(started, 2))).toBeLessThan(
      Math.min(firstOf(finished, 1), firstOf(finished, 2)),
    )
    expect([1, 2].toSorted((a, b) => firstOf(finished, a) - firstOf(finished, b))).toEqual(order)
  })

  test('the second task meets the first in the shared file, and goes back to its specialist with both sides', async () => {
    const tries = (await story.stage.crew.engine.list('agent:'))
      .filter(({ id }) => id.includes(':task-'))
      .map(({ id, input }) => ({ id: id.replace(/.*:task-/, ''), work: (input as AgentInput).work }))
    expect(Object.fromEntries(tries.map(({ id, work }) => [id, work.agent]))).toEqual({
      '1:1': 'typescript-node-expert',
      '2:1': 'react-component-architect',
      '2:2': 'react-component-architect',
    })
    const brief = tries.find(({ id }) => id === '2:2')?.work.brief ?? ''
    expect(brief).toMatch(/# Again\n.*both sides.*: `src\/shared\/talk\.ts`\./)
    const [, branch, own] = /<<<<<<< already-on-the-branch\n([\s\S]*?)=======\n([\s\S]*?)>>>>>>> this-task/.exec(brief)!
    expect(branch).toContain('function commentProblems')
    expect(own).toContain('function charactersLeft')
    expect(brief.match(/<{7} /g)).toHaveLength(1)
  })

  test('the terminal says why the specialist starts again', () => {
    const said: string[] = []
    const tell = narrate(story.stage, {
      say: line => void said.push(line),
      paint: (_, text) => text,
      ask: () => Promise.resolve(null),
      close: () => undefined,
    })
    for (const sight of story.sights.filter(({ kind }) => kind === 'agent')) tell(sight)
    expect(said.filter(line => line.includes('task 2')).map(line => line.replace(/.*task 2 +/, ''))).toEqual([
      'react-component-architect starts',
      'react-component-architect starts again: another commit changed the same lines of src/shared/talk.ts, so it gets both sides',
    ])
  })

  test('the branch is one line of commits in plan order, each with its trailers and its own files', () => {
    const format = '%H%x1f%P%x1f%an%x1f%(trailers:key=Crew-Plan,key=Crew-Task,key=Crew-Agent,key=Approved-by)%x1e'
    const log = git('log', '--reverse', `--format=${format}`, `main..${outcome.branch}`)
      .split('\x1e')
      .map(entry => entry.trim().split('\x1f'))
      .filter(entry => entry.length > 1)
    const main = git('rev-parse', 'main').trim()
    expect(log.map(([, parents]) => parents)).toEqual([main, log[0]?.[0]])
    for (const [index, [sha = '', , author, trailers]] of log.entries()) {
      const { agent, paths } = tasks[index]!
      expect(author).toBe('issue-crew[bot]')
      expect(trailers?.trim().split('\n')).toEqual([
        `Crew-Plan: ${outcome.plan?.id}`,
        `Crew-Task: ${index + 1}/3`,
        `Crew-Agent: ${agent}`,
        'Approved-by: grace',
      ])
      expect(git('diff-tree', '-r', '--no-commit-id', '--name-only', sha).trim().split('\n')).toEqual(paths.toSorted())
    }
    expect(git('fsck', '--strict', '--no-dangling')).toBe('')
  })

  test('what was settled keeps both functions, with one count, and no marker', () => {
    const text = fileOf(outcome.branch ?? '', shared)
    expect(text.match(/^export (?:interface|type|const|function) \w+/gm)).toEqual([
      'export interface Talk',
      'export type TalkDraft',
      'export function talkProblems',
      'export interface Comment',
      'export type CommentDraft',
      'export const commentLimit',
      'export function commentProblems',
      'export function charactersLeft',
    ])
    expect(text.match(/\[\.\.\./g)).toHaveLength(1)
    expect(text).not.toMatch(/^[<=>]{7}/m)
  })

  test('the review stands on its lines, with one suggestion', () => {
    const found = (outcome.review?.comments ?? []).map(({ path, line, body }) => ({
      line: fileOf(outcome.branch ?? '', path)
        .split('\n')
        [(line ?? 0) - 1]?.trim(),
      suggests: body.includes('```suggestion'),
    }))
    expect(found).toEqual([
      { line: "if (name.trim() === '') problems.push('Please give your name.')", suggests: true },
      { line: expect.stringMatching(/^return <output id=\{id\}>/), suggests: false },
    ])
    expect(outcome.pullRequest).toMatchObject({ draft: false, body: expect.stringContaining(`Closes #${issue}`) })
    expect(outcome.pullRequest?.body).not.toContain('Where the reports and the record differ')
  })

  test('every request was one that GitHub takes, and there were few', () => {
    expect(story.stage.github.violations).toEqual([])
    expect(story.logged.filter(line => line.includes('"level":50'))).toEqual([])
    expect(outcome.githubRequests.total).toBeLessThanOrEqual(40)
    expect(outcome.githubRequests.contentCreating).toBeLessThanOrEqual(10)
  })
})

describe('the branch, whichever side ended first', () => {
  test('is the same, builds and passes its tests, and still does with the suggestion of the review', () => {
    const [project = '', other = ''] = checkouts
    expect(diffOf(project, other)).toBe('')
    expect(npmTest(project)).toEqual({ status: 0, passed: 19, failed: [] })
    const before = linesOf(join(project, shared))
    const suggested = Review.parse(finishOf('review')).findings.filter(({ suggestion }) => suggestion !== null)
    for (const finding of suggested) applySuggestion(project, finding)
    expect(linesOf(join(project, shared))).toHaveLength(before.length + 1)
    expect(npmTest(project)).toEqual({ status: 0, passed: 19, failed: [] })
  })
})

/** The example's transcript, where one side takes a while longer for its first turn. */
function dawdling(side: string): string {
  const copy = mkdtempSync(join(scratch, 'transcript-'))
  cpSync(folder, copy, { recursive: true })
  const path = join(copy, 'transcript.yaml')
  const transcript = parse(readFileSync(path, 'utf8')) as {
    conversations: { name: string; turns: { delay_ms?: number }[] }[]
  }
  const [turn] = transcript.conversations.find(({ name }) => name === side)?.turns ?? []
  if (!turn) throw new Error(`The transcript has no conversation "${side}".`)
  turn.delay_ms = 3000
  writeFileSync(path, JSON.stringify(transcript))
  return path
}
