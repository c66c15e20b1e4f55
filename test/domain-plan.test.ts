import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Agent } from '../src/domain/agent.js'
import { diffPlans } from '../src/domain/diff-plans.js'
import { missingDependencies, stages } from '../src/domain/execution-order.js'
import { type AgentCard, checkPlan } from '../src/domain/plan-check.js'
import { digestsOf, planId, whatChanged } from '../src/domain/plan-id.js'
import type { Plan, PlanDraft, PlanTask } from '../src/domain/plan.js'

const roster: AgentCard[] = [
  { name: 'tech-lead-orchestrator', description: 'plans', role: 'lead', universal: false },
  { name: 'django-orm-expert', description: 'models', role: 'specialist', universal: false },
  { name: 'backend-developer', description: 'anything', role: 'specialist', universal: true },
  { name: 'code-reviewer', description: 'reviews', role: 'reviewer', universal: false },
]

type DraftTask = PlanDraft['tasks'][number]
const task = (change: Partial<DraftTask> = {}): DraftTask => ({
  title: 'Design the schema',
  agent: 'django-orm-expert',
  paths: ['accounts/models.py'],
  doneWhen: 'migrations apply',
  brief: 'Write it.',
  dependsOn: [],
  ...change,
})
const draft = (...tasks: DraftTask[]): PlanDraft => ({
  analysis: ['x'],
  tasks,
  agents: [],
  instructions: [],
  risks: [],
})
const problems = (...tasks: DraftTask[]): string[] => {
  const check = checkPlan(draft(...tasks), roster)
  return check.ok ? [] : check.problems
}

