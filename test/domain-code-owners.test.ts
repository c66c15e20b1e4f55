import { describe, expect, test } from '@jest/globals'
import { ownersOf, ownersOfGlobs, parseCodeOwners } from '../src/domain/code-owners.js'

/** The example of GitHub's documentation, shortened. */
const documented = parseCodeOwners(`
# This is a comment.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/*  docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
`)

describe('CODEOWNERS', () => {
  test.each([
    ['README.md', ['@global-owner1', '@global-owner2']],
    ['deep/down/in/app.js', ['@js-owner']],
    ['main.go', ['docs@example.com']],
    ['notes.txt', ['@octo-org/octocats']],
    ['build/logs/today', ['@octocat']],
    ['deeply/nested/logs', ['@octocat']],
    ['deeply/nested/logs/today.txt', ['@octocat']],
    ['docs/a.md', ['@doctocat']],
    ['docs/a/b.md', ['@doctocat']],
    ['other/docs/a.md', ['@global-owner1', '@global-owner2']],
    ['other/apps/x/y.md', ['@octocat']],
    ['scripts/run', ['@doctocat', '@octocat']],
    ['apps/main.ts', ['@octocat']],
    ['apps/github', []],
    ['apps/github/main.ts', []],
    ['apps/githubs', ['@octocat']],
  ])('gives %s to %j, the last rule that matches', (path, owners) => {
    expect(ownersOf(path, documented)).toEqual(owners)
  })

  test.each([
    ['docs/*', 'docs/a.md', true],
    ['docs/*', 'docs/build-app/troubleshooting.md', false],
    ['docs/*', 'other/docs/a.md', false],
    ['/*', 'a.md', true],
    ['/*', 'docs/a.md', false],
    ['*', 'docs/a.md', true],
    ['**', 'docs/a.md', true],
    ['/docs', 'docs/a.md', true],
    ['docs', 'other/docs/a.md', true],
    ['src/**/test', 'src/a/b/test/x.ts', true],
    ['src/**/*.ts', 'src/x.ts', true],
    ['/src/**', 'src/a/b', true],
    ['a?.md', 'ab.md', true],
    ['My\\ File.md', 'My File.md', true],
    ['README.MD', 'README.md', false],
    ['/', 'README.md', false],
  ])('%s on %s: %s', (pattern, path, matches) => {
    expect(ownersOf(path, parseCodeOwners(`${pattern} @ann`))).toEqual(matches ? ['@ann'] : [])
  })

  test.each(['!keep.md @ann', '*.[jt]s @ann', '\\#odd @ann', '*.md ann', '*.md @ann/', '# *.md @ann', '   '])(
    'skips the line "%s", which GitHub finds invalid or empty',
    line => {
      expect(parseCodeOwners(`*.md @omar\n${line}`)).toEqual([{ pattern: '*.md', owners: ['@omar'] }])
    },
  )
})

describe('the owners of what a plan may touch', () => {
  const files = ['README.md', 'src/a.ts', 'src/db/schema.sql', 'src/secrets/keys.ts', 'web/index.html']
  const rules = parseCodeOwners('* @all\n/src/ @dev\n*.sql @dba\n/src/secrets/ @acme/security\n/web/\n')
  const owners = (...globs: string[]) =>
    ownersOfGlobs(globs, rules, files).map(group => `${group.owners.join(' ')}: ${group.paths.join(' ')}`)

  test('are those of the files that its globs match', () => {
    expect(owners('README.md')).toEqual(['@all: README.md'])
    expect(owners('src/**')).toEqual(['@dev: src/**', '@dba: src/**', '@acme/security: src/**'])
    expect(owners('web/**')).not.toContain('@all: web/**')
    expect(owners('src/a.ts', 'src/b.ts')).toEqual(['@dev: src/a.ts src/b.ts'])
  })

  test('are those of files that don’t exist yet, too, wherever a rule could be met', () => {
    expect(owners('migrations/0002.sql')).toEqual(['@dba: migrations/0002.sql'])
    expect(owners('migrations/**')).toEqual(['@all: migrations/**', '@dba: migrations/**'])
    expect(ownersOfGlobs(['src/**'], rules, [])).toHaveLength(3)
  })

  test('are nobody where no rule has any, or takes the path from all', () => {
    expect(owners('web/index.html')).toEqual([])
    expect(ownersOfGlobs(['README.md'], [], files)).toEqual([])
  })

  test('are all who own anything there, where a glob matches thousands of files', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => `src/${index}.ts`)
    const found = ownersOfGlobs(['src/**'], rules, many).map(group => group.owners.join(' '))
    expect(found).toEqual(['@all', '@dev', '@dba', '@acme/security'])
  })
})
