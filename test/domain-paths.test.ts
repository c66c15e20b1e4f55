import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { globProblem, matchesGlob, mayTouch, namedProtected } from '../src/domain/path-rules.js'

describe('What a glob of a plan names', () => {
  test.each<[string, string[], string[]]>([
    ['accounts/models.py', ['accounts/models.py'], ['accounts/models.pyc', 'x/accounts/models.py', 'accounts']],
    ['accounts', ['accounts', 'accounts/a.py', 'accounts/b/c.py'], ['accounts2/a.py']],
    ['accounts/', ['accounts/a.py', 'accounts/b/c.py'], ['accounts', 'accounts2/a']],
    ['accounts/**', ['accounts/a.py', 'accounts/b/c.py'], ['accounts', 'x/accounts/a']],
    ['src/*', ['src/a'], ['src/a/b', 'src']],
    ['src/*.py', ['src/a.py', 'src/.py'], ['src/a/b.py', 'src/a.pyc']],
    ['**/*.py', ['a.py', 'a/b/c.py'], ['a.pyc']],
    ['**', ['a', 'a/b', '.env'], []],
    ['a/**/z', ['a/z', 'a/b/z', 'a/b/c/z', 'a/z/file'], ['a/zz']],
    ['./a?c', ['abc'], ['ac', 'a/c', 'abbc']],
    ['pages/[id].tsx', ['pages/[id].tsx'], ['pages/i.tsx']],
    ['{{name}}/x.*', ['{{name}}/x.py'], ['name/x.py']],
    ['a.c', ['a.c'], ['abc']],
    ['*a*b*', ['xaxbx', 'ab'], ['ba']],
  ])('%s', (glob, inside, outside) => {
    for (const path of inside) expect([path, matchesGlob(path, glob)]).toEqual([path, true])
    for (const path of outside) expect([path, matchesGlob(path, glob)]).toEqual([path, false])
  })

  test('is found fast, whatever the glob', () => {
    expect(matchesGlob(`${'a'.repeat(4000)}b`, `${'*a'.repeat(60)}c`)).toBe(false)
    expect(matchesGlob('a/'.repeat(500), `${'**/a/'.repeat(100)}z`)).toBe(false)
  })

  test.each([
    '',
    ' a',
    '/a',
    'C:/a',
    '!a',
    'a\\b',
    '../a',
    'a/../b',
    '.git/config',
    'a/.GIT/x',
    'a//b',
    'a/./b',
    'a**',
    '{a,b}.py',
    'a\nb',
  ])('%j is refused', glob => {
    expect(globProblem(glob)).not.toBeNull()
  })

  test.each(['a', './a', 'a/', '**', '*.py', '.github/**', '{{x}}/y', '[id].ts', 'a b.txt'])('%j is fine', glob => {
    expect(globProblem(glob)).toBeNull()
  })
})

describe('A task may touch', () => {
  test('what its plan names, and nothing else', () => {
    expect(mayTouch('accounts/models.py', ['accounts/**'], [])).toBe('yes')
    expect(mayTouch('settings.py', ['accounts/**'], [])).toBe('outside')
    expect(mayTouch('settings.py', [], [])).toBe('outside')
  })

  test('what is protected only where its plan names the very file, in any case of letters', () => {
    for (const path of ['.github/crew.yml', '.GitHub/x', 'CODEOWNERS', 'docs/codeowners']) {
      for (const globs of [['**'], ['.github/**', 'docs'], ['.github/', 'docs/'], [path.slice(0, -1) + '?']])
        expect([path, globs, mayTouch(path, globs, [])]).toEqual([path, globs, 'protected'])
      expect([path, mayTouch(path, ['src/**', path], [])]).toEqual([path, 'yes'])
    }
    expect(mayTouch('.GITHUB/crew.yml', ['.github/crew.yml'], [])).toBe('protected')
    expect(mayTouch('infra/prod.tf', ['**', 'infra'], ['infra'])).toBe('protected')
    expect(mayTouch('infra/prod.tf', ['./infra/prod.tf'], ['infra'])).toBe('yes')
    expect(mayTouch('infrastructure.md', ['**'], ['infra'])).toBe('yes')
  })

  test('workflows, .gitmodules and git’s own directory never, whatever is named or protected', () => {
    for (const path of [
      '.github/workflows/ci.yml',
      '.GitHub/Workflows/x/y',
      '.gitmodules',
      '.GitModules',
      'a/.git/config',
    ])
      expect([path, mayTouch(path, ['**', path], [])]).toEqual([path, 'never'])
  })

  test('and whatever opens a protected file, the plan shows it with a line of its own', () => {
    const word = fc.constantFrom(
      '.github',
      'CODEOWNERS',
      'docs',
      'infra',
      'crew.yml',
      'a',
      '*',
      '**',
      'CODEOWNER?',
      'Infra',
    )
    const path = fc.array(word, { minLength: 1, maxLength: 4 }).map(words => words.join('/'))
    const glob = fc.tuple(fc.constantFrom('', './'), path, fc.constantFrom('', '/')).map(parts => parts.join(''))
    fc.assert(
      fc.property(path, fc.array(glob, { maxLength: 4 }), (file, globs) => {
        const isProtected = mayTouch(file, ['**'], ['infra']) === 'protected'
        if (isProtected && mayTouch(file, globs, ['infra']) === 'yes')
          expect(namedProtected(globs, ['infra'])).toContain(file)
        else if (isProtected) expect(namedProtected(globs, ['infra'])).not.toContain(file)
      }),
      { numRuns: 2000 },
    )
  })
})
