import { type Finding, type Review, Severity } from './review.js'

/**
 * The review with a checklist that holds every finding: the reviewer's items keep their numbers, and each finding that
 * none of them settles is added behind, the gravest first. Afterwards each finding has the number of its item.
 */
export function completeChecklist(review: Review): Review {
  const { checklist } = review
  const itemOf = (finding: Finding): number | null => {
    const named = finding.checklistItem ?? 0
    if (named >= 1 && named <= checklist.length) return named
    return checklist.findIndex(item => plain(item) === plain(finding.title)) + 1 || null
  }
  const added = Severity.options
    .flatMap(severity => review.findings.filter(finding => finding.severity === severity))
    .filter(finding => itemOf(finding) === null)
  return {
    ...review,
    checklist: [...checklist, ...added.map(asItem)],
    findings: review.findings.map(finding => ({
      ...finding,
      checklistItem: itemOf(finding) ?? checklist.length + added.indexOf(finding) + 1,
    })),
  }
}

const asItem = ({ title, path, line }: Finding): string =>
  path === null ? title : `${title} (\`${path}${line === null ? '' : `:${line}`}\`)`

const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
