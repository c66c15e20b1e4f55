import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { fence, inlineCode } from '../src/domain/code-markdown.js'
import { defusePlain } from '../src/domain/defuse-plain.js'
import { defuse, defuseCell, defuseLine, oneLine } from '../src/domain/defuse.js'
import { withoutClosing } from '../src/domain/message-words.js'
import { effects, outsideCode } from './support/github-eyes.js'

describe('Text of a model’s in a comment', () => {
  test.each([
    ['ask @octocat or @org/team-a', 'ask `@octocat` or `@org/team-a`'],
    ['→ AGENT: @agent-django-orm-expert.', '→ AGENT: `@agent-django-orm-expert`.'],
    ['(@a)(@b)', '(`@a`)(`@b`)'],
    ['@a@b', '`@a` `@b`'],
    ['mail me@example.com', 'mail `me@example.com`'],
    ['\\@octocat &#64;octocat &commat;octocat', '`@octocat` `@octocat` \\&commat;octocat'],
    ['the `@property` decorator', 'the `@property` decorator'],
    ['see #12, GH-12, org/repo#12', 'see `#12`, `GH-12`, `org/repo#12`'],
    ['Fixes #12', 'Fixes issue `#12`'],
    ['closes: org/repo#1', 'closes: issue `org/repo#1`'],
    ['resolved `#12`', 'resolved issue `#12`'],
    ['fixes https://github.com/o/r/issues/12.', 'fixes issue `https://github.com/o/r/issues/12`.'],
    ['fixes [#12](https://x.example/)', 'fixes issue `#12` (`https://x.example/`)'],
    ['since 0f9e8d7c', 'since `0f9e8d7c`'],
    ['org/repo@0f9e8d7c', '`org/repo@0f9e8d7c`'],
    ['a decade of 1234567 defaced', 'a decade of 1234567 defaced'],
    ['[docs](https://github.com/o/r/blob/main/a.py#L3 "hi")', '[docs](https://github.com/o/r/blob/main/a.py#L3)'],
    ['[docs](https://evil.example/x)', 'docs (`https://evil.example/x`)'],
    ['[docs](https://github.com@evil.example/x)', 'docs (`https://github.com@evil.example/x`)'],
    ['[docs](//evil.example)', 'docs (`//evil.example`)'],
    ['![logo](https://evil.example/a.png)', 'logo (`https://evil.example/a.png`)'],
    ['![](https://evil.example/a.png)', '`https://evil.example/a.png`'],
    ['www.evil.example and ftp://x.example/y', '`www.evil.example` and `ftp://x.example/y`'],
    ['see https://github.com/o/r/wiki.', 'see <https://github.com/o/r/wiki>.'],
    ['https://github.com/a<b>', '<https://github.com/a>\\<b>'],
    ['[a]: https://evil.example', '[a\\]: `https://evil.example`'],
    ['[a][b] and [c](d', '[a\\][b] and [c\\](d'],
    ['<img src=x> <!-- issue-crew:plan --> a < b', '\\<img src=x> \\<!-- issue-crew:plan --> a < b'],
    ['&lt;b&gt; &amp;lt; &unknown;', '\\<b> \\&lt; \\&unknown;'],
    ['/approve', '\\/approve'],
    ['# Title', '\\# Title'],
    ['- [ ] do', '- \\[ \\] do'],
    ['> 1. - [x] do', '> 1. - \\[x\\] do'],
    ['- # Title', '- \\# Title'],
    ['@[octocat](https://evil.example) #[12](x)', '@ octocat (`https://evil.example`) # 12 (`x`)'],
    ['@[octocat]() [@]()octocat', '@\\[octocat\\]() \\[@\\]()octocat'],
    ['!![a](https://github.com/a.png)', '\\![a](https://github.com/a.png)'],
    ['\\![a](https://github.com/a)', '\\![a](https://github.com/a)'],
    ['$@octocat$ and $`#12`$', '`$` `@octocat` `$` and `$` `#12` `$`'],
    ['from $5 to $7.50, in $HOME', 'from $5 to $7.50, in `$HOME`'],
    ['$$\n\\phantom{@octocat}\n$$', '`$$`\n\\phantom{`@octocat`}\n`$$`'],
    ['one ` stray', 'one \\` stray'],
    ['`a`@b', '`a` `@b`'],
    ['| `a | @b` |', '| \\`a | `@b`\\` |'],
    ['x\u202Ey\u200B', 'xy'],
    ['**bold** _it_ ~~gone~~ > q', '**bold** _it_ ~~gone~~ > q'],
  ])('%j becomes %j', (text, expected) => {
    expect(defuse(text)).toBe(expected)
  })

  test('A fenced block keeps what it holds, at column one, and always ends', () => {
    expect(defuse('- so:\n  ```python ignore all\n  @property\n  ````x\n```\n@a')).toBe(
      '- so:\n`````python\n@property\n````x\n`````\n`@a`',
    )
    expect(defuse('```suggestion\nx')).toBe('```\nx\n```')
  })

  test('A host can be allowed', () => {
    expect(defuse('https://git.example/a https://github.com/a', { hosts: ['git.example'] })).toBe(
      '<https://git.example/a> `https://github.com/a`',
    )
  })

  test('A cell keeps its table whole, a line stays a line', () => {
    expect(defuseCell('a | b\n@c', 50)).toBe('a \\| b `@c`')
    expect(defuseLine('```js\nx```\n# y', 50)).toBe('```js x``` # y')
    expect(oneLine('a\n b\u200B   c', 4)).toBe('a b…')
    expect(['[ ] done', '# title', '- [x] a'].map(item => defuseLine(item, 50))).toEqual([
      '\\[ \\] done',
      '\\# title',
      '- \\[x\\] a',
    ])
  })

  test('A line is cut by what comes of it, and cut once: given again, it comes back as it is', () => {
    for (const text of [
      '@a @b @c @d @e @f',
      '<a<b<c<d<e<f<g<h',
      'x &nbsp; y &#8203;@z',
      `fixes #1 ${'`'.repeat(30)}`,
    ]) {
      const line = defuseLine(text, 12)
      expect(line.length).toBeLessThanOrEqual(12)
      expect(defuseLine(line, 12)).toBe(line)
    }
  })

  test('A commit message has no effect either, without Markdown', () => {
    expect(defusePlain('Fix @a, fixes #12 and o/r#3\nGH-4 https://github.com/o/r/issues/5', 200)).toBe(
      'Fix @ a, fixes no. 12 and o/r no. 3 no. 4 o/r no. 5',
    )
    expect(defusePlain('x'.repeat(80), 10)).toBe('xxxxxxxxx…')
  })

  test.each([
    ['@\u200Bocto, fixes #\u206012, GH-\u00AD4', '@ octo, fixes no. 12, no. 4'],
    ['@<!-- -->octo fixes #<!<!---->--12', '@ octo fixes no. 12'],
    ['see https://evil.example/x, www.evil.example', 'see evil.example/x, evil.example'],
    ['hhttp://ttps://evil.example', 'evil.example'],
    ['Add it [skip ci] [ci-skip][No CI] ***NO_CI***', 'Add it (skip ci) (ci-skip)(No CI) NO_CI'],
    ['skip-checks: true', 'skip checks: true'],
    ['[WIP] [no change] skips nothing', '[WIP] [no change] skips nothing'],
  ])('in a commit message %j becomes %j', (text, expected) => {
    expect(defusePlain(text, 200)).toBe(expected)
  })
})

