import type { Finding } from './review.js'
import { withoutInvisible } from './invisible.js'
import { type Hunk, readUnifiedDiff } from './unified-diff.js'

/** A finding that GitHub will take as a comment on these lines of the new version. */
export interface AnchoredFinding {
  finding: Finding
  path: string
  line: number
  /** First of several lines; always smaller than `line` and in the same hunk. */
  startLine?: number
  /** New lines in place of exactly these, when that applies cleanly; `[]` deletes them. */
  suggestion?: string[]
}

/** Lines of the new version that a comment can stand on, by path: what GitHub accepts, and answers 422 outside of. */
export function parseHunks(unifiedDiff: string): Map<string, { start: number; end: number }[]> {
  const ranges = new Map<string, { start: number; end: number }[]>()
  for (const [path, hunks] of readUnifiedDiff(unifiedDiff))
    ranges.set(
      path,
      hunks.filter(hunk => hunk.end >= hunk.start).map(({ start, end }) => ({ start, end })),
    )
  return ranges
}

/**
 * Sorts findings into those that can stand on their lines and those that go into the review's body. A range is kept
 * only inside one hunk; otherwise the comment stands on its last line alone, and its suggestion, which was meant for
 * the range, is left out.
 */
export function anchorFindings(
  findings: readonly Finding[],
  unifiedDiff: string,
): { inline: AnchoredFinding[]; body: Finding[] } {
  const files = readUnifiedDiff(unifiedDiff)
  const inline: AnchoredFinding[] = []
  const body: Finding[] = []
  for (const finding of findings) {
    const anchored = anchor(finding, files)
    if (anchored) inline.push(anchored)
    else body.push(finding)
  }
  return { inline, body }
}

function anchor(finding: Finding, files: ReadonlyMap<string, Hunk[]>): AnchoredFinding | null {
  const { line, startLine } = finding
  const path = finding.path?.replace(/^(?:\.\/)+/, '') ?? null
  if (path === null || line === null) return null
  const hunk = files.get(path)?.find(({ start, end }) => start <= line && line <= end)
  if (!hunk) return null
  const wantsRange = startLine !== null && startLine !== line
  const hasRange = wantsRange && startLine >= hunk.start && startLine < line
  const suggestion = !wantsRange || hasRange ? cleanSuggestion(finding, hunk, hasRange ? startLine : line) : null
  return {
    finding,
    path,
    line,
    ...(hasRange && { startLine }),
    ...(suggestion !== null && { suggestion }),
  }
}

/** The suggestion's lines, when they change anything and show all that they hold; null otherwise. */
function cleanSuggestion(finding: Finding, hunk: Hunk, first: number): string[] | null {
  if (finding.suggestion === null || finding.line === null) return null
  const present = hunk.lines.slice(first - hunk.start, finding.line - hunk.start + 1)
  // A hunk cut short says less than its header: then nobody knows what the suggestion would replace.
  if (present.length !== finding.line - first + 1) return null
  const text = finding.suggestion.replace(/\r\n/g, '\n')
  // Whoever takes it on reads it in GitHub, where they don't show.
  if (withoutInvisible(text) !== text) return null
  const wished = text === '' ? [] : text.replace(/\n$/, '').split('\n')
  const now = present.map(line => line.replace(/\r$/, ''))
  return wished.join('\n') === now.join('\n') && wished.length === now.length ? null : wished
}
