import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { defuse, defuseLine } from '../src/domain/defuse.js'
import { parsePlanText } from '../src/domain/plan-text/parse-plan-text.js'
import { type AgentCard, checkPlan } from '../src/domain/plan-check.js'
import { type Plan, PlanDraft, planLimits } from '../src/domain/plan.js'
import { cutBesideNote } from '../src/domain/say/cut-to.js'
import { type PlanView, renderPlan } from '../src/domain/say/plan-comment.js'

const roster: AgentCard[] = [
  { name: 'django-orm-expert', description: 'models', role: 'specialist', universal: false },
  { name: 'backend-developer', description: 'anything', role: 'specialist', universal: true },
  { name: 'code-reviewer', description: 'reviews', role: 'reviewer', universal: false },
]

/** Pieces of what models write and of what a plan's text is made of, so that they meet in every order. */
const piece = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      ...[
        '→ AGENT: x',
        '-> agent: @agent-y',
        'AGENT:',
        '→',
        '`',
        '``',
        '`a, b`',
        '**',
        '__',
        '@bob',
        '@agent-x',
        '#12',
        'fixes #3',
      ],
      ...[
        'Task 1: again',
        'Task 2',
        '### Execution Order',
        '**Risks**',
        '---',
        '- ',
        '1. ',
        '> ',
        '[ ] ',
        '(in place of `x`)',
      ],
      ...[
        '<details>',
        '</details>',
        '<summary>x</summary>',
        '<!-- x -->',
        '```',
        '```js',
        '~~~',
        '&nbsp;',
        '&#8203;',
        '&lt;b&gt;',
      ],
      ...[
        'May touch: `x`',
        'Done when:',
        'Needs: task 1',
        'Stack: none',
        'Note',
        '\\',
        '|',
        '/approve',
        'https://x.example/a',
        '\u200b',
      ],
      ...[
        'Reads the pull request, writes nothing',
        'Sequential',
        '_The rest was too long',
        '  ',
        'x: y',
        ', ',
        ' and ',
        'none',
        '…',
      ],
    ),
  },
)
const line = (max: number) =>
  fc
    .array(piece, { minLength: 1, maxLength: 6 })
    .map(pieces => pieces.join(' ').slice(0, max))
    .filter(text => text.trim() !== '')
