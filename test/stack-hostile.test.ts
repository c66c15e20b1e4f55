import { describe, expect, test } from '@jest/globals'
import { detectStack } from '../src/domain/stack/detect-stack.js'
import { wantedFiles } from '../src/domain/stack/wanted-files.js'

/** Detects with the same text in every file that is wanted. */
const withTexts = (paths: string[], text: (path: string) => string | null) =>
  detectStack(paths, new Map(wantedFiles(paths).map(path => [path, text(path)])))

const readable = [
  'package.json',
  'package-lock.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'pyproject.toml',
  'poetry.lock',
  'requirements.txt',
  'Pipfile',
  'Pipfile.lock',
  'setup.py',
  'setup.cfg',
  'environment.yml',
  'Gemfile',
  'Gemfile.lock',
  'a.gemspec',
  'composer.json',
  'composer.lock',
  'go.mod',
  'Cargo.toml',
  'Cargo.lock',
  'pom.xml',
  'build.gradle',
  'gradle/libs.versions.toml',
  'gradle.lockfile',
  'A.csproj',
  'Directory.Packages.props',
  'packages.lock.json',
  'mix.exs',
  'mix.lock',
  'pubspec.yaml',
  'Makefile',
  'justfile',
  'Taskfile.yml',
  'tox.ini',
  'docker-compose.yml',
  '.github/workflows/ci.yml',
  '.tool-versions',
  '.ruby-version',
  'tsconfig.json',
  'vite.config.ts',
  'settings.py',
]
const size = 250_000
const nasty: [string, string][] = [
  ['brackets', '['.repeat(size)],
  ['braces and quotes', '{"a":'.repeat(size / 5)],
  ['elements', '<a>'.repeat(size / 3)],
  ['line breaks', '\n'.repeat(size)],
  ['blanks', ' '.repeat(size)],
  ['opened comments', '/*'.repeat(size / 2)],
  ['backticks and quotes', `'"\``.repeat(size / 3)],
  ['one long word', 'implementation'.repeat(size / 14)],
  ['a lot of requirements', 'gem "a", "1", "2"\n'.repeat(size / 18)],
  [
    'aliases on aliases',
    `a: &a [x,x]\n${Array.from({ length: 30 }, (_, n) => `b${n}: &b${n} [${n ? `*b${n - 1},*b${n - 1}` : '*a,*a'}]`).join('\n')}`,
  ],
  ['entities on entities', '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><project>&b;</project>'],
  [
    'names of the language’s own',
    '{"__proto__": {"x": 1}, "dependencies": {"__proto__": "1", "constructor": "2"}, "scripts": {"__proto__": "x"}}',
  ],
  [
    'values of other kinds',
    '{"name": 3, "dependencies": ["react"], "scripts": {"test": {}}, "workspaces": "x", "engines": [], "packages": null}',
  ],
]

describe('A repository can’t harm who looks at it', () => {
  test.each(nasty)('with files full of %s', (_, text) => {
    const stack = withTexts(readable, () => text)
    expect(JSON.stringify(stack).length).toBeLessThan(200_000)
    expect(Object.prototype).not.toHaveProperty('x')
  })

  test('files that are no text, or too large, are named and not read', () => {
    const stack = withTexts(['package.json', 'requirements.txt', 'package-lock.json'], path =>
      path === 'package.json' ? null : path === 'requirements.txt' ? 'django\n'.repeat(100_000) : 'x'.repeat(5_000_000),
    )
    expect(stack.notes).toEqual([
      'package.json is too large, or no text',
      'requirements.txt is too large, or no text',
      'package-lock.json is too large, or no text',
    ])
    expect(stack.parts.map(({ name }) => name)).not.toContain('Django')
  })

  test('evidence is short and printable, whatever a file holds', () => {
    const text = `{"name": "a", "dependencies": {"react": "^18\\u202e\\u0000${'9'.repeat(500)}"}, "scripts": {"test": "jest\\nrm -rf\\u001b[31m"}}`
    const { parts, commands } = withTexts(['package.json', 'src/a.jsx'], () => text)
    for (const what of [...parts.flatMap(({ evidence }) => evidence), ...commands.map(({ source }) => source)].map(
      one => one.what,
    )) {
      expect(what).toMatch(/^[\x20-\x7e]{1,80}$/)
    }
    expect(parts.find(({ name }) => name === 'React')?.version).toMatch(/^[\x20-\x7e]{1,40}$/)
  })

  test('of a huge tree only so many files are wanted, the nearest to the top first, and the rest is said', () => {
    const paths = Array.from(
      { length: 30_000 },
      (_, n) =>
        [
          `packages/p${n % 500}/package.json`,
          `packages/p${n % 500}/vite.config.ts`,
          `packages/p${n % 500}/src/d${n}/main.tsx`,
        ][n % 3] ?? '',
    )
    const tree = [
      ...new Set([...paths, 'package.json', 'package-lock.json', ...paths.map(path => `node_modules/x/${path}`)]),
    ]
    const wanted = wantedFiles(tree)
    expect(wanted.length).toBeLessThanOrEqual(240)
    expect(wanted[0]).toBe('package.json')
    expect(wanted.filter(path => path.includes('node_modules'))).toEqual([])
    const stack = detectStack(
      tree,
      new Map(wanted.map(path => [path, '{"name": "x", "dependencies": {"react": "^18"}}'])),
    )
    expect(stack.notes.at(-1)).toMatch(/^\d+ more manifests were not read$/)
    expect(JSON.stringify(stack).length).toBeLessThan(200_000)
  })
})
