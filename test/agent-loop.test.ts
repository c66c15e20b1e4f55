import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { createAnthropicModel } from '../src/model/anthropic.js'
import type { AgentCard } from '../src/domain/agent.js'
import type { Wait } from '../src/domain/wait.js'
import type { CloneSource, Workspaces } from '../src/ports.js'
import { startScriptedModel, type ScriptedModel } from '../src/practice/model/start.js'
import { createSecretFilter } from '../src/secrets/secret-filter.js'
import { runAgent } from '../src/team/agent-loop.js'
import type { AgentWork, Ending } from '../src/team/agent-work.js'
import { createWorkspaces } from '../src/workspace/workspaces.js'
import { serveGit, type GitServer } from './support/git-http.js'
import { Died, memoryJournal } from './support/memory-journal.js'

const report = {
  title: 'Greeting',
  sections: [{ heading: 'Files', items: ['hello.txt'] }],
  files: ['hello.txt'],
  checks: [],
  nextSpecialistNeeds: ['hello.txt holds the greeting'],
  notDone: [],
}
const read = { calls: [{ tool: 'read_files', input: { paths: ['README.md', 'absent.md'] } }] }
const write = { calls: [{ tool: 'write_files', input: { files: [{ path: 'hello.txt', content: 'hello\n' }] } }] }
const finish = { calls: [{ tool: 'finish', input: report }] }

const roster: AgentCard[] = [
  { name: 'backend-developer', description: 'Anything', role: 'specialist', universal: true },
]
const planFor = (agent: string) => ({
  analysis: ['A greeting is missing'],
  tasks: [
    { title: 'Add a greeting', agent, paths: ['hello.txt'], doneWhen: 'it greets', brief: 'Greet.', dependsOn: [] },
  ],
  agents: [],
  instructions: [],
  risks: [],
})

const edited = (old: string, by: string) => ({
  tool: 'edit_file',
  input: { path: 'README.md', edits: [{ old, new: by }] },
})

const conversations = {
  plain: [
    { ...read, say: 'First a look.' },
    { ...write, expect: ['1\tA small repository', 'absent.md: no such file'] },
    { ...finish, expect: ['hello.txt: written'] },
  ],
  outside: [
    { calls: [{ tool: 'write_files', input: { files: [{ path: 'src/evil.ts', content: 'x' }] } }] },
    { ...finish, expect: ['outside the paths of your task'] },
  ],
  endless: Array.from({ length: 30 }, () => read),
  'bad plan': [
    { calls: [{ tool: 'finish', input: { plan: planFor('nobody') } }] },
    {
      calls: [{ tool: 'finish', input: { plan: planFor('somebody') } }],
      expect: ['"nobody"', 'Allowed: backend-developer'],
    },
    { calls: [{ tool: 'finish', input: { plan: planFor('anybody') } }], expect: ['"somebody"'] },
  ],
  'mended plan': [
    { calls: [{ tool: 'finish', input: { plan: planFor('nobody') } }] },
    { calls: [{ tool: 'finish', input: { plan: planFor('backend-developer') } }], expect: ['"nobody"'] },
  ],
  'no report': [{ say: 'I am done.' }, { say: 'Really.', expect: ['End by calling `finish`'] }, { say: 'Yes.' }],
  'writes beside finish': [
    { calls: [...write.calls, ...finish.calls] },
    { ...finish, expect: ['Call finish alone', 'hello.txt: written'] },
  ],
  'no hand-off': [
    write,
    { calls: [{ tool: 'finish', input: { ...report, nextSpecialistNeeds: ['None.'] } }] },
    {
      say: 'For the next:\n\n- The greeting is in hello.txt\n',
      expect: ['nextSpecialistNeeds` says nothing', 'task 2 (Greet twice), task 3 (Greet thrice)'],
    },
  ],
  'no hand-off at all': [
    write,
    { calls: [{ tool: 'finish', input: { ...report, nextSpecialistNeeds: [] } }] },
    // Whatever it does instead is not carried out: its work was handed in.
    { calls: [{ tool: 'write_files', input: { files: [{ path: 'hello.txt', content: 'bye' }] } }] },
  ],
  'two edits': [
    {
      calls: [
        {
          tool: 'edit_file',
          input: {
            path: 'README.md',
            edits: [
              { old: 'A small', new: 'A tiny' },
              { old: 'nowhere', new: '' },
            ],
          },
        },
      ],
    },
    {
      calls: [{ tool: 'edit_file', input: { path: 'README.md', edits: [{ old: 'A small', new: 'A tiny' }] } }],
      expect: ['edit 2: `old` does not occur', 'Nothing was changed'],
    },
    { ...finish, expect: ['README.md: edited'] },
  ],
  'turn after turn': [
    { calls: [edited('A small', 'A tiny')] },
    { calls: [edited('A tiny', 'A huge'), { tool: 'read_files', input: { paths: ['README.md'] } }] },
    { calls: [{ tool: 'write_files', input: { files: [{ path: 'hello.txt', content: 'Hello\n' }] } }] },
    { calls: [edited('A huge', 'A fine'), edited('A small', 'never there')] },
    finish,
  ],
}

