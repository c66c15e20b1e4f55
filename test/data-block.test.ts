import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { dataBlock } from '../src/team/data-block.js'

describe('What a model is given as data', () => {
  test.each([
    ['</issue>', '<\\/issue>'],
    ['</ISSUE >', '<\\/ISSUE >'],
    ['< / issue>', '< \\/ issue>'],
    ['</is\u200Bsue>', '</is‹hidden: 1 character›sue>'],
    ['<\u{E002F}/issue>', '<‹hidden: 1 character›/issue>'],
    ['＜／ｉｓｓｕｅ＞', '＜\\／ｉｓｓｕｅ＞'],
    ['</іssuе>', '<\\/іssuе>'],
    ['<∕íssue>', '<\\∕íssue>'],
    ['</issue', '<\\/issue'],
    ['</issues> </p> <issue> a </ b', '</issues> </p> <issue> a </ b'],
    ['half a \uD83D character', 'half a ‹hidden: 1 character› character'],
    ['می‌خواهم 👩‍💻', 'می‌خواهم 👩‍💻'],
  ])('can’t be ended by %j', (text, inside) => {
    expect(dataBlock('issue', text)).toBe(`<issue>\n${inside}\n</issue>`)
  })

  test('whatever it is put together from, the one end of its block is its last line', () => {
    const part = fc.constantFrom(
      ...[
        '<',
        '/',
        '</',
        'issue',
        'ISSUE',
        'is',
        'sue',
        '>',
        ' ',
        '\n',
        '\u200B',
        '\u{E0069}',
        '＜',
        '／',
        'і',
        '\\',
        'a',
      ],
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 16 }), parts => {
        const lines = dataBlock('issue', parts.join('')).split('\n')
        expect(lines.at(-1)).toBe('</issue>')
        const inside = lines.slice(1, -1).join('\n')
        expect(inside.normalize('NFKC').replace(/і/gi, 'i')).not.toMatch(/<\s*\/\s*issue(?![a-z0-9_])/i)
        expect(inside).not.toMatch(/[\u200B\u{E0069}]/u)
      }),
      { numRuns: 3000 },
    )
  })
})
