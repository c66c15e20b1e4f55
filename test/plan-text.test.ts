import { describe, expect, test } from '@jest/globals'
import { looksLikePlan } from '../src/domain/plan-text/find-plan.js'
import { parsePlanText, type PlanReading } from '../src/domain/plan-text/parse-plan-text.js'

/** Lines as one text, without the indent of the first. */
function text(template: TemplateStringsArray): string {
  const lines = (template.raw[0] ?? '').split('\n').slice(1, -1)
  const indent = /^ */.exec(lines[0] ?? '')?.[0].length ?? 0
  return lines
    .map(line => line.slice(indent))
    .join('\n')
    .replaceAll('\\`', '`')
}
const read = (source: string) => {
  const reading = parsePlanText(source)
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems, null, 1))
  return reading
}
const needs = (source: string): number[][] => read(source).draft.tasks.map(task => task.dependsOn)
const problems = (reading: PlanReading): string[] =>
  reading.ok
    ? []
    : reading.problems.map(({ line, column, found, expected }) => `${line}:${column} ${found} | ${expected}`)

/** A plan of so many tasks with that execution order. */
const ordered = (tasks: number, ...order: string[]): string =>
  [
    '### SubAgent Assignments',
    ...Array.from({ length: tasks }, (_, index) => `Task ${index + 1}: Part ${index + 1} → AGENT: @agent-builder`),
    '### Execution Order',
    ...order,
  ].join('\n')

const seed = text`
  ### Task Analysis
  - User needs JWT-based authentication with three flows: login, registration, password reset
  - Django project detected (manage.py, settings.py, requirements.txt with Django)
  - Django REST Framework already installed

  ### SubAgent Assignments
  Task 1: Design auth database schema → AGENT: @agent-django-orm-expert
  Task 2: Implement auth backend logic → AGENT: @agent-django-backend-expert
  Task 3: Create auth API endpoints → AGENT: @agent-django-api-developer
  Task 4: Security review → AGENT: @agent-code-reviewer

  ### Execution Order
  - **Sequential**: Task 1 → Task 2 → Task 3 → Task 4

  ### Available Agents for This Project
  - django-orm-expert: Database schema for User model and tokens
  - django-backend-expert: Auth service layer, JWT handling, password hashing
  - django-api-developer: REST endpoints for login/register/reset
  - code-reviewer: Security audit of auth implementation

  ### Instructions to Main Agent
  - Start with django-orm-expert for the User model and token schema
  - Pass schema output to django-backend-expert for service implementation
  - Pass service details to django-api-developer for API endpoints
  - Finish with code-reviewer for security validation
`

