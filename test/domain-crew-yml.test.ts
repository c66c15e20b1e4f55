import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { crewYmlJsonSchema, parseCrewYml } from '../src/domain/crew-yml.js'

const problems = (text: string): string[] => {
  const result = parseCrewYml(text)
  return result.ok ? [] : result.problems.map(({ key, found, allowed }) => `${key} | ${found} | ${allowed}`)
}

describe('.github/crew.yml', () => {
  test.each([null, '', '# nothing yet\n', '{}', 'models:\n  # lead: …\n'])('%j means every default', text => {
    expect(parseCrewYml(text)).toEqual({
      ok: true,
      config: {
        budget_usd: 10,
        approval: { people: 1, code_owners: false, author_may_approve: true },
        max_parallel: 2,
        models: {
          lead: { model: 'claude-opus-5-5', effort: 'high' },
          specialist: { model: 'claude-sonnet-5-5', effort: 'medium' },
          reviewer: { model: 'claude-opus-5-5', effort: 'high' },
          short_names: {
            opus: 'claude-opus-5-5',
            sonnet: 'claude-sonnet-5-5',
            haiku: 'claude-haiku-5-5',
            fable: 'claude-fable-5-2',
          },
        },
        limits: { turns: 80, minutes: 45, tokens: 5_000_000, usd: 4 },
        protected_paths: [],
        commands: { timeout_seconds: 120 },
      },
    })
  })

  test('a key changes what it names and nothing else', () => {
    const result = parseCrewYml('models: { specialist: { effort: max } }\nprotected_paths: [infra/, "*.lock"]\n')
    expect(result).toMatchObject({
      ok: true,
      config: {
        models: { specialist: { model: 'claude-sonnet-5-5', effort: 'max' }, lead: { effort: 'high' } },
        protected_paths: ['infra/', '*.lock'],
      },
    })
  })

  test.each<[string, string[]]>([
    ['budget_usd: lots', ['budget_usd | "lots" | a number']],
    ['budget_usd: -1', ['budget_usd | -1 | more than 0']],
    ['budget_usd: .inf', ['budget_usd | Infinity | a number']],
    ['max_parallel: 9', ['max_parallel | 9 | at most 8']],
    ['max_parallel: 1.5', ['max_parallel | 1.5 | a whole number']],
    ['models: {lead: {effort: huge}}', ['models.lead.effort | "huge" | one of low, medium, high, xhigh, max']],
    [
      'models: {lead: {temperature: 1}}',
      ['models.lead.temperature | 1 | no such key; the keys here are model, effort'],
    ],
    [
      'modles: {}',
      [
        'modles | {} | no such key; the keys here are budget_usd, budget_usd_per_day, approval, max_parallel, models, limits, protected_paths, commands, setup',
      ],
    ],
    [
      'protected_paths: [/etc, 3]',
      [
        'protected_paths[0] | "/etc" | a path or glob; this one is absolute; paths start at the repository’s top, without /',
        'protected_paths[1] | 3 | a text',
      ],
    ],
    ['setup: {}', ['setup.commands | nothing | a list']],
    ['setup: {commands: []}', ['setup.commands | [] | a list that is not empty']],
    ['setup: {commands: npm ci}', ['setup.commands | "npm ci" | a list']],
    ['setup: {commands: [npm ci], cached_by: []}', ['setup.cached_by | [] | a list that is not empty']],
    [
      'setup: {commands: [npm ci], cached_by: [../x]}',
      ['setup.cached_by[0] | "../x" | a path or glob; this one leaves the repository with ..'],
    ],
    ['- a', ['the file | ["a"] | keys with values']],
    ['budget_usd: 1\nbudget_usd: 2', ['line 2, column 1 | Map keys must be unique | YAML 1.2']],
    [
      'a: &a [x,x]\nb: [*nope]',
      ['the file | Unresolved alias (the anchor must be set before the alias): nope | YAML with few aliases'],
    ],
  ])('%j is told with its key, what was found and what is allowed', (text, expected) => {
    expect(problems(text)).toEqual(expected)
  })

  test('setup names its commands and the hosts that they may reach', () => {
    const text = 'setup: { commands: [npm ci], registries: [packages.example.org, "nexus:8443"], timeout_seconds: 300 }'
    expect(parseCrewYml(text)).toMatchObject({
      ok: true,
      config: {
        setup: {
          commands: ['npm ci'],
          registries: ['packages.example.org', 'nexus:8443'],
          timeout_seconds: 300,
        },
      },
    })
  })

  test.each([
    ...[
      'https://packages.example.org',
      'packages.example.org/',
      '*.example.org',
      '*',
      '',
      'a b',
      'Packages.example.org',
    ],
    ...['127.0.0.1', '10.1.2.3:443', '[::1]', '::1', '0x7f.1', 'host:', 'host:0', '.org', 'a..b', '-a.org', 'org.'],
  ])('%j is no host that setup could be let through to', host => {
    expect(problems(JSON.stringify({ setup: { commands: ['true'], registries: [host] } }))).toEqual([
      expect.stringMatching(
        /^setup\.registries\[0\] \| .* \| the name of one host in lower case, as packages\.example\.org/,
      ),
    ])
  })

  test('aliases that would grow without end are refused', () => {
    const text = ['a: &a [x,x,x,x,x,x,x,x]', 'b: &b [*a,*a,*a,*a,*a,*a,*a,*a]', 'c: [*b,*b,*b,*b,*b,*b,*b,*b,*b]'].join(
      '\n',
    )
    expect(problems(text)).toHaveLength(1)
  })

  test.each(['['.repeat(1000), '- '.repeat(1000) + 'x', '{a: '.repeat(1000)])(
    'a file that nests deeply is not parsed either: the parser’s stack would end the process',
    text => {
      for (let time = 0; time < 5; time++) expect(problems(text)).toHaveLength(1)
    },
  )

  test('a file of megabytes is not even parsed', () => {
    expect(problems(`# ${'x'.repeat(70_000)}`)).toEqual(['the file | 70002 characters | at most 65536 characters'])
  })
})

describe('crew.schema.json', () => {
  test('is the schema by which the App itself reads the file', () => {
    expect(JSON.parse(readFileSync('crew.schema.json', 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(crewYmlJsonSchema())),
    )
  })

  test('takes what the App takes, in an editor', () => {
    const check = new Ajv2020({ strict: false }).compile(crewYmlJsonSchema())
    expect(check(parse('models: { lead: { effort: low } }'))).toBe(true)
    expect(check({})).toBe(true)
    expect(check(parse('models: { lead: { effort: huge } }'))).toBe(false)
    expect(check(parse('modles: {}'))).toBe(false)
  })
})
