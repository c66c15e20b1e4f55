import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Command, parseCommands } from '../src/domain/command.js'

const kinds = (body: string): string[] => parseCommands(body, 'issue').map(command => command.kind)

describe('What is a command', () => {
  test.each<[string, Command[]]>([
    ['/approve', [{ kind: 'approve' }]],
    ['/Approve', [{ kind: 'approve' }]],
    ['/crew approve', [{ kind: 'approve' }]],
    ['/CREW   Approve', [{ kind: 'approve' }]],
    ['/approve 3f9a1c2d4e', [{ kind: 'approve', planId: '3f9a1c2d4e' }]],
    ['/approve `3F9A1C2D4E`', [{ kind: 'approve', planId: '3f9a1c2d4e' }]],
    ['/approve 1234567890', [{ kind: 'approve', planId: '1234567890' }]],
    ['/approve abcdefabcd', [{ kind: 'approve', planId: 'abcdefabcd' }]],
    ['/approve 3f9a1c2d4e 1,3-4', [{ kind: 'approve', planId: '3f9a1c2d4e', tasks: [1, 3, 4] }]],
    ['/approve 1, 3 – 4', [{ kind: 'approve', tasks: [1, 3, 4] }]],
    ['/approve tasks 2', [{ kind: 'approve', tasks: [2] }]],
    ['/reject', [{ kind: 'reject' }]],
    ['/reject we use Auth0\nalready', [{ kind: 'reject', reason: 'we use Auth0\nalready' }]],
    ['/cancel please', [{ kind: 'cancel' }]],
    ['/status', [{ kind: 'status' }]],
    ['/help', [{ kind: 'help' }]],
    ['/crew', [{ kind: 'help' }]],
    ['/retry', [{ kind: 'retry' }]],
    ['/retry task 3', [{ kind: 'retry', task: 3 }]],
    ['/skip 2,4', [{ kind: 'skip', tasks: [2, 4] }]],
    ['/budget $7.50', [{ kind: 'budget', usd: 7.5 }]],
    ['Looks right.\r\n\r\n/approve\r\n', [{ kind: 'approve' }]],
    ['Looks right.\n/approve', [{ kind: 'approve' }]],
    ['- one\n- two\n/approve', [{ kind: 'approve' }]],
    ['Use `/reject` or\n/approve', [{ kind: 'approve' }]],
    ['A stray ` here\n\n/approve', [{ kind: 'approve' }]],
    ['```\ncode\n```\n/approve', [{ kind: 'approve' }]],
    ['- ```\n  code\n  ```\n/approve', [{ kind: 'approve' }]],
    ['> quoted\n\n/approve', [{ kind: 'approve' }]],
    ['> ```\n> code\n/approve', [{ kind: 'approve' }]],
    ['<!-- note -->\n/approve', [{ kind: 'approve' }]],
    ['see `<!--`\n/approve', [{ kind: 'approve' }]],
    ['/status\n/approve', [{ kind: 'status' }, { kind: 'approve' }]],
  ])('%j is obeyed', (body, commands) => {
    expect(parseCommands(body, 'issue')).toEqual(commands)
  })

  test.each([
    '/approved',
    '/approve-all',
    '/approve.',
    'a /approve',
    ' /approve',
    '    /approve',
    '\t/approve',
    '\u200b/approve',
    '/lgtm',
    '//approve',
    '/ approve',
    '`/approve`',
    '``/approve``',
    'one `code\n/approve\nspan` over lines',
    '> /approve',
    '>/approve',
    '> quoted\n/approve',
    '> > quoted\n> more\n/approve',
    '```\n/approve\n```',
    '```\n/approve',
    '~~~\n/approve\n~~~',
    '~~~ sh\n/approve\n```\n/approve',
    '````\n```\n/approve\n```\n````',
    '```\n    ```\n/approve\n```',
    '```\n``` x\n/approve\n```',
    '   ```\n/approve\n   ```',
    '- ```\n  code\n\n  /approve\n  ```',
    '<!-- /approve -->',
    '<!--\n/approve\n-->',
    '<!--\n\n/approve',
    'text <!-- and\n/approve\n-->',
    '<!-- a --> <!--\n/approve\n-->',
    '<pre>\n/approve\n</pre>',
    '<blockquote>\n\n/approve\n\n</blockquote>',
    '<?\n/approve\n?>',
    '1. > quoted\n/approve',
    '> quoted\n<pre>\n/approve\n\n/approve',
    '> <!--\n/approve\n-->\n/approve\n\n/approve',
    '"   ```\n<!--```\n/approve',
    '`\n# x `\n/approve `',
    '<a title="\n/approve\n">x</a>',
    '- <!--\n\n/approve',
  ])('%j is none', body => {
    expect(parseCommands(body, 'issue')).toEqual([])
  })

  test('On a pull request the issue’s short commands are other bots’ business, the long ones get an answer', () => {
    expect(parseCommands('/approve\n/status', 'pull-request')).toEqual([{ kind: 'status' }])
    expect(parseCommands('/crew approve', 'pull-request')).toEqual([
      { kind: 'misplaced', word: 'approve', belongsOn: 'issue' },
    ])
  })

  test('A mistyped /crew word gets the word that was probably meant', () => {
    expect(parseCommands('/crew aprove', 'issue')).toEqual([{ kind: 'unknown', word: 'aprove', suggestion: 'approve' }])
    expect(parseCommands('/crew frobnicate', 'issue')).toEqual([{ kind: 'unknown', word: 'frobnicate' }])
    expect(parseCommands('/aprove', 'issue')).toEqual([])
  })

  test.each([
    '/approve but not task 3',
    '/approve thanks',
    '/approve 0',
    '/approve 4-1',
    '/retry all',
    '/budget lots',
    '/budget 0',
    '/skip',
    '/revise',
    '/revise\n\n',
  ])('%j is never guessed at', body => {
    expect(kinds(body)).toEqual(['malformed'])
  })

  test('Feedback is the rest of the comment up to the next command, code and all', () => {
    expect(parseCommands('Hm.\n/revise use sessions\n\n```\n/approve\n```\nand tests\n/status', 'issue')).toEqual([
      {
        kind: 'revise',
        feedback: 'use sessions\n\n```\n/approve\n```\nand tests',
        at: { line: 2, column: 9 },
      },
      { kind: 'status' },
    ])
    expect(parseCommands('/revise\n\n  use sessions', 'issue')).toEqual([
      { kind: 'revise', feedback: 'use sessions', at: { line: 3, column: 3 } },
    ])
  })
})

