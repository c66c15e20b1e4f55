import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { anchorFindings, parseHunks } from '../src/domain/diff-anchor.js'
import type { Finding } from '../src/domain/review.js'

const finding = (change: Partial<Finding>): Finding => ({
  severity: 'minor',
  title: 't',
  detail: 'd',
  path: 'a.txt',
  startLine: null,
  line: null,
  suggestion: null,
  ...change,
})

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\n`).join('')

describe('Findings on the lines of a real diff', () => {
  let directory = ''
  let diff = ''
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'core.autocrlf=false', ...args], {
      cwd: directory,
      encoding: 'utf8',
    })
  const write = (path: string, text: string): void => writeFileSync(join(directory, path), text)

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'crew-diff-'))
    git('init', '-q')
    write('a.txt', lines(1, 40))
    write('gone.txt', 'x\n')
    write('old name.txt', lines(1, 20))
    write('moved.txt', lines(1, 20))
    write('tail.txt', 'a\nb')
    write('crlf.txt', 'one\r\ntwo\r\n')
    write('headers.txt', '-- x\nkeep\n')
    git('add', '.')
    git('commit', '-qm', 'one')
    write('a.txt', lines(1, 4) + 'new five\n' + lines(6, 29) + 'new thirty\n' + lines(31, 40))
    git('rm', '-q', 'gone.txt')
    git('mv', 'old name.txt', 'new name.txt')
    git('mv', 'moved.txt', 'pure.txt')
    write('new name.txt', lines(1, 19) + 'new twenty\n')
    write('tail.txt', 'a\nb\nc')
    write('crlf.txt', 'one\r\nthree\r\n')
    write('headers.txt', 'keep\n++ y\n++ b/evil.txt\n')
    write('café "q".txt', 'hello\n')
    git('add', '.')
    diff = git('diff', '--cached', '-M')
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  test('every path is known by its new name, with the lines that GitHub takes comments on', () => {
    expect(Object.fromEntries(parseHunks(diff))).toEqual({
      'a.txt': [
        { start: 2, end: 8 },
        { start: 27, end: 33 },
      ],
      'café "q".txt': [{ start: 1, end: 1 }],
      'crlf.txt': [{ start: 1, end: 2 }],
      'headers.txt': [{ start: 1, end: 3 }],
      'new name.txt': [{ start: 17, end: 20 }],
      'tail.txt': [{ start: 1, end: 3 }],
    })
  })

  test('a line in a hunk is commented inline, one outside goes to the body', () => {
    const findings = [
      finding({ line: 5 }),
      finding({ path: './a.txt', line: 33 }),
      finding({ line: 9 }),
      finding({ line: null }),
      finding({ path: null, line: 5 }),
      finding({ path: 'gone.txt', line: 1 }),
      finding({ path: 'elsewhere.txt', line: 1 }),
    ]
    const { inline, body } = anchorFindings(findings, diff)
    expect(inline.map(({ path, line }) => `${path}:${line}`)).toEqual(['a.txt:5', 'a.txt:33'])
    expect(body).toEqual(findings.slice(2))
  })

  test('a range stays only within one hunk', () => {
    const { inline } = anchorFindings(
      [
        finding({ startLine: 3, line: 6 }),
        finding({ startLine: 5, line: 28 }),
        finding({ startLine: 5, line: 5 }),
        finding({ startLine: 7, line: 5 }),
      ],
      diff,
    )
    expect(inline.map(({ startLine, line }) => [startLine, line])).toEqual([
      [3, 6],
      [undefined, 28],
      [undefined, 5],
      [undefined, 5],
    ])
  })

  test('a suggestion stays only where it changes exactly the lines that it stands on', () => {
    const suggestions = (...findings: Finding[]): unknown[] =>
      anchorFindings(findings, diff).inline.map(({ suggestion }) => suggestion)
    expect(
      suggestions(
        finding({ line: 5, suggestion: 'better five\n' }),
        finding({ line: 5, suggestion: 'new five' }),
        finding({ startLine: 4, line: 5, suggestion: 'line 4\nsix' }),
        finding({ startLine: 5, line: 28, suggestion: 'x' }),
        finding({ line: 5, suggestion: '' }),
        finding({ line: 5, suggestion: '\n' }),
        finding({ path: 'crlf.txt', line: 2, suggestion: 'three' }),
      ),
    ).toEqual([['better five'], undefined, ['line 4', 'six'], undefined, [], [''], undefined])
  })

  test('what is no diff gives nothing', () => {
    expect(parseHunks('').size).toBe(0)
    expect(parseHunks('@@ -1 +1 @@\nx\n+++ /dev/null\n@@ -1 +1 @@\n').size).toBe(0)
  })
})
