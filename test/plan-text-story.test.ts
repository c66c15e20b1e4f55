import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { AgentInput } from '../src/workflow/world.js'
import { eventually } from './support/eventually.js'
import { edit, type Script } from './support/script.js'
import { beginScriptedStory, type ScriptedStory } from './support/scripted-story.js'

const louder = edit('greet.sh', ['  echo "Hello"', '  echo "HELLO"'])
const script = (title: string): Script => ({
  title,
  tasks: [
    { title: 'Greet louder', paths: ['greet.sh'], turns: [louder] },
    {
      title: 'Know another word',
      paths: ['lib/*.sh'],
      turns: [edit('lib/words.sh', ['german="Hallo"', 'german="Servus"'])],
    },
  ],
})
const scripts = ['A plan of her own', 'A plan with a hole', 'A plan in the issue', 'A broken plan in the issue'].map(
  script,
)

const plan = `### SubAgent Assignments
Task 1: Greet louder → AGENT: @agent-backend-developer
- May touch: \`greet.sh\`
- Done when: it shouts
- Brief: Shout, and thank @omar for #7.

### Execution Order
- **Sequential**: Task 1`

describe('a plan that a person gives', () => {
  let story: ScriptedStory
  beforeAll(async () => {
    story = await beginScriptedStory(scripts)
  })
  afterAll(() => story.stop())

  const modelCalls = (): number => story.model.stats().requests.length
  const briefs = async (title: string): Promise<string[]> =>
    (await story.stage.crew.engine.list('agent:'))
      .map(agent => (agent.input as AgentInput).work)
      .filter(work => work.brief.includes(title))
      .map(work => work.brief)
  const nextPlan = async (issue: number, version: number): Promise<string> => {
    await eventually(async () => (await story.plans(issue)).length === version)
    await story.phase(issue, 'waiting-for-approval')
    return (await story.plans(issue))[version - 1]?.body ?? ''
  }

  test('in /revise is the next version, without a model call; a broken one is answered with its line', async () => {
    const issue = await story.planned('A plan of her own')
    const before = modelCalls()

    const broken = await story.comment(issue, `/revise\n\nTake this one:\n\n${plan.replace('→ AGENT: @agent-', '→ ')}`)
    const reply = await story.replyTo(issue, broken)
    expect(reply).toContain(
      'nothing has changed:\n\n- line 6, column 41: found `the end of the line`; allowed: `→ AGENT: @agent-name`',
    )
    const unknown = await story.comment(issue, `/revise\n${plan.replace('backend-developer', 'shell-expert')}`)
    expect(await story.replyTo(issue, unknown)).toContain('line 3, column 1: Task 1 names the agent "shell-expert"')
    expect(await story.reactionsTo(broken)).toEqual([])
    expect(await story.plans(issue)).toHaveLength(1)
    expect(await story.status(issue)).toContain('/approve')

    const whole = await story.comment(issue, `/revise Take this one:\n\`\`\`\n${plan}\n\`\`\``)
    const second = await nextPlan(issue, 2)
    expect(await story.reactionsTo(whole)).toEqual(['rocket'])
    expect(second).toMatch(/^\*\*Version 2\*\*, in place of `\w+`. What differs:\n- Gone: “Know another word”/)
    expect(second).toContain('**As given** in `@grace`’s comment; the tech lead was not asked.')
    expect(second).toContain('Shout, and thank `@omar` for `#7`.')
    expect(second).toContain('“Take this one:”')
    expect(modelCalls()).toBe(before)

    await story.comment(issue, '/approve')
    expect((await story.end(issue)).kind).toBe('done')
    expect(story.commits(issue).map(commit => commit.files)).toEqual([['greet.sh']])
    expect(await briefs('Shout, and thank @omar for #7.')).toHaveLength(2)
  })

  test('that lacks something is completed by the tech lead, and what it changed is said', async () => {
    const issue = await story.planned('A plan with a hole')
    await story.comment(issue, `/revise\n${plan.replace(/- May touch.*\n- Done when.*\n/, '')}`)
    const second = await nextPlan(issue, 2)
    expect(second).toContain(
      '**As given** in `@grace`’s comment; the tech lead completed the paths of task 1, “Done when” of task 1.',
    )
    expect(second).toMatch(
      /It also differs from what was given:\n- Task 1: its brief is worded anew\n- New: task 2, “Know another word”/,
    )
    const [asked] = await briefs(
      'word for word, and add only what it lacks: the paths of task 1, “Done when” of task 1',
    )
    expect(asked).toContain('Shout, and thank @omar for #7.')
  })

  test('in the issue is the first version', async () => {
    const before = modelCalls()
    const issue = await story.issue({ title: 'A plan in the issue', body: `Hello!\n\n${plan}` })
    await story.label(issue)
    expect(await nextPlan(issue, 1)).toMatch(
      /^\*\*As given\*\* by `@omar` in the issue; the tech lead was not asked\.\n\n/,
    )
    expect(modelCalls()).toBe(before)
  })

  test('in the issue that can’t be read leaves the planning to the tech lead, who says so', async () => {
    const issue = await story.issue({
      title: 'A broken plan in the issue',
      body: plan.replace('Sequential**: Task 1', 'Sequential**: Task 4'),
    })
    await story.label(issue)
    const first = await nextPlan(issue, 1)
    expect(first).toContain('the tech lead made this one: line 8, column 19: found `Task 4`')
    expect(first).toContain('Know another word')
  })

  test('every request was one that GitHub takes', () => {
    expect(story.stage.github.violations).toEqual([])
  })
})
