import { areas, type Area } from './focus-table.js'
import type { ChangedLines } from './unified-diff.js'

/** Something that a reviewer looks at because of what changed. */
export interface Focus {
  /** What to mind, e.g. "Migrations: locks on large tables, a way back, data kept". */
  what: string
  /** The files that caused it, as the diff has them. */
  files: string[]
}

/** More than these would be no focus. */
const most = 6

/**
 * What a review should mind, by what changed, the gravest first. A file counts for an area by its path, or by what its
 * added lines say; what docs and tests say counts only for the tests themselves.
 */
export function focusAreas(changes: readonly ChangedLines[]): Focus[] {
  return areas
    .map(area => ({
      what: `${area.name}: ${area.mind}`,
      files: changes.filter(change => concerns(area, change)).map(({ path }) => path),
    }))
    .filter(({ files }) => files.length > 0)
    .slice(0, most)
}

function concerns(area: Area, change: ChangedLines): boolean {
  const { path, added } = change
  if (area.tests) return isTest(path) && weakens(change)
  if (isTest(path)) return false
  if (isProse(path) || isGenerated(path)) return area.anywhere?.(path) ?? false
  const words = wordsOf(path)
  return (
    (area.paths?.test(path) ?? false) ||
    (area.anywhere?.(path) ?? false) ||
    (area.pathWords?.some(word => words.includes(word)) ?? false) ||
    (area.lines !== undefined && added.some(line => !isComment(line) && area.lines?.test(line.slice(0, 500))))
  )
}

/** A path's words, so that `author.ts` is not taken for "auth": `src/userLogin.ts` → src, user, login, ts. */
const wordsOf = (path: string): string[] =>
  path
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)

const isTest = (path: string): boolean =>
  /(?:^|\/)(?:tests?|specs?|__tests__|__mocks__|e2e|cypress|fixtures|testdata)\//i.test(path) ||
  /(?:^|\/)(?:test_[^/]+|tests?\.\w+|conftest\.py|[^/]+(?:[._-](?:test|tests|spec)|Tests?|Spec)\.\w+)$/.test(path)

const isProse = (path: string): boolean =>
  /\.(?:md|mdx|rst|adoc|txt)$|(?:^|\/)(?:docs?|LICENSE|COPYING|AUTHORS)(?:\/|$)/i.test(path)

const isGenerated = (path: string): boolean =>
  /(?:^|\/)(?:node_modules|vendor|dist)\/|\.(?:snap|map|lock|sum)$|\.min\.\w+$|(?:^|\/)[\w-]+-lock\.(?:json|yaml)$/.test(
    path,
  )

const isComment = (line: string): boolean => /^\s*(?:\/\/|\/?\*(?!\*?\/)|#(?![[!])|--\s|<!--|;)/.test(line)

const assertion =
  /\b(?:assert\w*|expect|should|raises|verify|require\.\w+)\b|^\s*(?:it|test|describe)(?:\.\w+)*\(|^\s*(?:async )?def test_|\bfunc Test|@Test\b|#\[test\]/
const skip =
  /\b(?:it|test|describe|context)\.(?:skip|only|todo|failing)\b|\bx(?:it|describe|test)\s*\(|\bf(?:it|describe)\s*\(|@(?:pytest\.mark\.(?:skip|xfail)|unittest\.(?:skip|expectedFailure)|Disabled|Ignore)\b|\bt\.Skip|#\[ignore|markTestSkipped|\bpending\s*[('"]|\[Fact\(Skip/

/** A test that is gone or skipped, or holds less than before. */
function weakens({ status, added, removed }: ChangedLines): boolean {
  if (status === 'deleted') return removed.some(line => assertion.test(line))
  const count = (lines: string[]): number => lines.filter(line => assertion.test(line) && !isComment(line)).length
  return added.some(line => skip.test(line)) || count(removed) > count(added)
}