describe('A plan that the tech lead hands in', () => {
  test('is numbered, cleaned up and told work from review', () => {
    const check = checkPlan(
      draft(
        task({
          agent: '@agent-Django_ORM Expert',
          paths: ['./accounts/', './accounts/'],
          title: ' Design\nthe schema ',
        }),
        task({ title: 'Review', agent: 'code-reviewer', paths: ['ignored'], dependsOn: [1, 1] }),
      ),
      roster,
    )
    expect(check).toEqual({
      ok: true,
      notes: [],
      tasks: [
        {
          number: 1,
          title: 'Design the schema',
          agent: 'django-orm-expert',
          paths: ['accounts/'],
          doneWhen: 'migrations apply',
          brief: 'Write it.',
          dependsOn: [],
          kind: 'work',
        },
        {
          number: 2,
          title: 'Review',
          agent: 'code-reviewer',
          paths: [],
          doneWhen: 'migrations apply',
          brief: 'Write it.',
          dependsOn: [1],
          kind: 'review',
        },
      ],
    })
  })

  test('says when the universal agent or the whole repository is meant', () => {
    const check = checkPlan(draft(task({ agent: 'backend-developer', paths: ['**'] })), roster)
    expect(check.ok && check.notes).toEqual([
      'Task 1 goes to backend-developer, a universal agent: no specialist here fits it better.',
      'Task 1 may touch every file of the repository.',
    ])
  })

  test('says nothing of a fallback where the repository brought the universal agent: it was written for this work', () => {
    const brought = roster.map(card => (card.universal ? { ...card, origin: 'repository' as const } : card))
    const check = checkPlan(draft(task({ agent: 'backend-developer', paths: ['lib/'] })), brought)
    expect(check.ok && check.notes).toEqual([])
  })

  test('says whom the tech lead missed, and which kind of agent it fell back on', () => {
    const notes = (agent: string, insteadOf: string) => {
      const check = checkPlan(draft(task({ agent, insteadOf })), roster)
      return check.ok ? [check.tasks[0]?.fallbackFor, ...check.notes] : check.problems
    }
    expect(notes('django-orm-expert', 'django-graphql-expert')).toEqual([
      'django-graphql-expert',
      'Task 1 goes to django-orm-expert, the nearest specialist: there is no django-graphql-expert here.',
    ])
    expect(notes('backend-developer', '@agent-elixir-expert')).toEqual([
      'elixir-expert',
      'Task 1 goes to backend-developer, a universal agent: there is no elixir-expert here.',
    ])
    // Who is here isn't missing.
    expect(notes('django-orm-expert', 'Code Reviewer')).toEqual([undefined])
  })

  test('can have the universal agent stand in for one that is missing', () => {
    const check = checkPlan(draft(task({ agent: 'react-expert' })), roster, { unknownAgent: 'universal' })
    expect(check).toMatchObject({ ok: true, tasks: [{ agent: 'backend-developer', fallbackFor: 'react-expert' }] })
    expect(check.ok && check.notes).toEqual([
      'Task 1 was meant for react-expert, who is not available here: backend-developer, the universal agent, does it.',
    ])
  })

  test.each<[string, DraftTask[], string]>([
    [
      'an unknown agent',
      [task({ agent: 'react-expert' })],
      'Task 1 names the agent "react-expert", which is not in the roster. Allowed: django-orm-expert, backend-developer, code-reviewer (review only).',
    ],
    [
      'the tech lead at work',
      [task({ agent: 'tech-lead-orchestrator' })],
      'Task 1 is given to tech-lead-orchestrator, the tech lead, who only plans. Assign one of: django-orm-expert, backend-developer, code-reviewer (review only).',
    ],
    ['a missing task', [task({ dependsOn: [9] })], 'Task 1 depends on task 9, but the tasks are numbered 1 to 1.'],
    [
      'a task that waits for itself',
      [task({ dependsOn: [1] })],
      'Task 1 depends on itself. Leave its own number out of dependsOn.',
    ],
    [
      'no paths',
      [task({ paths: [] })],
      'Task 1 has no paths. Name the files it may create or change as globs, e.g. "accounts/**".',
    ],
    [
      'an absolute path',
      [task({ paths: ['/etc'] })],
      'Task 1: the path "/etc" is absolute; paths start at the repository’s top, without /.',
    ],
    [
      'a path that leaves',
      [task({ paths: ['a/../../b'] })],
      'Task 1: the path "a/../../b" leaves the repository with ...',
    ],
    ['a path into .git', [task({ paths: ['.git/hooks/**'] })], 'Task 1: the path ".git/hooks/**" reaches into .git.'],
    [
      'a workflow',
      [task({ paths: ['./.github/workflows/ci.yml'] })],
      'Task 1: "./.github/workflows/ci.yml" is a workflow of GitHub Actions: changing those takes a permission (`workflows: write`) that this App does not have, so a person must do it. Leave it out, and say in the risks what a person must do.',
    ],
    [
      'two of the same title',
      [task(), task({ title: 'design the Schema' })],
      'Tasks 1 and 2 have the same title, "design the Schema". Make each say what it alone does.',
    ],
    [
      'reviews only',
      [task({ agent: 'code-reviewer' })],
      'The plan has no work task. Give at least one task to a specialist: django-orm-expert, backend-developer.',
    ],
    [
      'work that waits for a review',
      [task({ agent: 'code-reviewer' }), task({ title: 'Work', dependsOn: [1] })],
      'Task 2 depends on task 1, a review. Reviews come after all work: nothing else may wait for one.',
    ],
  ])('with %s is sent back with the exact problem', (_, tasks, problem) => {
    expect(problems(...tasks)).toContain(problem)
  })

  test('with a circle is sent back with the circle', () => {
    expect(problems(task({ dependsOn: [2] }), task({ title: 'Other', dependsOn: [1] }))).toEqual([
      'Task 1 depends on task 2, which comes later. Put the tasks in the order in which they are done: dependsOn may only name smaller numbers.',
      'Tasks 1 → 2 → 1 wait for each other in a circle. Remove one of these dependencies.',
    ])
  })
})

const planned = (number: number, dependsOn: number[], kind: PlanTask['kind'] = 'work') => ({ number, dependsOn, kind })

describe('The order of execution', () => {
  test('has everything as early as its dependencies allow, and reviews last', () => {
    expect(
      stages([planned(1, []), planned(2, [1]), planned(3, [1]), planned(4, [], 'review'), planned(5, [2, 3])]),
    ).toEqual([[1], [2, 3], [5], [4]])
    expect(stages([planned(3, [2]), planned(2, [1])])).toEqual([[2], [3]])
  })

  test('never has a task before one that it needs', () => {
    const tasks = fc
      .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 12 })
      .map(all =>
        all.map((needs, index) => planned(index + 1, index === 0 ? [] : needs.map(need => (need % index) + 1))),
      )
    fc.assert(
      fc.property(tasks, tasks => {
        const wave = new Map(stages(tasks).flatMap((wave, index) => wave.map(number => [number, index] as const)))
        expect(wave.size).toBe(tasks.length)
        for (const { number, dependsOn } of tasks)
          for (const need of dependsOn) expect(wave.get(need) ?? 99).toBeLessThan(wave.get(number) ?? -1)
      }),
    )
  })

  test('An approval of some tasks lacks what they build on, however indirectly', () => {
    const tasks = [planned(1, []), planned(2, [1]), planned(3, [2]), planned(4, [])]
    expect(missingDependencies(tasks, [3, 4])).toEqual([{ task: 3, needs: [1, 2] }])
    expect(missingDependencies(tasks, [1, 2])).toEqual([])
  })
})

