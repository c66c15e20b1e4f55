import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Finding } from '../src/domain/review.js'
import type { AgentInput } from '../src/workflow/world.js'
import { eventually } from './support/eventually.js'
import { edit, run, type Script } from './support/script.js'
import { beginScriptedStory, type ScriptedStory } from './support/scripted-story.js'
import { describeWhereCommandsRun } from './support/where-commands-run.js'

const louder = edit('greet.sh', ['  echo "Hello"', '  echo "HELLO"'])

const finding = (title: string, place: Partial<Finding>): Finding => ({
  severity: 'minor',
  title,
  detail: 'It is so.',
  path: null,
  startLine: null,
  line: null,
  suggestion: null,
  ...place,
})

/** Line 5 is the one that changes; the hunk around it is lines 2 to 8, and nothing else is in the diff. */
const findings = [
  finding('Whisper', { path: 'greet.sh', line: 5, suggestion: '  echo "hello"' }),
  finding('Suggests what is there', { path: 'greet.sh', line: 5, suggestion: '  echo "HELLO"\n' }),
  finding('Over two lines', { path: './greet.sh', startLine: 4, line: 5, severity: 'critical' }),
  finding('Begins outside', { path: 'greet.sh', startLine: 1, line: 8, suggestion: 'nothing' }),
  finding('Far below', { path: 'greet.sh', line: 23 }),
  finding('In another file', { path: 'README.md', line: 1, severity: 'major' }),
  finding('Of the whole, @everybody', {}),
]

const reasons = (word: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${word}, reason ${n}`)
const long = { first: reasons('first', 3_900), block: reasons('@everybody', 1_300) }

const shouting = (title: string, review: Script['review'], more: Partial<Script> = {}): Script => ({
  title,
  tasks: [{ title: 'Greet louder', paths: ['greet.sh'], turns: [louder] }],
  ...(review && { review }),
  ...more,
})

const scripts: Script[] = [
  {
    title: 'A report that says too much',
    reviewTask: true,
    reviewDelay: 400,
    review: { findings, checklist: ['Whisper'], assessment: 'Needs Work' },
    tasks: [
      {
        title: 'Greet louder',
        paths: ['greet.sh', 'lib/*.sh'],
        turns: [louder, run('sh greet.sh Ada'), run('sh absent.sh'), run('echo >> lib/words.sh')],
        report: {
          files: ['greet.sh', 'docs/manual.md'],
          checks: [
            { command: 'sh greet.sh Ada', result: 'passed' },
            { command: 'sh absent.sh', result: 'passed' },
            { command: 'sh all-tests.sh', result: 'passed' },
          ],
        },
      },
    ],
  },
  shouting('A plan without a review', { findings: findings.slice(0, 1) }),
  shouting('A push while the reviewer reads', { findings: findings.slice(0, 1) }, { reviewDelay: 700 }),
  shouting('Lines that GitHub does not take', { findings }),
  {
    title: 'More than GitHub takes',
    review: {
      findings: [
        finding('Long on its line', {
          path: 'greet.sh',
          line: 5,
          detail: `${long.first.join('\n')}\nThe end of the first.`,
        }),
        finding('Long in a block', { detail: `\`\`\`text\n${long.block.join('\n')}\nThe end of the block.\n\`\`\`` }),
      ],
    },
    tasks: [
      {
        title: 'Greet louder',
        paths: ['greet.sh'],
        turns: [louder],
        report: {
          sections: [{ heading: 'Greetings', items: [`${'much louder '.repeat(100)}to the end of the report`] }],
        },
      },
    ],
  },
  shouting('A review that is not ours', { findings: findings.slice(0, 1) }, { reviewDelay: 700 }),
]