describe('A plan in the form of the seed', () => {
  test('is read whole', () => {
    const task = { paths: [], doneWhen: '', brief: '' }
    expect(read(seed)).toEqual({
      ok: true,
      notes: [],
      places: [7, 8, 9, 10].map(line => ({ line, column: 1 })),
      draft: {
        analysis: [
          'User needs JWT-based authentication with three flows: login, registration, password reset',
          'Django project detected (manage.py, settings.py, requirements.txt with Django)',
          'Django REST Framework already installed',
        ],
        tasks: [
          { ...task, title: 'Design auth database schema', agent: 'django-orm-expert', dependsOn: [] },
          { ...task, title: 'Implement auth backend logic', agent: 'django-backend-expert', dependsOn: [1] },
          { ...task, title: 'Create auth API endpoints', agent: 'django-api-developer', dependsOn: [2] },
          { ...task, title: 'Security review', agent: 'code-reviewer', dependsOn: [3] },
        ],
        agents: [
          { name: 'django-orm-expert', why: 'Database schema for User model and tokens' },
          { name: 'django-backend-expert', why: 'Auth service layer, JWT handling, password hashing' },
          { name: 'django-api-developer', why: 'REST endpoints for login/register/reset' },
          { name: 'code-reviewer', why: 'Security audit of auth implementation' },
        ],
        instructions: [
          'Start with django-orm-expert for the User model and token schema',
          'Pass schema output to django-backend-expert for service implementation',
          'Pass service details to django-api-developer for API endpoints',
          'Finish with code-reviewer for security validation',
        ],
        risks: [],
      },
    })
  })

  test.each([
    ['with CRLF and trailing blanks', seed.split('\n').join('  \r\n')],
    ['in a fence, with words around it', `Please take this one:\n\n\`\`\`markdown\n${seed}\n\`\`\`\nThanks!`],
    [
      'quoted',
      seed
        .split('\n')
        .map(line => `> ${line}`)
        .join('\n'),
    ],
    ['copied from the page, without its markup', seed.replaceAll(/^### |^- |\*\*/gm, '')],
    ['with headings in bold', seed.replaceAll(/^### (.*)$/gm, '**$1:**')],
    [
      'with headings of other levels, numbered and with remarks',
      seed.replaceAll(/^### (.*)$/gm, '## 1. $1 (as agreed) ##'),
    ],
    ['with “Agent Assignments”', seed.replace('SubAgent Assignments', 'Agent Assignments')],
    [
      'with the sentence that tools put there',
      seed.replace(
        'SubAgent Assignments\n',
        'SubAgent Assignments (must use the assigned subagents)\nUse the assigned sub agent for the each task.\n',
      ),
    ],
    ['without @agent-', seed.replaceAll('AGENT: @agent-', 'AGENT: ')],
    ['with another arrow', seed.replaceAll('→', '->')],
    ['with yet another arrow', seed.replaceAll('→', '=>')],
    ['with agents by their files', seed.replaceAll('@agent-', '@agents/specialized/')],
    ['with agents as code', seed.replaceAll(/@agent-[\w-]+/g, '`$&`')],
    ['with agents in bold', seed.replaceAll(/@agent-[\w-]+/g, '**$&**')],
    ['with everything in bold', seed.replaceAll(/^(Task \d:.*) → AGENT: (.*)$/gm, '**$1** → **AGENT:** $2')],
    ['as a list', seed.replaceAll(/^Task \d/gm, '- $&')],
    ['as a list with boxes', seed.replaceAll(/^Task \d/gm, '- [ ] $&')],
    ['as a list with bold numbers', seed.replaceAll(/^Task (\d):/gm, '* **Task $1:**')],
    ['as a numbered list', seed.replaceAll(/^Task (\d):/gm, '$1.')],
    ['with tasks as headings', seed.replaceAll(/^Task \d/gm, '#### $&')],
    ['with the agent on a line below', seed.replaceAll(' → AGENT:', '\n  - AGENT:')],
    ['with the agent below an arrow', seed.replaceAll(' → AGENT:', '\n→ **Agent**:')],
    ['with the agent in parentheses', seed.replaceAll(/ → AGENT: (.*)$/gm, ' (AGENT: $1)')],
  ])('is the same %s', (_, variant) => {
    expect(read(variant).draft).toEqual(read(seed).draft)
  })

  test('says what of the comment is no part of it', () => {
    const around = read(`Please take this one:\n\n\`\`\`\n${seed}\n\`\`\`\nThanks!`)
    expect(around.notes).toEqual(['Left out, as it stands around the plan: “Please take this one:” and more'])
    expect(read(`Take this:\n${seed}\n\n## Why\nBecause.\n`).notes).toEqual([
      'Left out, as it stands outside of the plan: “Take this:”',
      'Left out, as it is no part of a plan: what stands under “Why”',
    ])
  })
})

test('what a task says of itself is read: paths, done when, needs, brief', () => {
  const { draft } = read(text`
    ## Tasks
    Task 1: Design the schema → AGENT: @agent-django-orm-expert (knows migrations)
    - May touch: \`accounts/models.py\`, accounts/migrations/** and Makefile
    - **Done when**: the migrations apply
      to an empty database
    - A custom user model with e-mail login
      - compared without regard to case
    - Needs: nothing

    Task 2: Write the service → AGENT: backend-developer
    Paths:
      - accounts/services.py
      - \`templates/e mails/\`
    Acceptance criteria:
      - [ ] its tests pass
      - [ ] nothing tells who has an account
    Depends on: Task 1 (its models)
    Brief: One class.

    \`\`\`python
    class AuthService: ...
    \`\`\`
    More of it.

    Task 3: Look over it → AGENT: code-reviewer
    - Reads the pull request, writes nothing
    - Needs: tasks 1 and 2
    <details><summary>Brief of task 3</summary>

    Look for \`</details>\` in it.

    ### Execution Order
    </details>
  `)
  expect(draft.tasks).toEqual([
    {
      title: 'Design the schema',
      agent: 'django-orm-expert',
      paths: ['accounts/models.py', 'accounts/migrations/**', 'Makefile'],
      doneWhen: 'the migrations apply to an empty database',
      brief: '- A custom user model with e-mail login\n  - compared without regard to case',
      dependsOn: [],
    },
    {
      title: 'Write the service',
      agent: 'backend-developer',
      paths: ['accounts/services.py', 'templates/e mails/'],
      doneWhen: 'its tests pass; nothing tells who has an account',
      brief: 'One class.\n\n```python\nclass AuthService: ...\n```\nMore of it.',
      dependsOn: [1],
    },
    {
      title: 'Look over it',
      agent: 'code-reviewer',
      paths: [],
      doneWhen: '',
      brief: 'Look for `</details>` in it.\n\n### Execution Order',
      dependsOn: [1, 2],
    },
  ])
})

describe('An execution order says what each task needs:', () => {
  test.each<[string, string[], number[][]]>([
    [
      'the one that tools write',
      [
        '- **Parallel**: Task 1 starts immediately',
        '- **Sequential**: Task 1 → Task 2 → Task 3 → Task 4',
        '- **Parallel**: Tasks 5, 6 after Task 4 (max 2)',
        '- **Sequential**: Task 7 after Tasks 4, 6',
      ],
      [[], [1], [2], [3], [4], [4], [4, 6]],
    ],
    [
      'lines follow one another',
      ['- **Sequential**: Task 1', '- **Parallel**: Task 2, Task 3', '- **Sequential**: Task 4'],
      [[], [1], [1], [2, 3]],
    ],
    [
      'two waves',
      ['- **Parallel**: Tasks [1, 2] (max 2 at once)', '- **Parallel**: Tasks [3, 4] (max 2 at once)'],
      [[], [], [1, 2], [1, 2]],
    ],
    ['after, in parentheses', ['1. Task 1', '2. Tasks 2, 3 (after Task 1)'], [[], [1], [1]]],
    [
      'after in front',
      ['After Task 1, Tasks 2 and 3 can run in parallel', 'Once tasks 2 and 3 are done, Task 4'],
      [[], [1], [1], [2, 3]],
    ],
    ['one sentence', ['Start with Task 1, then Task 2 and 3 in parallel, finally Task 4.'], [[], [1], [1], [2, 3]]],
    ['three sentences', ['Start with Task 1. Then Tasks 2-3 in parallel; finish with Task 4'], [[], [1], [1], [2, 3]]],
    [
      'then',
      ['- **Sequential:** Task 1 then Task 2', '- **Parallel:** Tasks 3 and 4 (if there is time)'],
      [[], [1], [2], [2]],
    ],
    ['each by itself', ['Task 2 after Task 1, Task 3 after Task 1, Task 4 after Tasks 2 & 3'], [[], [1], [1], [2, 3]]],
    [
      'needs',
      ['- Task 1', '- Task 2 needs Task 1', '- Task 3 depends on Task 1', '- Task 4 waits for Task 2 and Task 3'],
      [[], [1], [1], [2, 3]],
    ],
    ['a list in a sequential line', ['- **Sequential**: Tasks 1, 2, 3'], [[], [1], [2]]],
    ['arrows around a group', ['Task 1 -> Tasks 2, 3 -> Task 4'], [[], [1], [1], [2, 3]]],
    ['numbers only', ['**Sequential**: 1 → 2 → 3'], [[], [1], [2]]],
    ['numbers only, in parallel', ['**Parallel**: 1, 2', '**Sequential**: 3'], [[], [], [1, 2]]],
    [
      'lists below their labels',
      ['- **Parallel**:', '  - Task 1', '  - Task 2', '- **Sequential**:', '  1. Task 3', '  2. Task 4'],
      [[], [], [1, 2], [3]],
    ],
    [
      'phases',
      ['**Phase 1 (parallel)**: Tasks 1 and 2', '**Phase 2 (sequential)**: Task 3 → Task 4'],
      [[], [], [1, 2], [3]],
    ],
    ['chains side by side', ['**Parallel**: Task 1 → Task 2 | Task 3 → Task 4'], [[], [1], [], [3]]],
    ['at the same time as', ['Task 1 → Task 2', 'Task 3 in parallel with Task 2', 'Task 4'], [[], [1], [1], [2, 3]]],
    ['any time', ['Task 1 → Task 2', 'Task 3 at any time', 'Task 4 after all'], [[], [1], [], [1, 2, 3]]],
    ['all', ['**Parallel**: all tasks'], [[], [], []]],
    ['none', ['- **Parallel**: none', '- __Sequential__: Task 1 → Task 2'], [[], [1]]],
    ['before', ['Task 1 before Task 2', 'Task 3 before Task 2'], [[], [], [1, 2]]],
  ])('%s', (_, order, dependsOn) => {
    expect(needs(ordered(dependsOn.length, ...order))).toEqual(dependsOn)
  })

  test('without one, what tasks say of themselves counts, and else their sequence', () => {
    const tasks = ['## Agent Assignments', 'Task 1: One → AGENT: a', 'Task 2: Two → AGENT: b', 'Task 3: Six → AGENT: c']
    expect(needs(tasks.join('\n'))).toEqual([[], [1], [2]])
    expect(read(tasks.join('\n')).notes).toEqual(['No order is given, so the tasks follow one another.'])
    expect(needs([...tasks, 'Needs: task 1'].join('\n'))).toEqual([[], [], [1]])
  })

  test('tasks are numbered in the order in which they can be done', () => {
    const { draft, notes } = read(
      ordered(3, 'Task 1 → Task 3 → Task 2').replace('Task 3: Part', 'Task 7: Part').replace('→ Task 3', '→ Task 7'),
    )
    expect(draft.tasks.map(task => [task.title, task.dependsOn])).toEqual([
      ['Part 1', []],
      ['Part 3', [1]],
      ['Part 2', [2]],
    ])
    expect(notes).toEqual(['The tasks are numbered anew, in the order in which they are done; they were 1, 7, 2.'])
  })
})

describe('What can’t be read is told with line and column', () => {
  test('several at once, in the order of the text', () => {
    const broken = text`
      ### Task Analysis
      - A greeter

      ### SubAgent Assignments
      Task 1: Greet louder → AGENT:
      - May touch: the script that greets
      Task 2: Know another word → AGENT: @agent-a and @agent-b
      Task 2: → AGENT: @agent-a
      Task Three: Write a manual → AGENT: @agent-a
      Task 4: Look over it
      - May touch: /etc/passwd
      - Needs: the others

      ### Execution Order
      - Task 1 → Task 9 whereas Task 2
    `
    expect(problems(parsePlanText(broken))).toMatchInlineSnapshot(`
      [
        "5:30 the end of the line | \`→ AGENT: @agent-name\`, one agent for each task",
        "6:14 the script that greets | paths or globs, separated by commas: \`accounts/models.py\`, \`accounts/migrations/**\`",
        "7:45 and @agent-b | \`→ AGENT: @agent-name\`, one agent for each task",
        "8:1 Task 2: → AGENT: @agent-a | a number of its own for each task: task 2 stands on line 7 already",
        "8:9 → AGENT: @agent-a | what the task does: \`Task 1: what is done → AGENT: @agent-name\`",
        "9:1 Task Three: Write a manual → AGENT: @agent-a | \`Task 1: what is done → AGENT: @agent-name\`",
        "10:21 the end of the line | \`→ AGENT: @agent-name\`, one agent for each task",
        "11:14 /etc/passwd | paths or globs, separated by commas: \`accounts/models.py\`, \`accounts/migrations/**\`; this one is absolute; paths start at the repository’s top, without /",
        "12:10 the others | the numbers of tasks: \`task 1\`, \`tasks 1, 2 and 4\`, or \`no other task\`",
        "15:19 whereas | \`Task 1 → Task 2\`, \`Tasks 2, 3 after Task 1\`, or \`Tasks 2, 3 in parallel\`",
      ]
    `)
    expect(problems(parsePlanText(broken, { line: 3, column: 9 }))[0]).toMatch(/^7:30 /)
  })

  const orders = '`Task 1 → Task 2`, `Tasks 2, 3 after Task 1`, or `Tasks 2, 3 in parallel`'
  test.each([
    [
      'a circle',
      ordered(2, 'Task 1 → Task 2 → Task 1'),
      '5:19 task 2, which waits for task 1, which waits for task 2 | an order in which no task waits for itself',
    ],
    ['a word that may mean anything', ordered(3, 'Task 1 whereas Task 2', 'Task 3'), `6:8 whereas | ${orders}`],
    ['a word that turns the meaning', ordered(3, 'Task 1 → Task 2', 'not Task 3'), `7:1 not | ${orders}`],
    [
      'a task without a place',
      ordered(3, 'Task 1 → Task 2'),
      '4:1 task 3, which the execution order doesn’t name | a place in the execution order, or a line `Needs: task 1` or `Needs: no other task` below the task',
    ],
    [
      'an order that contradicts a task',
      ordered(2, 'Task 2 → Task 1').replace('builder\n### E', 'builder\nNeeds: task 1\n### E'),
      '6:10 task 2, which waits for task 1, which waits for task 2 | an order in which no task waits for itself',
    ],
    [
      'a task that is not there',
      ordered(2, 'Task 1 → Tasks 2, 7'),
      '5:10 Tasks 2, 7 | tasks of this plan, by number: 1, 2',
    ],
    [
      'a plan that was cut',
      '### SubAgent Assignments\nTask 1: One → AGENT: a\n_The rest was too long for a comment._\n',
      '3:1 _The rest was too long for a comment._ | the whole plan',
    ],
    [
      'no task',
      '### SubAgent Assignments\n\n### Execution Order\nTask 1',
      '1:1 ### SubAgent Assignments | at least one task, `Task 1: what is done → AGENT: @agent-name`, below `### SubAgent Assignments`',
    ],
    ['too many tasks', ordered(13, 'all tasks'), '14:1 task number 13 of this plan | at most 12 tasks'],
    [
      'a brief that no comment holds',
      `Task 1: One → AGENT: a\nMay touch: x\nBrief: ${'word '.repeat(2000)}`,
      '1:1 a brief of 9999 characters | at most 4,000 characters',
    ],
  ])('%s', (_, source, problem) => {
    expect(problems(parsePlanText(source))).toEqual([problem])
  })

  test('a text made to keep a reader busy is read, too', () => {
    const blanks = ' '.repeat(50_000)
    for (const line of [
      `Task 1: x${blanks}x → AGENT: a${blanks}b`,
      `# x${blanks}x`,
      `**x${blanks}x`,
      `- Needs: 1${blanks}x`,
      `- May touch: ${'(`'.repeat(20_000)}`,
      `Task 1${blanks}x`,
      'AGENT: '.repeat(7_000),
      '→ '.repeat(20_000),
    ])
      for (const heading of ['### SubAgent Assignments', '### Execution Order', '### Task Analysis'])
        expect(parsePlanText(`${heading}\n${line}\n### Task Analysis\n${line}`).ok).toBeDefined()
    expect(parsePlanText(ordered(400, ...Array<string>(2000).fill('Tasks 1-400 → Tasks 1-400'))).ok).toBe(false)
    expect(parsePlanText(ordered(12, ...Array<string>(1500).fill('Tasks 1-12 in parallel'))).ok).toBe(true)
  })
})

describe('A text that is no plan is told apart from a broken plan', () => {
  test.each([
    'use sessions instead of JWT',
    'Task 2: give it to AGENT: @agent-backend-developer instead',
    'Please merge:\n- Task 1: schema\n- Task 2: service',
    '### Execution Order\n- **Parallel**: Task 1, Task 2',
    '## Tasks\n- [ ] write it\n\n## Instructions\nRun it.\n\n## Risks\n- none',
    '### Agent assignments\n\n| Task | Agent |\n| --- | --- |\n| 01 | Cody |',
    'In the task analysis you say Django, but it is Flask. The execution order is wrong, too.',
  ])('%s', source => {
    expect(looksLikePlan(source)).toBe(false)
  })

  test.each([
    seed,
    '### SubAgent Assignments\nTask 1 Do it',
    'Task 1: One → AGENT: a\nTask 2: Two -> @agent-b',
    'Task 1: One → AGENT: a\n- May touch: `x`',
    '### Task Analysis\nnothing\n### Execution Order\nnothing',
  ])('%s', source => {
    expect(looksLikePlan(source)).toBe(true)
  })
})