test('the text of a squashed commit closes nothing, inside of code neither', () => {
  expect(withoutClosing('`Fixes #1`, closed o/r#2 resolves: https://github.com/o/r/issues/3, fix GH-4')).toBe(
    '`Fixes issue #1`, closed issue o/r#2 resolves: issue https://github.com/o/r/issues/3, fix issue GH-4',
  )
  expect(withoutClosing('fixes it, close to #1, prefix #1')).toBe('fixes it, close to #1, prefix #1')
})

/** What must not stand unescaped outside of code. */
const markup: RegExp[] = [
  /(?<!\\)<(?!https:\/\/github\.com)[A-Za-z/!?]/,
  /(?<!\\)\]\((?!https:\/\/github\.com)/,
  /(?<!\\)\]:/,
  /^\/[a-z]/m,
  /(?<!\\)!\[[^\]]*\]\(/,
  /\$(?!\d)/,
  /^\s*(?:>\s*)*(?:(?:[-*+]|\d+[.)])\s+)+\[[ xX]\]\s/m,
]

describe('Whatever a model writes', () => {
  const part = fc.constantFrom(
    '@octocat',
    '@org/team',
    '\\@a',
    '&#64;b',
    '#12',
    'o/r#3',
    'GH-4',
    'fixes ',
    'Closes: ',
    '`',
    '``',
    '```',
    '\n',
    '\\',
    '<b>',
    '<!--',
    '-->',
    '|',
    '[',
    ']',
    '(',
    ')',
    '[x](',
    'https://evil.example/',
    'https://github.com/o/r/issues/1',
    'www.x.example',
    ' ',
    '/approve',
    '- ',
    '> ',
    '&',
    'amp;',
    '#',
    '64;',
    'c',
    '~~~',
    '"',
    '!',
    ':',
    '\u200B',
    '\u{E0041}',
    '@',
    'octocat',
    '12',
    'GH-',
    'https:',
    '//',
    'github.com/o/r/wiki',
    '[skip',
    ' ci]',
    '$',
    '- [ ] ',
  )
  const text = fc.oneof(
    fc.array(part, { maxLength: 14 }).map(parts => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 60 }),
  )

  test('it mentions nobody, refers to nothing, closes nothing and links nowhere', () => {
    fc.assert(
      fc.property(text, written => {
        const safe = defuse(written)
        const rest = outsideCode(safe)
        for (const effect of effects) expect(rest).not.toMatch(effect)
        const raw = outsideCode(safe, () => '%', '%')
        for (const kind of markup) expect(raw).not.toMatch(kind)
      }),
      { numRuns: 1500 },
    )
  })

  test('defusing it again changes nothing', () => {
    fc.assert(
      fc.property(text, written => {
        const once = defuse(written)
        expect(defuse(once)).toBe(once)
      }),
      { numRuns: 1500 },
    )
  })

  test('as a code span or a block it cannot end that', () => {
    fc.assert(
      fc.property(text, written => {
        if (written.trim() !== '') expect(outsideCode(inlineCode(written.replace(/[\n\r]/g, ' '))).trim()).toBe('')
        expect(outsideCode(fence(written.replaceAll('\r', ''))).trim()).toBe('')
      }),
      { numRuns: 1000 },
    )
  })

  test('in a commit message it mentions and closes nothing', () => {
    fc.assert(
      fc.property(text, written => {
        const plain = defusePlain(written, 200)
        for (const effect of effects.slice(0, 5)) expect(plain).not.toMatch(effect)
        expect(plain).not.toMatch(/\n|:\/\/|<!--|\[(?:skip|no) ci\]/)
      }),
      { numRuns: 1000 },
    )
  })

  test('the longest comment takes no time to speak of', () => {
    for (const piece of [
      'a-',
      '[',
      '](',
      '[a](b "',
      '@',
      '\\',
      '`',
      '` ``',
      '&',
      'a.',
      '#',
      'www.',
      '<',
      '0',
      '~',
      'a://',
    ])
      defuse(piece.repeat(65_536 / piece.length))
  })
})
