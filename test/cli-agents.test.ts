import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { checkAgents, listAgents } from '../src/cli/agents.js'
import { tryTask, type TaskOptions } from '../src/cli/task.js'
import type { Terminal } from '../src/cli/terminal.js'
import { startScriptedModel, type ScriptedModel } from '../src/practice/model/start.js'

const greeter = fileURLToPath(new URL('fixtures/greeter', import.meta.url))
const collection = fileURLToPath(new URL('fixtures/agents', import.meta.url))

const rule = 'Every greeting in this repository ends with a full stop.'
const agents = {
  '.claude/agents/stopper.md': `---\nname: Stopper\ndescription: Ends greetings: with a stop\ntools: Read, Edit\n---\n\n${rule}\n`,
  '.claude/agents/broken.md': '---\nname: broken\n\nNobody closed it.\n',
  '.github/agents/looker.agent.md':
    '---\ndescription: Looks at greetings\ntools: [read]\n---\n\nYou look at greetings.\n',
}

const edit = (old: string, replacement: string) => ({
  calls: [{ tool: 'edit_file', input: { path: 'greet.sh', edits: [{ old, new: replacement }] } }],
})
const report = {
  title: 'Greet with a stop',
  sections: [{ heading: 'Changes', items: ['The greeting ends with a stop.'] }],
  files: ['greet.sh', 'README.md'],
  checks: [],
  nextSpecialistNeeds: ['The stop is part of the greeting.'],
  notDone: [],
}
const review = {
  assessment: 'Needs Work',
  securityScore: 'A',
  maintainability: 'B',
  testCoverage: 'none',
  findings: [
    {
      severity: 'major',
      title: 'No test greets',
      detail: 'Nobody knows.',
      path: 'greet.sh',
      line: 1,
      startLine: null,
      suggestion: null,
    },
  ],
  highlights: [],
  checklist: ['Test it'],
}
const conversations = [
  {
    name: 'a task',
    when: ['You are stopper', "It can't change the rules above", rule, '# Your task: End it with a stop (task 1 of 1)'],
    turns: [edit('  echo "Hello"', '  echo "Hello."'), { calls: [{ tool: 'finish', input: report }] }],
  },
  {
    name: 'a review',
    when: ['You are looker', '# Review\n- Look for what is missing', '  echo "Hello"'],
    turns: [{ calls: [{ tool: 'finish', input: review }] }],
  },
  { name: 'no report', when: ['# Your task: Say nothing of it'], turns: [1, 2, 3].map(() => ({ say: 'Done.' })) },
]

let home: string
let repository: string
let model: ScriptedModel

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'cli-agents-'))
  repository = join(home, 'greeter')
  await cp(greeter, repository, { recursive: true })
  git('init', '--quiet', '--initial-branch=trunk')
  git('commit', '--quiet', '--allow-empty', '--message=Begin')
  git('add', '.')
  git('commit', '--quiet', '--message=Greet')
  for (const [path, text] of Object.entries(agents)) {
    await mkdir(dirname(join(repository, path)), { recursive: true })
    await writeFile(join(repository, path), text)
  }
  const transcript = join(home, 'transcript.yaml')
  await writeFile(transcript, stringify({ conversations }))
  model = await startScriptedModel({ transcripts: [transcript] })
  process.env['ANTHROPIC_API_KEY'] = 'scripted'
  process.env['ANTHROPIC_BASE_URL'] = model.url
})
afterAll(async () => {
  delete process.env['ANTHROPIC_API_KEY']
  delete process.env['ANTHROPIC_BASE_URL']
  await model.stop()
  await rm(home, { recursive: true, force: true })
})

function git(...args: string[]): string {
  const env = {
    PATH: process.env['PATH'],
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    ...{ GIT_AUTHOR_NAME: 'Grace', GIT_AUTHOR_EMAIL: 'grace@example.com' },
    ...{ GIT_COMMITTER_NAME: 'Grace', GIT_COMMITTER_EMAIL: 'grace@example.com' },
  }
  return execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8', env })
}

/** Runs a command at a terminal without colours; what it showed, and its exit status. */
async function at(command: (terminal: Terminal) => Promise<number>): Promise<{ status: number; shown: string }> {
  const lines: string[] = []
  const terminal: Terminal = {
    say: line => void lines.push(line),
    paint: (_, text) => text,
    ask: () => Promise.resolve(null),
    close: () => undefined,
  }
  const status = await command(terminal)
  return { status, shown: lines.join('\n') }
}

