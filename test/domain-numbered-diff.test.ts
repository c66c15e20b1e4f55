import { expect, test } from '@jest/globals'
import { numberedDiff } from '../src/domain/numbered-diff.js'

test('a reviewer reads each line of the new version with its number', () => {
  const diff = [
    '--- a/x',
    '+++ b/x',
    '@@ -1,3 +10,3 @@ top',
    ' same',
    '-old',
    '+new',
    ' same',
    '@@ -40 +50 @@',
    '-a',
    '+b',
    '',
  ].join('\n')
  expect(numberedDiff(diff).split('\n')).toEqual([
    '--- a/x',
    '+++ b/x',
    '@@ -1,3 +10,3 @@ top',
    '   10  same',
    '-old',
    '   11 +new',
    '   12  same',
    '@@ -40 +50 @@',
    '-a',
    '   50 +b',
    '',
  ])
})
