import type { Finding, Review } from './review.js'

const worstFirst: Review['assessment'][] = ['Major Issues', 'Needs Work', 'Good', 'Excellent']

/** Several reviewers' words as one review: the worst assessment and grades, everything that anyone found, once. */
export function mergeReviews(reviews: Review[]): Review {
  const [first, ...others] = reviews
  if (!first) throw new Error('there is no review to merge')
  return others.reduce(
    (merged, review) => ({
      assessment: worstFirst.find(one => one === merged.assessment || one === review.assessment) ?? merged.assessment,
      securityScore: worseGrade(merged.securityScore, review.securityScore),
      maintainability: worseGrade(merged.maintainability, review.maintainability),
      testCoverage:
        merged.testCoverage === review.testCoverage
          ? merged.testCoverage
          : `${merged.testCoverage}; ${review.testCoverage}`,
      findings: unique(
        [...merged.findings, ...review.findings.map(finding => renumbered(finding, review, merged))],
        ({ path, line, title }) => `${path}:${line}:${title}`,
      ),
      highlights: unique([...merged.highlights, ...review.highlights], text => text),
      checklist: unique([...merged.checklist, ...review.checklist], text => text),
    }),
    first,
  )
}

/** A finding of a review whose checklist comes behind another's. */
function renumbered(finding: Finding, { checklist }: Review, before: Review): Finding {
  const item = checklist[(finding.checklistItem ?? 0) - 1]
  if (item === undefined) return finding
  return { ...finding, checklistItem: unique([...before.checklist, ...checklist], text => text).indexOf(item) + 1 }
}

/** `B+` before `B` before `B-` before `C+`; what is no such grade counts as worse, so that it is seen. */
function worseGrade(a: string, b: string): string {
  const rank = (grade: string): number => {
    const [, letter, sign] = /^([A-F])([+-]?)$/.exec(grade.trim()) ?? []
    if (letter === undefined) return Infinity
    return letter.charCodeAt(0) * 3 + (sign === '+' ? -1 : sign === '-' ? 1 : 0)
  }
  return rank(a) >= rank(b) ? a : b
}

function unique<T>(items: T[], key: (item: T) => string): T[] {
  return [...new Map(items.map(item => [key(item), item])).values()]
}
