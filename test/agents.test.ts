import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import type { Agent } from '../src/domain/agent.js'
import { toMessagesRequest } from '../src/model/messages-request.js'
import type { Ending } from '../src/team/agent-work.js'
import { planBrief } from '../src/team/briefs.js'
import { finishSpec } from '../src/team/ending.js'
import { loadOwnAgents } from '../src/team/load-agents.js'
import { systemPrompt } from '../src/team/prompts.js'
import { toolSpec } from '../src/team/tools.js'

const folder = fileURLToPath(new URL('../agents/', import.meta.url))

/** Who is promised, by the folder of their kind. */
const promised: Record<string, string[]> = {
  orchestrators: ['project-analyst', 'tech-lead-orchestrator'],
  core: [
    'code-archaeologist',
    'code-reviewer',
    'documentation-specialist',
    'performance-optimizer',
    'security-reviewer',
    'test-engineer',
  ],
  universal: ['api-architect', 'backend-developer', 'frontend-developer', 'tailwind-frontend-expert'],
  'specialized/devops': ['devops-engineer'],
  'specialized/django': ['django-api-developer', 'django-backend-expert', 'django-orm-expert'],
  'specialized/dotnet': ['dotnet-expert'],
  'specialized/go': ['go-expert'],
  'specialized/java': ['java-spring-expert'],
  'specialized/laravel': ['laravel-backend-expert', 'laravel-eloquent-expert'],
  'specialized/python': ['python-fastapi-expert', 'python-ml-engineer'],
  'specialized/rails': ['rails-activerecord-expert', 'rails-api-developer', 'rails-backend-expert'],
  'specialized/react': ['react-component-architect', 'react-nextjs-expert'],
  'specialized/rust': ['rust-expert'],
  'specialized/typescript': ['typescript-node-expert'],
  'specialized/vue': ['vue-component-architect', 'vue-nuxt-expert', 'vue-state-manager'],
}

interface AgentFile {
  path: string
  matter: Record<string, unknown>
  body: string
  agent: Agent
}

let files: AgentFile[]

beforeAll(async () => {
  const agents = await loadOwnAgents()
  const paths = (await readdir(folder, { recursive: true })).filter(path => path.endsWith('.md'))
  files = await Promise.all(
    paths.sort().map(async (path): Promise<AgentFile> => {
      const [, matter, body] = (await readFile(join(folder, path), 'utf8')).split(/^---$/m)
      const agent = agents.find(({ source }) => source === `agents/${path}`)
      if (!agent) throw new Error(`agents/${path} was not loaded`)
      return { path, matter: parse(matter ?? '') as Record<string, unknown>, body: body?.trim() ?? '', agent }
    }),
  )
})

/** The paths of the files that break a rule: empty when it holds. */
const breaking = (rule: (file: AgentFile) => boolean): string[] =>
  files.filter(file => !rule(file)).map(({ path }) => path)