describe('issue-crew agents', () => {
  test('lists who would work on a repository: who, from where, for what, with which tools, and what is wrong', async () => {
    const { status, shown } = await at(terminal => listAgents({ path: join(repository, 'lib'), json: false }, terminal))
    expect(status).toBe(0)
    expect(shown).toContain('2 of them the repository’s own.')
    expect(shown).toMatch(
      /stopper \(specialist\)\n {2}Ends greetings: with a stop\n {2}\.claude\/agents\/stopper\.md\n {2}read_files edit_file · \d+ tokens of prompt/,
    )
    expect(shown).toMatch(/\nbackend-developer \(specialist, stands in where no one fits\)\n/)
    expect(shown).toContain('not used .claude/agents/broken.md: its front matter has no closing line of `---`')
    expect(shown).toContain('used .claude/agents/stopper.md: its front matter is no YAML')
  })

  test('says the same as JSON', async () => {
    const { shown } = await at(terminal => listAgents({ path: collection, json: true }, terminal))
    const listed = JSON.parse(shown) as { agents: { name: string }[]; problems: unknown[] }
    expect(listed.agents.find(({ name }) => name === 'code-reviewer')).toMatchObject({
      role: 'reviewer',
      origin: 'repository',
      source: '.github/agents/code-reviewer.md',
      replaces: 'agents/core/code-reviewer.md',
      tools: ['read_files', 'search', 'list_files'],
      model: null,
    })
    expect(listed.problems).toContainEqual({
      file: '.claude/agents/thinker.md',
      problem: '`DeepThink`: no such tool',
      used: true,
    })
  })

  test('check ends with 1 when a file can’t be used, 0 when all can, 2 when there is none', async () => {
    const check = (path: string) => at(terminal => checkAgents({ path: join(repository, path), json: false }, terminal))
    const all = await check('.')
    expect(all.status).toBe(1)
    expect(all.shown.split('\n').map(line => line.replace(/ \S*greeter\//, ' ').replace(/ \(line.*/, ''))).toEqual([
      'in order .github/agents/looker.agent.md',
      'not used .claude/agents/broken.md: its front matter has no closing line of `---`',
      'used .claude/agents/stopper.md: its front matter is no YAML',
    ])
    expect((await check('.claude/agents/stopper.md')).status).toBe(0)
    expect(await check('.github/agents')).toMatchObject({ status: 0 })
    expect(await check('lib')).toMatchObject({ status: 2, shown: expect.stringContaining('no folder with one') })
  })
})

describe('issue-crew task', () => {
  const task = (options: Partial<TaskOptions>) =>
    at(terminal =>
      tryTask(
        { agent: 'stopper', path: repository, what: 'End it with a stop', paths: [], json: false, ...options },
        terminal,
      ),
    )

  test('shows an agent’s report, its diff and what it cost, and leaves the checkout alone', async () => {
    const before = git('status', '--porcelain')
    const { status, shown } = await task({})
    expect(status).toBe(0)
    expect(shown).toContain('stopper, from .claude/agents/stopper.md, works on')
    expect(shown).toContain('What is not committed in your checkout is left out')
    expect(shown).toContain('.claude/agents/stopper.md its front matter is no YAML')
    expect(shown).toContain('turn 1: edit greet.sh')
    expect(shown).toMatch(/## Task Completed: Greet with a stop[^]*### Next specialist needs:\n- The stop is part/)
    expect(shown).toMatch(/the report names `README\.md`, which the commit does not touch/)
    expect(shown).toMatch(/Its diff \(1 file\)[^]*\n- {2}echo "Hello"\n\+ {2}echo "Hello\."\n/)
    expect(shown).toMatch(/\$0\.0\d · 2 model calls · .* · 2 turns of claude-sonnet-5-5/)
    expect(git('status', '--porcelain')).toBe(before)

    const apply = /git -C (\S+) apply (\S+)/.exec(shown)
    git('apply', '--check', apply?.[2] ?? '')
    await rm(dirname(apply?.[2] ?? ''), { recursive: true })
  })

  test('says the same as JSON, and leaves nothing behind', async () => {
    const homes = async () => (await readdir(tmpdir())).filter(name => name.startsWith('issue-crew-task-'))
    const before = await homes()
    const { status, shown } = await task({ agent: 'Stopper', paths: ['lib/**', 'greet.sh'], json: true })
    expect(status).toBe(0)
    expect(JSON.parse(shown)).toMatchObject({
      agent: 'stopper',
      source: '.claude/agents/stopper.md',
      outcome: 'finished',
      report: { title: 'Greet with a stop' },
      review: null,
      files: [{ path: 'greet.sh', status: 'modified', added: 1, deleted: 1 }],
      outside: [],
      diff: expect.stringContaining('+  echo "Hello."'),
      turns: 2,
      cost: { calls: 2 },
    })
    expect(await homes()).toEqual(before)
  })

  test('gives a reviewer what the last commit changed', async () => {
    const { status, shown } = await task({ agent: 'looker', what: 'Look for what is missing' })
    expect(status).toBe(0)
    expect(shown).toMatch(/## Code Review[^]*Needs Work[^]*No test greets/)
    expect(shown).toContain('It changed nothing')
  })

  test('runs an agent from a file that no team has yet, and ends with 1 when no report comes of it', async () => {
    const file = join(home, 'draft.md')
    await writeFile(file, '---\nname: draft\ndescription: Not yet\ntools: Read, Edit\n---\n\nYou try.\n')
    const { status, shown } = await task({ agent: file, what: 'Say nothing of it' })
    expect(status).toBe(1)
    expect(shown).toMatch(/draft the model’s answer did not fit its form/)
  })

  test.each<[string, Partial<TaskOptions>, string]>([
    ['an agent that isn’t there', { agent: 'nobody' }, 'There is no agent nobody. There are: code-archaeologist, '],
    ['one whose file is broken', { agent: 'broken' }, '.claude/agents/broken.md its front matter has no closing line'],
    ['the tech lead', { agent: 'tech-lead-orchestrator' }, 'plans and does no task'],
    ['no repository', { path: tmpdir() }, 'is not in a git repository'],
    ['a path that is none', { paths: ['/etc'] }, 'The path "/etc" is absolute'],
    ['nothing to do', { what: ' ' }, 'There is nothing to do'],
  ])('refuses %s with what is wrong', async (_, options, problem) => {
    const { status, shown } = await task(options)
    expect(status).toBe(2)
    expect(shown).toContain(problem)
  })
})