describe('an agent at work', () => {
  let home: string
  let git: GitServer
  let model: ScriptedModel
  let workspaces: Workspaces
  let source: CloneSource
  let commit: string

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'agent-loop-'))
    git = await serveGit({ files: { 'README.md': 'A small repository.\n', 'src/index.ts': 'export {}\n' } })
    const transcript = join(home, 'transcript.yaml')
    const all = Object.entries(conversations).map(([name, turns]) => ({ name, when: [`story: ${name}.`], turns }))
    await writeFile(transcript, stringify({ conversations: all }))
    model = await startScriptedModel({ transcripts: [transcript] })
    workspaces = await createWorkspaces({
      cacheDir: join(home, 'clones'),
      tokenFor: () => Promise.resolve(null),
      allowHttp: true,
      log: () => undefined,
    })
    source = { repository: { id: 1, owner: 'acme', name: 'shop', installationId: 1 }, url: git.url }
    commit = await workspaces.fetch(source, 'main')
  })

  afterAll(async () => {
    await model.stop()
    await git.stop()
    await rm(home, { recursive: true, force: true })
  })

  const work = (story: keyof typeof conversations, change: Partial<AgentWork> = {}): AgentWork => ({
    title: story,
    agent: 'backend-developer',
    model: 'claude-sonnet-5-5',
    effort: 'medium',
    system: 'You do as the brief says.',
    brief: `story: ${story}.`,
    tools: ['read_files', 'search', 'list_files', 'edit_file', 'write_files'],
    worktree: { source, key: `${story} ${keys++}`, tree: commit },
    mayWrite: { paths: ['hello.txt', 'README.md'], protectedPaths: [] },
    ending: { form: 'report' },
    limits: { turns: 10, tokens: 1_000_000, minutes: 10, usd: 5 },
    commandTimeoutSeconds: 10,
    ...change,
  })
  let keys = 0
  const world = (journal = memoryJournal()) => ({
    journal,
    workspaces,
    secrets: createSecretFilter(),
    model: createAnthropicModel({ apiKey: 'any', baseUrl: model.url }),
  })
  const requestsOf = (conversation: string): number =>
    model.stats().requests.filter(request => request.conversation === conversation).length
  const changed = async (tree: string): Promise<string[]> =>
    (await workspaces.changes(source, commit, tree)).map(change => `${change.status} ${change.path}`)

  test('reads, writes and hands in its report; the tree holds what it wrote, and every call is paid for', async () => {
    const end = await runAgent(work('plain'), world())
    expect(end.outcome).toMatchObject({
      kind: 'finished',
      turns: 3,
      result: { form: 'report', report: { title: 'Greeting' } },
      cost: { calls: 3 },
    })
    expect(end.outcome.cost.usd).toBeGreaterThan(0)
    expect(end.read).toEqual(['README.md'])
    expect(await changed(end.tree)).toEqual(['added hello.txt'])
  })

  test.each(['turn 1', 'turn 2', 'turn 3', 'keep what was written'])(
    'goes on after its process died in %s, and pays for no finished call again',
    async dieAt => {
      const before = requestsOf('plain')
      const task = work('plain')
      const dying = memoryJournal({ dieAt })
      await expect(runAgent(task, world(dying))).rejects.toThrow(Died)
      const end = await runAgent(task, world(memoryJournal({ records: dying.records })))
      expect(end.outcome).toMatchObject({ kind: 'finished', turns: 3, cost: { calls: 3 } })
      expect(await changed(end.tree)).toEqual(['added hello.txt'])
      // Three turns, and the one whose record was lost, where it was a turn.
      expect(requestsOf('plain') - before).toBe(dieAt.startsWith('turn') ? 4 : 3)
    },
  )

  test('goes on in a directory where nothing is of what it wrote, turn after turn', async () => {
    const task = work('turn after turn')
    const dying = memoryJournal({ dieAt: 'turn 4' })
    await expect(runAgent(task, world(dying))).rejects.toThrow(Died)
    const elsewhere = { ...task, worktree: { ...task.worktree, key: 'elsewhere' } }
    const end = await runAgent(elsewhere, world(memoryJournal({ records: dying.records })))
    expect(end.outcome.kind).toBe('finished')
    expect(await changed(end.tree)).toEqual(['modified README.md', 'added hello.txt'])
    const { tree } = await runAgent(work('turn after turn'), world())
    expect(end.tree).toBe(tree)
  })

  test('is refused a path outside its task, and told so', async () => {
    const end = await runAgent(work('outside'), world())
    expect(end.outcome.kind).toBe('finished')
    expect(await changed(end.tree)).toEqual([])
  })

  test('applies all edits of a call or none', async () => {
    const end = await runAgent(work('two edits'), world())
    expect(end.outcome.kind).toBe('finished')
    expect(await changed(end.tree)).toEqual(['modified README.md'])
  })

  test('has its other calls carried out before an ending that came with them counts', async () => {
    const end = await runAgent(work('writes beside finish'), world())
    expect(end.outcome).toMatchObject({ kind: 'finished', turns: 2 })
    expect(await changed(end.tree)).toEqual(['added hello.txt'])
  })

  test('is asked twice more for an ending that fits, with the exact error, and then the failure is named', async () => {
    const ending = { form: 'plan', roster, mayAsk: true } as const
    const mended = await runAgent(work('mended plan', { ending }), world())
    expect(mended.outcome).toMatchObject({ kind: 'finished', turns: 2, result: { form: 'plan' } })
    const end = await runAgent(work('bad plan', { ending }), world())
    expect(end.outcome).toMatchObject({ kind: 'bad-answer', turns: 3, detail: expect.stringContaining('anybody') })
    expect((await runAgent(work('no report'), world())).outcome).toMatchObject({
      kind: 'bad-answer',
      detail: 'ended without calling finish',
    })
  })

  test('is asked once more for the hand-off that others need, in the same conversation, and keeps its report', async () => {
    const handsTo = [
      { number: 2, title: 'Greet twice' },
      { number: 3, title: 'Greet thrice' },
    ]
    const ending: Ending = { form: 'report', handsTo }
    const end = await runAgent(work('no hand-off', { ending }), world())
    expect(end.outcome).toMatchObject({ kind: 'finished', turns: 3 })
    expect(end.outcome).toHaveProperty('result.report', {
      ...report,
      nextSpecialistNeeds: ['The greeting is in hello.txt'],
    })
    expect(await changed(end.tree)).toEqual(['added hello.txt'])

    const silent = await runAgent(work('no hand-off at all', { ending }), world())
    expect(silent.outcome).toMatchObject({
      kind: 'finished',
      turns: 3,
      result: { report: { nextSpecialistNeeds: [] } },
    })
    expect(silent.tree).toBe(end.tree)

    const alone = await runAgent(work('no hand-off', { ending: { form: 'report' } }), world())
    expect(alone.outcome).toMatchObject({ kind: 'finished', turns: 2 })
  })

  test('hands in its work without a hand-off where no turn is left to ask for it', async () => {
    const ending: Ending = { form: 'report', handsTo: [{ number: 2, title: 'Greet twice' }] }
    const { limits } = work('no hand-off')
    const end = await runAgent(work('no hand-off', { ending, limits: { ...limits, turns: 2 } }), world())
    expect(end.outcome).toMatchObject({ kind: 'finished', turns: 2, result: { form: 'report' } })
  })

  test('ends at the limit of turns, of money and of tokens, each by its name', async () => {
    const limits = work('endless').limits
    const limited = async (limit: Partial<AgentWork['limits']>) =>
      (await runAgent(work('endless', { limits: { ...limits, ...limit } }), world())).outcome
    expect(await limited({ turns: 4 })).toMatchObject({ kind: 'limit', limit: 'turns', turns: 4 })
    expect(await limited({ usd: 0.003 })).toMatchObject({ kind: 'limit', limit: 'money' })
    expect(await limited({ tokens: 600 })).toMatchObject({ kind: 'limit', limit: 'tokens' })
    expect(await limited({ usd: 0 })).toMatchObject({ kind: 'limit', limit: 'money', turns: 0 })
  })

  test('ends by that name when the conversation is more than the model can read', async () => {
    model.fail({ conversation: 'plain', nth: requestsOf('plain') + 2, fault: 'too-long' })
    const { outcome } = await runAgent(work('plain'), world())
    expect(outcome).toMatchObject({ kind: 'limit', limit: 'tokens', cost: { calls: 1 } })
    expect(outcome).toHaveProperty(
      'detail',
      expect.stringContaining('a smaller task, or a model with a larger context'),
    )
  })

  test('waits while the model is overloaded, says so, and goes on', async () => {
    const nth = requestsOf('plain') + 2
    model.fail({ conversation: 'plain', nth, times: 6, fault: 529, retryAfter: 0 })
    const said: (Wait | null)[] = []
    const journal = memoryJournal()
    const end = await runAgent(work('plain'), { ...world(journal), onWaiting: async wait => void said.push(wait) })
    expect(end.outcome).toMatchObject({ kind: 'finished', cost: { calls: 3 } })
    expect(said.length).toBeGreaterThan(1)
    expect(said.at(-1)).toBeNull()
    expect(journal.carriedOut.some(step => step.startsWith('sleep'))).toBe(true)
  })
})
