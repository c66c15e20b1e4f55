import { expect, test } from '@jest/globals'
import { saysNothing } from '../src/domain/handoff.js'

test.each([
  [[], true],
  [['None'], true],
  [['- n/a.'], true],
  [['Nothing further needed.', '—'], true],
  [['No hand-off needed'], true],
  [['none', 'User model: accounts/models.py'], false],
  [['Nothing changed in accounts/models.py; build on `User` as it is'], false],
  [['None of the old routes is left'], false],
  [['无'], false],
])('the hand-off %j says nothing: %s', (needs, expected) => {
  expect(saysNothing(needs)).toBe(expected)
})
