import { inlineCode, suggestionFence } from '../code-markdown.js'
import { defuseCell, defuseLine, oneLine } from '../defuse.js'
import type { Finding, Review, Severity } from '../review.js'
import { commentLimit } from './cut-to.js'
import { count } from './figures.js'
import { bullets, type Links, prose, sections } from './lists.js'

/**
 * The review in the seed's form: Executive Summary, findings by severity, Positive Highlights, Action Checklist. `inBody`
 * are the findings that have no place on a line of the diff; the others are counted, not repeated. It may be longer than a
 * comment.
 */
export function renderReview(review: Review, inBody: readonly Finding[], links: Links = {}): string {
  const inline = review.findings.length - inBody.length
  return sections(
    '## Code Review',
    `### Executive Summary\n${renderSummary(review, links)}`,
    inline > 0 && `${count(inline, 'finding')} on ${inline === 1 ? 'its line' : 'their lines'} below.`,
    ...severities.map(severity => renderGroup(severity, inBody, links)),
    review.findings.length === 0 && 'No findings.',
    review.highlights.length > 0 && `### Positive Highlights\n${bullets(review.highlights, links)}`,
    review.checklist.length > 0 && `### Action Checklist\n${checklist(review.checklist, links)}`,
  )
}

/** One finding as an inline comment, with its suggestion's lines where there is one to apply; null: it is too long for one. */
export function renderFinding(finding: Finding, suggestion?: readonly string[], links: Links = {}): string | null {
  const text = sections(
    `${severityMarks[finding.severity]} **${defuseLine(finding.title, 120, links)}** (${finding.severity})`,
    prose(finding.detail, links),
    suggestion && suggestionFence(suggestion),
  )
  return text.length <= commentLimit ? text : null
}

/** `- [ ] 1. …` a line, numbered for `/fix`. */
export const checklist = (items: readonly string[], links: Links = {}): string =>
  items.map((item, index) => `- [ ] ${index + 1}. ${defuseLine(item, 400, links)}`).join('\n')

/** A line for each finding, the gravest first. */
export function findingTitles(findings: readonly Finding[], links: Links = {}): string {
  const sorted = severities.flatMap(severity => findings.filter(finding => finding.severity === severity))
  const lines = sorted
    .slice(0, mostTitles)
    .map(
      finding => `- ${severityMarks[finding.severity]} ${defuseLine(finding.title, 120, links)}${renderPlace(finding)}`,
    )
  const more = sorted.length > mostTitles ? [`- and ${sorted.length - mostTitles} more`] : []
  return [...lines, ...more].join('\n')
}

const mostTitles = 60

/** `1 critical, 2 minor findings`; `no findings`. */
export function severityCounts(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'no findings'
  const parts = severities
    .map(severity => ({ severity, number: findings.filter(finding => finding.severity === severity).length }))
    .filter(({ number }) => number > 0)
    .map(({ severity, number }) => `${severityMarks[severity]} ${number} ${severity}`)
  return `${parts.join(', ')} ${findings.length === 1 ? 'finding' : 'findings'}`
}

const severities: readonly Severity[] = ['critical', 'major', 'minor']
const severityMarks: Readonly<Record<Severity, string>> = { critical: '🔴', major: '🟡', minor: '🟢' }
const severityTitles: Readonly<Record<Severity, string>> = {
  critical: 'Critical Issues',
  major: 'Major Issues',
  minor: 'Minor Suggestions',
}

function renderSummary(review: Review, links: Links): string {
  return [
    '| Metric | Result |',
    '|--------|--------|',
    `| Overall Assessment | ${review.assessment} |`,
    `| Security Score | ${defuseCell(review.securityScore, 40, links)} |`,
    `| Maintainability | ${defuseCell(review.maintainability, 40, links)} |`,
    `| Test Coverage | ${defuseCell(review.testCoverage, 160, links)} |`,
  ].join('\n')
}

function renderGroup(severity: Severity, findings: readonly Finding[], links: Links): string | null {
  const group = findings.filter(finding => finding.severity === severity)
  if (group.length === 0) return null
  const items = group.map(finding => {
    const detail = prose(finding.detail, links)
      .split('\n')
      .map(line => (line === '' ? '' : `  ${line}`))
      .join('\n')
    return `- **${defuseLine(finding.title, 120, links)}**${renderPlace(finding)}\n${detail}`
  })
  return `### ${severityMarks[severity]} ${severityTitles[severity]}\n${items.join('\n')}`
}

function renderPlace({ path, startLine, line }: Finding): string {
  if (path === null) return ''
  const lines = line === null ? '' : startLine !== null && startLine < line ? `:${startLine}-${line}` : `:${line}`
  return ` in ${inlineCode(`${oneLine(path, 200)}${lines}`)}`
}