const lines = fc.array(
  fc.oneof(line(200), fc.constantFrom('', '```', '    indented', '- item', '</details>', '# Heading')),
  {
    minLength: 1,
    maxLength: 8,
  },
)
const path = fc.oneof(
  fc.constantFrom(
    'accounts/**',
    'accounts/models.py',
    '.github/crew.yml',
    'CODEOWNERS',
    'app/[id]/(group)/page.tsx',
    'Makefile',
    'none',
    'a b, c.txt',
    'x`y',
    '`',
    '-',
    '{{name}}/*',
    'nothing',
    'task 1',
  ),
  fc
    .array(fc.stringMatching(/^[\w().,;@#$%^&+='`"~ -]{1,8}$/), { minLength: 1, maxLength: 3 })
    .map(parts => parts.join('/')),
)

const drafts = fc
  .array(
    fc.record({
      title: fc
        .tuple(fc.constantFrom('Add', 'Mend', 'x'), line(90))
        .map(([verb, rest]) => `${verb} ${rest}`.slice(0, planLimits.title)),
      agent: fc.constantFrom(
        'django-orm-expert',
        '@agent-Django ORM Expert',
        'backend-developer',
        'react-expert',
        'code-reviewer',
      ),
      insteadOf: fc.constantFrom(undefined, 'vue-state-expert', 'django-orm-expert'),
      paths: fc.array(path, { minLength: 1, maxLength: 5 }),
      doneWhen: line(planLimits.doneWhen),
      brief: lines.map(all => all.join('\n')).filter(text => text.trim() !== ''),
      dependsOn: fc.array(fc.nat(), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .chain(tasks =>
    fc.record({
      analysis: fc.array(line(300), { minLength: 1, maxLength: 3 }),
      tasks: fc.constant(
        tasks.map((task, index) => ({
          ...task,
          title: `${index}${task.title}`.slice(0, planLimits.title),
          dependsOn: index === 0 ? [] : task.dependsOn.map(number => (number % index) + 1),
        })),
      ),
      agents: fc.array(fc.record({ name: fc.constantFrom('django-orm-expert', 'code-reviewer'), why: line(200) }), {
        maxLength: 2,
      }),
      instructions: fc.array(line(200), { maxLength: 3 }),
      risks: fc.array(line(200), { maxLength: 2 }),
    }),
  )

/** A plan as the App would post it, or null where it would send the draft back. */
function planOf(draft: PlanDraft): Plan | null {
  const checked = checkPlan(draft, roster, { unknownAgent: 'universal' })
  return checked.ok ? { ...draft, id: '3f9a1c2d4e', version: 1, tasks: checked.tasks, budgetUsd: 10 } : null
}

const render = (plan: Plan, previous: Plan | null = null, view: Partial<PlanView> = {}): string =>
  renderPlan({
    plan,
    previous,
    notices: ['[Pull request 4](https://github.com/acme/shop/pull/4) is still open.'],
    stack: {
      packages: [{ path: '', name: null }],
      parts: [
        {
          name: 'Django',
          kind: 'framework',
          package: '',
          version: '>=3.2',
          confidence: 'high',
          evidence: [
            { file: 'requirements.txt', what: 'django >=3.2' },
            { file: 'manage.py', what: 'DJANGO_SETTINGS_MODULE' },
          ],
        },
        {
          name: 'Python',
          kind: 'language',
          package: '',
          version: null,
          confidence: 'high',
          evidence: [{ file: 'requirements.txt', what: 'manifest' }],
        },
      ],
      commands: [
        { kind: 'test', command: 'python manage.py test', source: { file: 'manage.py', what: 'script' }, package: '' },
      ],
      notes: [],
    },
    read: { commit: 'c0ffee1234567890', branch: 'main', files: ['manage.py'], issueDigest: '0a1b2c3d', comments: 1 },
    instructions: ['AGENTS.md'],
    agentProblems: [{ file: '.claude/agents/x.md', problem: 'has no description' }],
    hidden: [{ what: 'HTML comment', where: 'line 3' }],
    notes: ['Task 1 may touch every file of the repository.'],
    spentUsd: 0.1,
    ...view,
  })

/** Its reviews keep no paths, and its titles are trimmed: what the plan says, in the form of a draft. */
const facts = (plan: Plan) => plan.tasks.map(({ agent, paths, dependsOn }) => ({ agent, paths, dependsOn }))
const read = (text: string): PlanDraft => {
  const reading = parsePlanText(text)
  if (!reading.ok) throw new Error(`${JSON.stringify(reading.problems, null, 1)}\n${text}`)
  return reading.draft
}

describe('A plan comment, read as a plan', () => {
  test('is the same plan: tasks, agents, paths and dependencies; and each text as it was rendered, from then on', () => {
    let held = 0
    fc.assert(
      fc.property(drafts, draft => {
        expect(PlanDraft.safeParse(draft).success).toBe(true)
        const plan = planOf(draft)
        if (!plan) return
        held++
        const first = read(render(plan))
        expect(first.tasks.map(({ agent, paths, dependsOn }) => ({ agent, paths, dependsOn }))).toEqual(facts(plan))
        expect(first.tasks.map(task => task.title)).toEqual(plan.tasks.map(task => defuseLine(task.title, 200)))
        expect(first.tasks.map(task => task.doneWhen)).toEqual(plan.tasks.map(task => defuseLine(task.doneWhen, 1600)))
        expect(first.tasks.map(task => defuse(task.brief))).toEqual(first.tasks.map(task => task.brief))
        expect(first.analysis).toEqual(plan.analysis.map(text => defuseLine(text, 600)).filter(text => text !== ''))

        const again = planOf(first)
        if (!again) throw new Error('what was rendered does not hold')
        expect({ ...again, tasks: facts(again) }).toEqual({ ...plan, ...first, tasks: facts(plan) })
        const second = render(again, plan)
        expect(read(second)).toEqual(first)
      }),
      { numRuns: 150 },
    )
    expect(held).toBeGreaterThan(30)
  })

  test('is shown whole, whatever else there is to tell; and is none where it can’t be', () => {
    const longPlan = (brief: string): Plan | null =>
      planOf({
        analysis: ['x'],
        tasks: Array.from({ length: planLimits.tasks }, (_, index) => ({
          title: `Part ${index + 1}`,
          agent: 'backend-developer',
          paths: [`part-${index + 1}/**`],
          doneWhen: 'it speaks',
          brief,
          dependsOn: [],
        })),
        agents: [],
        instructions: [],
        risks: [],
      })
    const brief = 'Say it in every language. '.repeat(145).trim()
    const plan = longPlan(brief)
    if (!plan) throw new Error('does not hold')
    const text = render(plan, null, { notes: Array.from({ length: 200 }, (_, index) => `${index} `.repeat(100)) })
    expect(text.length).toBeLessThanOrEqual(60_000)
    expect(text).toContain('**Shall I proceed?**')
    expect(text).toContain(cutBesideNote)
    expect(read(text).tasks.map(task => task.brief)).toEqual(plan.tasks.map(() => brief))
    expect(longPlan(`${brief} ${'<'.repeat(2)} ${'<a'.repeat(150)}`)).toBeNull()
  })
})
