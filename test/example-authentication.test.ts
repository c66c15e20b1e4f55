import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { anchorFindings } from '../src/domain/diff-anchor.js'
import { mayTouch } from '../src/domain/path-rules.js'
import type { AgentCard } from '../src/domain/agent.js'
import { checkPlan } from '../src/domain/plan-check.js'
import { PlanDraft, type PlanTask } from '../src/domain/plan.js'
import { Report } from '../src/domain/report.js'
import { Review } from '../src/domain/review.js'
import { planBrief, reviewBrief, taskBrief } from '../src/team/briefs.js'
import { canRunDjango, manage, runPython } from './support/debian-python.js'
import { applySuggestion, conversationsOf, diffOf, linesOf } from './support/example-conversations.js'

/** Prove the seed's example: applying what its transcript says, by hand, gives a Django project that works. */

const {
  folder: example,
  finishOf,
  writesOf,
  applyTo,
  answering,
  conversations,
} = await conversationsOf('authentication')

const scratch = mkdtempSync(join(tmpdir(), 'example-authentication-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const roster: AgentCard[] = [
  ['tech-lead-orchestrator', 'lead'] as const,
  ['django-orm-expert', 'specialist'] as const,
  ['django-backend-expert', 'specialist'] as const,
  ['django-api-developer', 'specialist'] as const,
  ['code-reviewer', 'reviewer'] as const,
].map(([name, role]) => ({ name, role, description: name, universal: false }))

const [title = '', , ...body] = linesOf(join(example, 'issue.md'))
const sources = { issue: { number: 1, title, body: body.join('\n') }, files: [], instructions: [] }

/** The two ways through the transcript: the plan as it comes first, and as it is after a `/revise`. */
const ways = [
  { plan: 'plan', work: ['schema', 'backend', 'api'] },
  { plan: 'revised plan', work: ['schema', 'backend', 'api with a limit on registration'] },
]

beforeAll(() => {
  for (const { plan, work } of ways) {
    cpSync(join(example, 'start'), stage(plan, 0), { recursive: true })
    for (const [index, name] of work.entries()) {
      cpSync(stage(plan, index), stage(plan, index + 1), { recursive: true })
      applyTo(stage(plan, index + 1), name)
    }
  }
})

describe.each(ways)('the transcript, by way of its $plan', ({ plan, work }) => {
  const draft = draftOf(plan)

  test('hands in four tasks for the agents of the seed, in its order, each after the one before', () => {
    expect(checkPlan(draft, roster)).toMatchObject({ ok: true })
    expect(draft.tasks.map(({ title, agent, dependsOn }) => [title, agent, dependsOn])).toEqual([
      ['Design auth database schema', 'django-orm-expert', []],
      ['Implement auth backend logic', 'django-backend-expert', [1]],
      ['Create auth API endpoints', 'django-api-developer', [2]],
      ['Security review', 'code-reviewer', [3]],
    ])
  })

  test.each(work.map((name, index) => ({ name, paths: draft.tasks[index]?.paths ?? [] })))(
    'lets "$name" write exactly what its report names, inside the paths of its task',
    ({ name, paths }) => {
      const written = [...new Set(writesOf(name))].sort()
      expect(Report.parse(finishOf(name)).files).toEqual(written)
      expect(written.filter(path => mayTouch(path, paths, []) !== 'yes')).toEqual([])
      const idle = paths.filter(glob => !written.some(path => mayTouch(path, [glob], []) === 'yes'))
      expect(idle).toEqual([])
    },
  )

  test('anchors the findings on lines of the diff, with a suggestion that changes them', () => {
    const { findings } = Review.parse(finishOf('review'))
    const { inline, body } = anchorFindings(findings, diffOf(stage(plan, 0), stage(plan, 3)))
    expect(
      inline.map(({ path, startLine, line, suggestion }) => ({
        lines: linesOf(join(stage(plan, 3), path)).slice((startLine ?? line) - 1, line),
        suggestion,
      })),
    ).toEqual([
      { lines: ['        user = authenticate(email=email, password=password)'], suggestion: undefined },
      {
        lines: ['        if user is None:', '            raise InvalidCredentials'],
        suggestion: [
          '        if user is None:',
          '            logger.warning("Failed login for %r", email)',
          '            raise InvalidCredentials',
        ],
      },
    ])
    expect(body.map(({ title }) => title)).toEqual(['Consider adding TOTP/2FA support as future enhancement'])
  })
})

describe('each agent finds its own conversation', () => {
  const first = checkedTasks('plan')
  const reports = first
    .slice(0, 3)
    .map((task, index) => ({ task, report: Report.parse(finishOf(ways[0]?.work[index] ?? '')), commit: null }))

  test('the tech lead, when it plans and when it revises', () => {
    const brief = {
      ...sources,
      comments: [],
      stack: { packages: [], parts: [], commands: [], notes: [] },
      moreInstructions: [],
      roster,
      answers: [],
      mayAsk: true,
      neighbours: { pullRequests: [], runs: [] },
    }
    const asked = planBrief({ ...brief, revision: null })
    const revised = planBrief({ ...brief, revision: { plan: JSON.stringify(finishOf('plan')), feedback: 'Use Redis' } })
    expect(answering('lead', 'tech-lead-orchestrator', asked)).toBe('plan')
    expect(answering('lead', 'tech-lead-orchestrator', revised)).toBe('revised plan')
  })

  test.each(ways)('the specialists, by way of the $plan', ({ plan, work }) => {
    const tasks = checkedTasks(plan)
    const whole = { ...draftOf(plan), id: 'a1b2c3', version: 1, tasks, budgetUsd: 5 }
    const specialists = tasks.filter(({ kind }) => kind === 'work')
    const answers = specialists.map((task, index) =>
      answering(
        'specialist',
        task.agent,
        taskBrief({
          ...sources,
          plan: whole,
          task,
          handoffs: reports.slice(0, index),
          named: [],
          commands: [],
          commandsOff: true,
          setup: null,
          again: null,
        }),
      ),
    )
    expect(answers).toEqual(work)
  })

  test('the reviewer, whose brief holds the whole plan and all reports', () => {
    const plan = JSON.stringify(draftOf('revised plan'))
    const brief = reviewBrief({
      ...sources,
      plan,
      tasks: first,
      reports,
      focus: [first[3]?.brief ?? ''],
      areas: [],
      changed: [],
      sensitive: [],
      diff: '',
    })
    expect(answering('reviewer', 'code-reviewer', brief)).toBe('review')
  })
})

describe('the Django project', () => {
  const works = canRunDjango() ? test : test.skip
  const final = stage('plan', 3)

  works(
    'moves a database that is in use from task to task, and passes its own tests before and after each',
    () => {
      const database = join(scratch, 'shop.sqlite3')
      for (const count of [0, 1, 2, 3]) {
        const project = stage('plan', count)
        manage(project, 'makemigrations', { flags: ['--check', '--dry-run'] })
        manage(project, 'migrate', { database })
        expect(manage(project, 'test')).toMatch(/^OK$/m)
      }
      expect(manage(final, 'showmigrations', { database, flags: ['accounts'] })).toBe(
        'accounts\n [X] 0001_custom_user\n [X] 0002_auth_tokens\n',
      )
    },
    300_000,
  )

  works(
    'ends with six endpoints that do what they promise over HTTP',
    () => {
      const said = runPython([join(example, 'verify/drive_endpoints.py'), final])
      expect(said).toContain('All six endpoints do what they promise.')
    },
    180_000,
  )

  works(
    'passes its tests with the limit on registration that a revised plan asks for',
    () => {
      const flags = ['accounts.tests.test_api.RegisterApiTests']
      expect(manage(stage('revised plan', 3), 'test', { flags })).toMatch(/^OK$/m)
    },
    120_000,
  )

  works(
    'still passes its tests once the suggestion of the review is applied',
    () => {
      const finding = Review.parse(finishOf('review')).findings.find(({ suggestion }) => suggestion !== null)
      if (!finding) throw new Error('No finding has a suggestion.')
      const suggested = join(scratch, 'suggested')
      cpSync(final, suggested, { recursive: true })
      applySuggestion(suggested, finding)
      const said = manage(suggested, 'test', { flags: ['accounts.tests.test_services.LoginTests'] })
      expect(said).toContain("Failed login for 'ada@example.com'")
      expect(said).toMatch(/^OK$/m)
    },
    120_000,
  )
})

test('the example names its people, and its issue has a title and a body', () => {
  const description = parse(readFileSync(join(example, 'example.yaml'), 'utf8')) as Record<string, unknown>
  expect(description).toEqual({
    name: 'authentication',
    description: expect.any(String),
    repository: { owner: 'acme', name: 'storefront' },
    people: [
      { login: 'grace', role: 'maintainer', permission: 'write' },
      { login: 'omar', role: 'author', permission: 'read' },
    ],
  })
  expect(title).toBe('Build a JWT authentication system with login, registration, and password reset')
  expect(body.join('\n').length).toBeGreaterThan(100)
})

test('nothing but running commands depends on a tool that may be missing', () => {
  for (const { name, turns } of conversations) {
    for (const { calls, whenTool } of turns) {
      expect({ name, whenTool, runs: calls.some(({ tool }) => tool === 'run') }).toEqual({
        name,
        whenTool: whenTool === undefined ? undefined : 'run',
        runs: whenTool === 'run',
      })
    }
  }
})

/** Where the project is as the first `count` tasks of a plan leave it. */
function stage(plan: string, count: number): string {
  return join(scratch, `${plan.replaceAll(' ', '-')}-${count}`)
}

function draftOf(plan: string): PlanDraft {
  return PlanDraft.parse(finishOf(plan).plan)
}

function checkedTasks(plan: string): PlanTask[] {
  const checked = checkPlan(draftOf(plan), roster)
  if (!checked.ok) throw new Error(checked.problems.join(' '))
  return checked.tasks
}
