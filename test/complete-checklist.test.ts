import { describe, expect, test } from '@jest/globals'
import { completeChecklist } from '../src/domain/complete-checklist.js'
import { mergeReviews } from '../src/domain/merge-reviews.js'
import type { Finding, Review } from '../src/domain/review.js'

const finding = (title: string, more: Partial<Finding> = {}): Finding => ({
  severity: 'minor',
  title,
  detail: 'It is so.',
  path: null,
  startLine: null,
  line: null,
  suggestion: null,
  ...more,
})

const review = (findings: Finding[], checklist: string[]): Review => ({
  assessment: 'Good',
  securityScore: 'B+',
  maintainability: 'A',
  testCoverage: 'all',
  findings,
  highlights: [],
  checklist,
})

const lockout = 'Add account lockout after 5 failed login attempts'
const totp = 'Consider adding TOTP/2FA support as future enhancement'
const logging = 'Add logging for failed authentication attempts'
const seed = ['Add failed login attempt tracking', 'Add audit logging for auth events']

describe('the checklist', () => {
  test('holds the third of the seed’s suggestions, which its reviewer left out', () => {
    const findings = [
      finding(lockout, { checklistItem: 1 }),
      finding(totp, { checklistItem: null }),
      finding(logging, { checklistItem: 2 }),
    ]
    const completed = completeChecklist(review(findings, seed))
    expect(completed.checklist).toEqual([...seed, totp])
    expect(completed.findings.map(({ checklistItem }) => checklistItem)).toEqual([1, 3, 2])
  })

  test('loses no finding of a reviewer who says nothing of its items, or numbers one that isn’t there', () => {
    const findings = [finding(lockout), finding(totp, { checklistItem: 7 }), finding(logging)]
    expect(completeChecklist(review(findings, seed)).checklist).toEqual([...seed, lockout, totp, logging])
  })

  test('says nothing twice where an item is the finding’s title', () => {
    const completed = completeChecklist(review([finding(totp)], [`${totp.toUpperCase()}.`]))
    expect(completed.checklist).toHaveLength(1)
    expect(completed.findings[0]?.checklistItem).toBe(1)
  })

  test('adds the gravest first, each with its place', () => {
    const findings = [
      finding('Small', { path: 'a.ts', line: 3 }),
      finding('Grave', { path: 'b.ts', severity: 'critical' }),
      finding('Middling', { severity: 'major' }),
    ]
    const completed = completeChecklist(review(findings, []))
    expect(completed.checklist).toEqual(['Grave (`b.ts`)', 'Middling', 'Small (`a.ts:3`)'])
    expect(completed.findings.map(({ checklistItem }) => checklistItem)).toEqual([3, 1, 2])
  })

  test('keeps its findings when the words of two reviewers become one', () => {
    const first = review([finding(lockout, { checklistItem: 1 })], ['One', 'Both'])
    const second = review(
      [finding(totp, { checklistItem: 2 }), finding(logging, { checklistItem: 1 })],
      ['Both', 'Two'],
    )
    const merged = mergeReviews([first, second])
    expect(merged.checklist).toEqual(['One', 'Both', 'Two'])
    expect(merged.findings.map(({ title, checklistItem }) => [title, checklistItem])).toEqual([
      [lockout, 1],
      [totp, 3],
      [logging, 2],
    ])
    expect(completeChecklist(merged).checklist).toHaveLength(3)
  })
})
