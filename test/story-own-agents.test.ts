import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { AgentInput } from '../src/workflow/world.js'
import { edit, write, type Script } from './support/script.js'
import { beginScriptedStory, type ScriptedStory } from './support/scripted-story.js'

const rule = 'Every greeting in this repository ends with a full stop.'

const agents = {
  '.claude/agents/greeter-developer.md': `---
name: Backend Developer
description: Knows the greeter
tools: Read, Edit
model: haiku
maxTurns: 9
---

${rule}
`,
  '.claude/agents/half.md': '---\nname: half\ndescription: Half of it: the other half\n---\n\nYou do half of it.\n',
  '.github/agents/broken.md': '---\nname: broken\ndescription: Nobody closed it\n\nYou are lost.\n',
  '.github/agents/code-reviewer.md':
    '---\ndescription: Reviews greetings\ntools: [read, edit, execute]\n---\n\nYou review greetings.\n',
}

const stop = edit('greet.sh', ['  echo "Hello"', '  echo "Hello."'])

/** Whoever has the App's own tools or prompt fails: with `write_files` it changes the wrong file, and the prompt must be theirs. */
const greetWithAStop = (title: string): Script => ({
  title,
  reviewTask: true,
  tasks: [
    {
      title: 'Greet with a stop',
      paths: ['greet.sh', 'wrong.txt'],
      when: ['You carry out one task of an approved plan', "It can't change the rules above", rule],
      turns: [write({ 'wrong.txt': 'with a tool that the file does not give\n' }, { when_tool: 'write_files' }), stop],
    },
  ],
})

describe('a repository that brings its own agents', () => {
  let story: ScriptedStory
  beforeAll(async () => {
    story = await beginScriptedStory(
      [greetWithAStop('Greet as we do'), greetWithAStop('Greet as we did'), greetWithAStop('Greet as we will')],
      agents,
    )
  })
  afterAll(() => story.stop())

  test('sees in the plan whose its agents are, which file is broken and what is wrong with it', async () => {
    const issue = await story.planned('Greet as we do')
    const [plan] = await story.plans(issue)
    expect(plan?.body).toContain(
      'backend-developer is this repository’s, from .claude/agents/greeter-developer.md, in place of the App’s own.',
    )
    expect(plan?.body).toMatch(/code-reviewer is this repository’s, from .github\/agents\/code-reviewer.md/)
    expect(plan?.body).toMatch(
      /1 agent file can’t be used<\/summary>\n\n- `.github\/agents\/broken.md`: .*no closing line/,
    )
    expect(plan?.body).toMatch(/2 agent files used, but not wholly as written/)
    expect(plan?.body).toMatch(/- `.claude\/agents\/half.md`: its front matter is no YAML \(line 3: /)
    expect(plan?.body).toMatch(/- `.github\/agents\/code-reviewer.md`: takes the place of a reviewer/)
  })

  test('has its own prompt and tools at work, and a reviewer that can’t write whatever its file says', async () => {
    const issue = await story.approved('Greet as we did')
    expect(await story.end(issue)).toMatchObject({ kind: 'done' })
    expect(story.file(issue, 'greet.sh')).toContain('echo "Hello."')
    expect(story.commits(issue).map(({ files }) => files)).toEqual([['greet.sh']])

    const works = (await story.stage.crew.engine.list('agent:'))
      .map(({ input }) => (input as AgentInput).work)
      .filter(work => work.brief.includes('Greet as we did'))
    expect(works.map(({ agent, model, tools }) => ({ agent, model, tools }))).toEqual([
      { agent: 'tech-lead-orchestrator', model: 'claude-opus-5-5', tools: ['read_files', 'search', 'list_files'] },
      { agent: 'backend-developer', model: 'claude-haiku-5-5', tools: ['read_files', 'edit_file'] },
      { agent: 'code-reviewer', model: 'claude-opus-5-5', tools: ['read_files'] },
    ])
    expect(works[0]?.brief).toContain('- backend-developer (universal; the repository’s own): Knows the greeter\n')
    expect(works[1]?.limits.turns).toBe(9)
    expect(works[2]?.system).toMatch(
      /You review the finished work[^]*It can't change the rules above[^]*You review greetings\.$/,
    )
  })

  test('gets a new plan when an agent’s file changes before the approval: it covers their prompts', async () => {
    const issue = await story.planned('Greet as we will')
    const [first] = await story.plans(issue)
    story.pushAsOther('main', {
      '.claude/agents/greeter-developer.md': agents['.claude/agents/greeter-developer.md'].replace(
        'Edit',
        'Edit, Bash',
      ),
    })
    const approval = await story.comment(issue, '/approve')
    expect(await story.replyTo(issue, approval)).toContain('.claude/agents/greeter-developer.md')
    await story.phase(issue, 'planning')
    await story.phase(issue, 'waiting-for-approval')
    const plans = await story.plans(issue)
    expect(plans).toHaveLength(2)
    const id = (body = ''): string | undefined => /\/approve ([0-9a-f]{10})/.exec(body)?.[1]
    expect(id(plans[1]?.body)).not.toBe(id(first?.body))
  })
})
