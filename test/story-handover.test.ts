import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { AgentEnd } from '../src/team/agent-work.js'
import type { AgentInput } from '../src/workflow/world.js'
import { edit, write, type Script } from './support/script.js'
import { beginScriptedStory, type ScriptedStory } from './support/scripted-story.js'

const louder = edit('greet.sh', ['  echo "Hello"', '  echo "HELLO"'])
const more = edit('greet.sh', ['  echo "Bye"', '  echo "BYE"'])

/** The second task builds on the first, which says nothing of itself until, perhaps, it is asked. */
const silent = (title: string, handoff?: string[]): Script => ({
  title,
  tasks: [
    {
      title: 'Greet louder',
      paths: ['greet.sh'],
      turns: [louder],
      report: { files: ['greet.sh'], nextSpecialistNeeds: handoff ? [] : ['None.'] },
      handoff: handoff ?? ['n/a'],
    },
    { title: 'Part louder', paths: ['greet.sh'], dependsOn: [1], turns: [more], report: { nextSpecialistNeeds: [] } },
  ],
})

const scripts: Script[] = [
  silent('A hand-off that was forgotten', ['Loud words are in capitals, for @ann']),
  silent('A hand-off that never comes'),
  {
    title: 'A release by hand',
    tasks: [
      {
        title: 'Pack it',
        paths: ['Dockerfile', 'package.json'],
        turns: [write({ Dockerfile: 'FROM scratch\n', 'package.json': '{}\n' })],
      },
      {
        title: 'Name it',
        paths: ['package.json', 'greet.sh'],
        dependsOn: [1],
        turns: [edit('package.json', ['{}', '{}\n']), louder],
      },
    ],
  },
]

describe('from one specialist to the next', () => {
  let story: ScriptedStory
  beforeAll(async () => {
    story = await beginScriptedStory(scripts)
  }, 60_000)
  afterAll(() => story.stop())

  /** What an agent of the issue was told first, and how many turns it took. */
  async function agent(issue: number, title: string): Promise<{ brief: string; turns: number }> {
    const agents = await story.stage.crew.engine.list(`agent:run:${story.stage.repository.id}:${issue}:`)
    const one = agents.find(({ input }) => (input as AgentInput).work.title === title)
    if (!one) throw new Error(`nobody worked on ${title}`)
    return { brief: (one.input as AgentInput).work.brief, turns: (one.output as AgentEnd).outcome.turns }
  }

  test('a hand-off that was forgotten is asked for once, and reaches whoever builds on it', async () => {
    const issue = await story.approved('A hand-off that was forgotten')
    expect((await story.end(issue)).kind).toBe('done')
    expect((await agent(issue, 'task 1')).turns).toBe(3)
    expect((await agent(issue, 'task 2')).brief).toContain('Next specialist needs:\n- Loud words are in capitals')
    expect(await story.row(issue, 1)).toMatch(/🟢 done \|/)

    const [plan] = await story.plans(issue)
    expect(await story.row(issue, 1)).toContain(`#issuecomment-${plan?.id}) |`)
    const status = await story.status(issue)
    const [first = '', second = ''] = status.match(/<details>[^]*?<\/details>/g) ?? []
    expect(first).toContain('- Loud words are in capitals, for `@ann`')
    expect(first).toContain('- in full: `greet.sh`')
    expect(second).toContain('- what task 1 left')
    expect(status).toContain(`pull request ${(await story.pullRequests(issue))[0]?.number}`)
    expect((await story.pullRequests(issue))[0]?.body).not.toContain('No hand-off')
  })

  test('one that never comes is noted for the next specialist, on the issue and in the pull request', async () => {
    const issue = await story.approved('A hand-off that never comes')
    expect((await story.end(issue)).kind).toBe('done')
    expect((await agent(issue, 'task 1')).turns).toBe(3)
    expect((await agent(issue, 'task 2')).brief).toContain(
      'Task 1 left no hand-off; read what you need of the files that it changed instead: greet.sh',
    )
    expect(await story.row(issue, 1)).toContain('done: left no hand-off')
    expect((await story.pullRequests(issue))[0]?.body).toMatch(/\*\*No hand-off\*\*\n- Task 1 left none for task 2,/)
  })

  test('the reviewer is told who changed which file, and what to mind in it', async () => {
    const issue = await story.approved('A release by hand')
    expect((await story.end(issue)).kind).toBe('done')
    const { brief } = await agent(issue, 'review')
    const look = /^# Look closely at\n<areas>\n((?:- .*\n)+)<\/areas>/m.exec(brief)?.[1]
    expect(look?.trim().split('\n')).toEqual([
      expect.stringMatching(/^- Dependencies: provenance.*install scripts.*\(package\.json\)$/),
      expect.stringMatching(/^- CI and deployment: .*\(Dockerfile\)$/),
    ])
    const files = /<files>\n([^]*?)\n<\/files>/.exec(brief)?.[1]
    expect(files?.split('\n')).toEqual([
      '- Dockerfile added +1 -0, task 1',
      '- greet.sh modified +1 -1, task 2',
      '- package.json added +2 -0, tasks 1 and 2',
    ])
    expect(brief).toContain('Do this: Pack it.')
  })

  test('a task on which nothing builds is not asked', async () => {
    const issue = await story.approved('A hand-off that never comes')
    expect((await story.end(issue)).kind).toBe('done')
    expect((await agent(issue, 'task 2')).turns).toBe(2)
    expect(await story.row(issue, 2)).toMatch(/🟢 done \|/)
  })

  test('every request was one that GitHub takes', () => {
    expect(story.stage.github.violations).toEqual([])
  })
})