describeWhereCommandsRun('the pull request and its review', () => {
  let story: ScriptedStory
  const sent = (method: string, ending: RegExp): number =>
    story.stage.github.requests.filter(
      request => request.by === 'installation' && request.method === method && ending.test(request.path),
    ).length
  beforeAll(async () => {
    story = await beginScriptedStory(scripts)
  })
  afterAll(() => story.stop())

  test('the pull request shows where a report and git differ, and every finding by its title', async () => {
    const issue = await story.approved('A report that says too much')
    await eventually(async () => (await story.row(issue, 2)).includes('working'))
    const [draft] = await story.pullRequests(issue)
    expect(draft?.draft).toBe(true)
    expect(draft?.body).toContain('The reviewer is reading')
    expect((await story.end(issue)).kind).toBe('done')
    expect(await story.row(issue, 2)).toMatch(/\| code-reviewer \| 🟢 done \| – \| (<\$0\.01|\$0\.\d\d) \|/)

    const [pull] = await story.pullRequests(issue)
    const differences = /\*\*Where the reports and the record differ\*\*\n((?:- .*\n)+)/.exec(pull?.body ?? '')?.[1]
    expect(differences?.trim().split('\n')).toEqual([
      '- Task 1: the report names `docs/manual.md`, which the commit does not touch',
      '- Task 1: the commit has `lib/words.sh` (modified), which the report does not name',
      expect.stringMatching(/^- Task 1: the report says that `sh absent\.sh` passed; its last run ended with [1-9]/),
      '- Task 1: the report gives a result for `sh all-tests.sh`, which never ran',
    ])
    for (const { title } of findings.slice(0, -1)) expect(pull?.body).toContain(title)
    expect(pull?.body).toContain('Of the whole')
    expect(pull?.body).not.toMatch(/(?<!`)@everybody/)

    const checklist = [
      'Whisper',
      'Over two lines (`./greet.sh:5`)',
      'In another file (`README.md:1`)',
      'Suggests what is there (`greet.sh:5`)',
      'Begins outside (`greet.sh:8`)',
      'Far below (`greet.sh:23`)',
      'Of the whole, `@everybody`',
    ]
    const items = checklist.map((item, index) => `- [ ] ${index + 1}. ${item}`)
    expect(pull?.body.match(/^- \[ \] .*$/gm)).toEqual(items)
    expect((await story.reviews(pull?.number ?? 0))[0]?.body.match(/^- \[ \] .*$/gm)).toEqual(items)
    expect(pull?.body).toMatch(/\*\*Needs Work\*\*[^]*- 🔴 Over two lines[^]*- 🟡 In another file[^]*- 🟢 Whisper/)
  })

  test('findings stand on their lines where the diff has them, the others in the body; one request, pinned', async () => {
    const before = sent('POST', /\/reviews$/)
    const issue = await story.approved('Lines that GitHub does not take')
    expect((await story.end(issue)).kind).toBe('done')
    const [pull] = await story.pullRequests(issue)
    const [review, ...others] = await story.reviews(pull?.number ?? 0)
    expect(others).toEqual([])
    expect(sent('POST', /\/reviews$/)).toBe(before + 1)
    expect(review?.commit).toBe(story.commits(issue)[0]?.sha)
    expect(review?.comments.map(({ path, line, body }) => [path, line, /\*\*(.*)\*\*/.exec(body)?.[1]])).toEqual([
      ['greet.sh', 5, 'Whisper'],
      ['greet.sh', 5, 'Suggests what is there'],
      ['greet.sh', 5, 'Over two lines'],
      ['greet.sh', 8, 'Begins outside'],
    ])
    expect(review?.comments.map(comment => comment.body.includes('```suggestion'))).toEqual([true, false, false, false])
    for (const title of ['Far below', 'In another file', 'Of the whole']) expect(review?.body).toContain(title)
    expect(review?.body).toContain('4 findings on their lines below')
  })

  test('what is too long for a review or for the pull request goes on in comments, and stays what it was', async () => {
    // It is posted, and the App doesn't learn of it: it finds its review, and what is still to be said.
    story.stage.github.fail({ method: 'POST', route: /\/reviews$/, by: 'installation', answer: 'cut', times: 1 })
    const issue = await story.approved('More than GitHub takes')
    expect((await story.end(issue)).kind).toBe('done')
    const [pull] = await story.pullRequests(issue)
    const { owner, name: repo } = story.stage.repository
    const on = { owner, repo, issue_number: pull?.number ?? 0 }
    const comments = (await story.stage.as('grace').rest.issues.listComments(on)).data.map(({ body = '' }) => body)
    const [review, ...others] = await story.reviews(pull?.number ?? 0)
    expect(others).toEqual([])

    const [reports, ...parts] = comments
    expect(pull?.body).not.toContain('the end of the report')
    expect(reports).toContain('the end of the report')
    const whole = [review?.body ?? '', ...parts]
    expect(whole.length).toBeGreaterThan(1)
    for (const part of whole.slice(0, -1)) expect(part).toContain('goes on in the next')
    const lines = whole.flatMap(part => part.split('\n').map(line => line.trim()))
    expect(lines.filter(line => / reason \d+$/.test(line))).toEqual([...long.block, ...long.first])
    expect(whole.at(-1)).toContain('The end of the first.')
    // As code in every part, however it was cut.
    for (const part of whole) expect(part.replace(/^ *````?text$[^]*?^ *````?$/gm, '')).not.toContain('@everybody')
  })

  test('when GitHub takes none of the lines, all findings are in the one review’s body', async () => {
    const answer = {
      status: 422,
      body: { message: 'Unprocessable Entity', errors: ['Line must be part of the diff'] },
    }
    story.stage.github.fail({ method: 'POST', route: /\/reviews$/, by: 'installation', answer, times: 1 })
    const issue = await story.approved('Lines that GitHub does not take')
    expect((await story.end(issue)).kind).toBe('done')
    const [pull] = await story.pullRequests(issue)
    const reviews = await story.reviews(pull?.number ?? 0)
    expect(reviews.map(review => review.comments)).toEqual([[]])
    for (const { title } of findings.slice(0, -1)) expect(reviews[0]?.body).toContain(title)
  })

  test('a plan without a review is reviewed all the same, by the team’s reviewer', async () => {
    const issue = await story.approved('A plan without a review')
    const end = await story.end(issue)
    expect(end).toMatchObject({ kind: 'done', review: { assessment: 'Good' } })
    const [pull] = await story.pullRequests(issue)
    expect(pull?.draft).toBe(false)
    expect(await story.reviews(pull?.number ?? 0)).toMatchObject([{ comments: [{ path: 'greet.sh', line: 5 }] }])
  })

  test('the review is of the commit that was read, whatever was pushed meanwhile', async () => {
    const issue = await story.approved('A push while the reviewer reads')
    await story.phase(issue, 'reviewing')
    const read = story.commits(issue).at(-1)?.sha
    story.pushAsOther(story.branch(issue), { 'theirs.txt': 'mine\n' })
    expect((await story.end(issue)).kind).toBe('done')
    const [pull] = await story.pullRequests(issue)
    expect((await story.reviews(pull?.number ?? 0)).map(review => review.commit)).toEqual([read])
    expect(story.file(issue, 'theirs.txt')).toBe('mine\n')
  })

  test('somebody else’s review with a copied marker is not taken for the App’s own', async () => {
    const issue = await story.approved('A review that is not ours')
    await story.phase(issue, 'reviewing')
    const [pull] = await story.pullRequests(issue)
    const { owner, name: repo } = story.stage.repository
    const at = { owner, repo, pull_number: pull?.number ?? 0 }
    const head = story.commits(issue).at(-1)?.sha ?? ''
    const copied = `All fine.\n\n<!-- issue-crew:review:run:${story.stage.repository.id}:${issue}:1:${head} -->`
    await story.stage.as('grace').rest.pulls.createReview({ ...at, body: copied, event: 'COMMENT' })
    // A request that may or may not have been carried out: the App looks for its review before it posts it again.
    const answer = { status: 502, body: { message: 'Bad Gateway' } }
    story.stage.github.fail({ method: 'POST', route: /\/reviews$/, by: 'installation', answer, times: 1 })
    expect((await story.end(issue)).kind).toBe('done')
    const reviews = (await story.stage.as('grace').rest.pulls.listReviews(at)).data
    expect(reviews.map(review => review.user?.login)).toEqual(['grace', 'issue-crew[bot]'])
    expect(reviews[1]?.body).toContain(copied.slice(copied.indexOf('<!--')))
  })

  test('every request was one that GitHub takes', () => {
    expect(story.stage.github.violations).toEqual([])
  })
})

describe('on a machine without bubblewrap', () => {
  let story: ScriptedStory
  let programs: string
  beforeAll(async () => {
    programs = await mkdtemp(join(tmpdir(), 'crew-programs-'))
    for (const folder of (process.env['PATH'] ?? '').split(':'))
      for (const name of await readdir(folder).catch(() => []))
        if (name !== 'bwrap') await symlink(join(folder, name), join(programs, name)).catch(() => undefined)
    const path = process.env['PATH']
    process.env['PATH'] = programs
    try {
      story = await beginScriptedStory([shouting('No place to run', {})])
    } finally {
      process.env['PATH'] = path
    }
  })
  afterAll(async () => {
    await story.stop()
    await rm(programs, { recursive: true, force: true })
  })

  test('specialists are offered no commands, and the pull request says that nothing was executed', async () => {
    const issue = await story.approved('No place to run')
    expect((await story.end(issue)).kind).toBe('done')
    const agents = await story.stage.crew.engine.list('agent:')
    const works = agents.map(agent => (agent.input as AgentInput).work)
    expect(works.map(work => work.tools.includes('run'))).toEqual([false, false, false])
    const task = works.find(work => work.title === 'task 1')
    expect(task?.brief).toContain('Commands are off on this machine')
    const [pull] = await story.pullRequests(issue)
    expect(pull?.body).toContain('Nothing was executed: bubblewrap is not installed.')
  })
})