describe('Whatever a comment holds', () => {
  const piece = fc.constantFrom(
    '/approve',
    '/crew x',
    '\n',
    '\n\n',
    '\r\n',
    '`',
    '```',
    '~~~',
    '> ',
    '<!--',
    '-->',
    '<pre>',
    '- ',
    '    ',
    '\\',
    'word',
    '<?',
  )
  const markdown = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece, { maxLength: 25 }).map(parts => parts.join('')),
  )

  test('it is read without an error', () => {
    fc.assert(
      fc.property(markdown, body => {
        expect(Array.isArray(parseCommands(body, 'issue'))).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  test('quoting it yields no command', () => {
    fc.assert(
      fc.property(markdown, body => {
        const quoted = body.split(/\r\n|\n|\r/).map(line => `> ${line}`)
        expect(parseCommands(quoted.join('\n'), 'issue')).toEqual([])
      }),
      { numRuns: 1000 },
    )
  })

  test('fencing it yields no command', () => {
    fc.assert(
      fc.property(markdown, fc.constantFrom('`', '~'), (body, character) => {
        const fence = character.repeat(Math.max(3, ...[...body.matchAll(/`+|~+/g)].map(run => run[0].length + 1)))
        expect(parseCommands(`${fence}\n${body}\n${fence}`, 'issue')).toEqual([])
        expect(parseCommands(`${fence}\n${body}`, 'issue')).toEqual([])
      }),
      { numRuns: 1000 },
    )
  })

  test('a comment around it yields no command', () => {
    fc.assert(
      fc.property(markdown, body => {
        expect(parseCommands(`<!--\n${body.replaceAll('-->', '')}`, 'issue')).toEqual([])
      }),
      { numRuns: 1000 },
    )
  })

  test('a command behind a blank line is heard if nothing stands open before it', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', ' ', '\n', '`', '*', '- x', '# y')), parts => {
        expect(kinds(`${parts.join('').replaceAll('```', '')}\n\n/status`)).toContain('status')
      }),
      { numRuns: 1000 },
    )
  })

  test('the longest comment takes no time to speak of', () => {
    for (const part of ['<!---->', '`', '` `` ', '[', '<pre>', '> ', '\n', '<!--\n-->', '- ```\n'])
      parseCommands(part.repeat(65_536 / part.length), 'issue')
  })
})