const plan: Plan = {
  id: 'x',
  version: 1,
  analysis: ['a'],
  tasks: [
    { number: 1, title: 'Schema', agent: 'a', paths: ['m.py'], doneWhen: 'x', brief: 'b', dependsOn: [], kind: 'work' },
    {
      number: 2,
      title: 'Service',
      agent: 'b',
      paths: ['s.py'],
      doneWhen: 'x',
      brief: 'b',
      dependsOn: [1],
      kind: 'work',
    },
  ],
  agents: [],
  instructions: [],
  risks: ['slow'],
  budgetUsd: 10,
}
const [schema, service] = plan.tasks as [PlanTask, PlanTask]
const agent: Agent = {
  name: 'backend-developer',
  description: 'anything',
  role: 'specialist',
  universal: true,
  prompt: 'Do it.',
  tools: ['write_files'],
  model: null,
  maxTurns: null,
  source: 'agents/universal/backend-developer.md',
}
const basis = {
  plan,
  issue: { title: 'Title', body: 'Body' },
  comments: [{ id: 7, author: 'ann', body: 'please' }],
  baseCommit: 'c0ffee',
  crewYml: null,
  agents: [agent],
}

describe('A plan’s id', () => {
  test('is ten hex digits, and the same for the same parts in any order of keys', () => {
    expect(planId(basis)).toMatch(/^[0-9a-f]{10}$/)
    const { issue, ...rest } = basis
    expect(planId({ issue: { body: issue.body, title: issue.title }, ...rest })).toBe(planId(basis))
  })

  test.each([
    { ...basis, plan: { ...plan, tasks: [schema, { ...service, paths: ['**'] }] } },
    { ...basis, plan: { ...plan, budgetUsd: 11 } },
    { ...basis, issue: { ...basis.issue, title: 'T' } },
    { ...basis, issue: { ...basis.issue, body: 'B' } },
    { ...basis, comments: [] },
    { ...basis, comments: [{ id: 7, author: 'ann', body: 'Please' }] },
    { ...basis, baseCommit: 'beef' },
    { ...basis, crewYml: '' },
    { ...basis, agents: [{ ...agent, prompt: 'Do something else.' }] },
  ])('changes with every part (%#)', other => {
    expect(planId(other)).not.toBe(planId(basis))
  })

  test('What changed since is named part by part; new comments and a moved branch don’t count', () => {
    const before = digestsOf(basis)
    expect(
      whatChanged(before, { ...basis, comments: [...basis.comments, { id: 8, author: 'bob', body: 'hi' }] }),
    ).toEqual([])
    expect(
      whatChanged(before, {
        plan: { ...plan, version: 2 },
        issue: { title: 'T', body: 'B' },
        comments: [{ id: 7, author: 'ann', body: 'evil' }],
        crewYml: 'x: 1',
        agents: [],
      }),
    ).toEqual([
      'the plan itself',
      'the issue’s title',
      'the issue’s text',
      'comment 7 by ann',
      '`.github/crew.yml`',
      'the agents',
    ])
    expect(whatChanged(before, { issue: basis.issue, comments: [] })).toEqual(['comment 7 by ann (deleted)'])
  })
})

describe('A new version begins with what differs', () => {
  test('task by task', () => {
    const now: Plan = {
      ...plan,
      version: 2,
      risks: ['new one'],
      budgetUsd: 5,
      tasks: [
        {
          number: 1,
          title: 'Sessions',
          agent: 'c',
          paths: ['x'],
          doneWhen: 'x',
          brief: 'b',
          dependsOn: [],
          kind: 'work',
        },
        { ...schema, number: 2, dependsOn: [1], brief: 'other', paths: ['m.py', 't.py'] },
      ],
    }
    expect(diffPlans(plan, now)).toEqual([
      'Gone: “Service” (was task 2)',
      'New: task 1, “Sessions” (c)',
      'Task 2: was task 1; may also touch `t.py`; needs task 1; its brief is worded anew',
      'New risk: new one',
      'No longer a risk: slow',
      'Budget: $5.00 instead of $10.00',
    ])
  })

  test('and the same plan has none', () => {
    expect(diffPlans(plan, { ...plan, version: 2, id: 'y' })).toEqual([])
  })

  test('a task with a new title in the same place is still the same task', () => {
    expect(diffPlans(plan, { ...plan, tasks: [schema, { ...service, title: 'Service layer' }] })).toEqual([
      'Task 2: now “Service layer”',
    ])
  })
})