describe('the team that comes with the App', () => {
  test('is complete, each agent once, in the folder of its kind', () => {
    const found: Record<string, string[]> = {}
    for (const { path, agent } of files) (found[dirname(path)] ??= []).push(agent.name)
    expect(found).toEqual(promised)
  })

  test('is named as its files are', () => {
    expect(breaking(({ path, agent }) => agent.name === basename(path, '.md'))).toEqual([])
    expect(breaking(({ agent }) => /^[a-z]+(-[a-z]+)*$/.test(agent.name))).toEqual([])
  })

  test('says name, description and tools and nothing else about itself', () => {
    expect(breaking(({ matter }) => Object.keys(matter).join() === 'name,description,tools')).toEqual([])
  })

  test('asks only for tools that exist', () => {
    const known = ['Read', 'Grep', 'Glob', 'Edit', 'Write', 'Bash']
    const asked = ({ matter }: AgentFile): string[] => String(matter['tools']).split(', ')
    expect(breaking(file => asked(file).every(tool => known.includes(tool)))).toEqual([])
    expect(breaking(file => asked(file).length === file.agent.tools.length)).toEqual([])
    expect(breaking(({ body }) => !/\b(WebFetch|WebSearch|TodoWrite|MultiEdit|NotebookEdit|mcp__)/.test(body))).toEqual(
      [],
    )
  })

  test('tells the tech lead in a line or two when to choose whom', () => {
    expect(breaking(({ agent }) => agent.description.length >= 60 && agent.description.length <= 220)).toEqual([])
    expect(breaking(({ agent }) => agent.description.split(/\.\s+(?=[A-Z])/).length <= 2)).toEqual([])
    expect(breaking(({ agent }) => !agent.description.includes('\n'))).toEqual([])
  })

  test('fits into the tech lead’s brief', () => {
    const brief = (roster: Agent[]): string =>
      planBrief({
        issue: { number: 1, title: 'A title', body: 'A body' },
        files: [],
        instructions: [],
        comments: [],
        stack: { packages: [], parts: [], commands: [], notes: [] },
        moreInstructions: [],
        roster,
        revision: null,
        answers: [],
        mayAsk: true,
        neighbours: { pullRequests: [], runs: [] },
      })
    const all = files.map(({ agent }) => agent)
    expect(Buffer.byteLength(brief(all)) - Buffer.byteLength(brief([]))).toBeLessThanOrEqual(7000)
  })

  test('says what it is for, how it works, what it hands on and what it must not do', () => {
    const parts = [
      '**Mission.** ',
      '**How you work**\n\n1. ',
      '**What you hand on**\n\n- ',
      '**What you must not do**\n\n- ',
    ]
    const inOrder = (body: string): boolean => {
      const at = parts.map(part => body.indexOf(part))
      return at[0] === 0 && at.every((place, index) => index === 0 || place > (at[index - 1] ?? 0))
    }
    expect(breaking(({ body }) => inOrder(body))).toEqual([])
    expect(
      breaking(({ agent, body }) => agent.role !== 'specialist' || /^- For the next specialist: /m.test(body)),
    ).toEqual([])
  })

  test('keeps to the size that every turn pays for', () => {
    expect(breaking(({ body }) => Buffer.byteLength(body) >= 1200 && Buffer.byteLength(body) <= 2600)).toEqual([])
    expect(breaking(({ agent }) => fixedPromptBytes(agent) <= 8000)).toEqual([])
  })

  test('has one who plans, one who stands in, and reviewers who can’t write', () => {
    const withRole = (role: Agent['role']) => files.filter(({ agent }) => agent.role === role)
    expect(withRole('lead').map(({ agent }) => agent.name)).toEqual(['tech-lead-orchestrator'])
    expect(files.filter(({ agent }) => agent.universal).map(({ agent }) => agent.name)).toEqual([
      'backend-developer',
      'frontend-developer',
    ])
    const readers = [...withRole('lead'), ...withRole('reviewer')]
    expect(readers.filter(({ agent }) => agent.tools.join() !== 'read_files,search,list_files')).toEqual([])
    // What the loader would take away isn't asked for in the first place.
    expect(readers.filter(({ matter }) => matter['tools'] !== 'Read, Grep, Glob')).toEqual([])
    expect(withRole('specialist').filter(({ agent }) => !agent.tools.includes('write_files'))).toEqual([])
  })

  test('names the code reviewer first among reviewers, who reviews what a plan gives to none', () => {
    const reviewers = files.filter(({ agent }) => agent.role === 'reviewer').map(({ agent }) => agent.name)
    expect(reviewers).toEqual(['code-reviewer', 'security-reviewer', 'project-analyst'])
  })

  test('mentions no colleague who doesn’t exist', () => {
    const names = files.map(({ agent }) => agent.name)
    const mentioned = (text: string): string[] =>
      text.match(
        /\b[a-z]+(?:-[a-z]+)*-(?:expert|developer|architect|manager|reviewer|engineer|specialist|analyst)\b/g,
      ) ?? []
    expect(
      breaking(({ agent, body }) => mentioned(`${agent.description} ${body}`).every(name => names.includes(name))),
    ).toEqual([])
  })

  test('has no two who say the same', () => {
    const shingles = files.map(({ body }) => runsOfWords(body, 8))
    const alike = shingles.flatMap((one, index) =>
      shingles.slice(index + 1).flatMap((other, offset) => {
        const shared = [...one].filter(run => other.has(run)).length / Math.min(one.size, other.size)
        return shared > 0.03
          ? [`${files[index]?.path} and ${files[index + 1 + offset]?.path}: ${shared.toFixed(2)}`]
          : []
      }),
    )
    expect(alike).toEqual([])
  })
})

/** What every turn of an agent begins with, system and tools as they are sent. */
function fixedPromptBytes(agent: Agent): number {
  const endings: Record<Agent['role'], Ending> = {
    lead: { form: 'plan', roster: [], mayAsk: true },
    specialist: { form: 'report' },
    reviewer: { form: 'review' },
  }
  const { system, tools } = toMessagesRequest({
    model: 'claude-sonnet-5-5',
    effort: 'medium',
    maxTokens: 1,
    system: systemPrompt(agent.role, agent),
    tools: [...agent.tools.map(toolSpec), finishSpec(endings[agent.role])],
    messages: [],
  })
  return Buffer.byteLength(JSON.stringify({ system, tools }))
}

function runsOfWords(text: string, length: number): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return new Set(words.slice(length - 1).map((_, index) => words.slice(index, index + length).join(' ')))
}
