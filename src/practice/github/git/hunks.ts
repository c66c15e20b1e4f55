import type { Side } from '../state/types.js'

/** One line of a file's patch. */
export interface PatchLine {
  /** Counts the hunks of the file from 0. */
  hunk: number
  /** GitHub's `position`: 1 is the line below the first hunk header; later headers count too. */
  position: number
  /** Line numbers in the old and new version; null on the side where the line isn't. */
  old: number | null
  new: number | null
  text: string
}

/** The lines of a patch that begins with a hunk header. */
export function parsePatch(patch: string): PatchLine[] {
  const lines: PatchLine[] = []
  let hunk = -1
  let old = 0
  let fresh = 0
  for (const [position, text] of patch.split('\n').entries()) {
    const header = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(text)
    if (header !== null) {
      hunk++
      old = Number(header[1])
      fresh = Number(header[2])
      continue
    }
    const mark = text.charAt(0)
    if (mark === '\\') continue
    lines.push({
      hunk,
      position,
      old: mark === '+' ? null : old++,
      new: mark === '-' ? null : fresh++,
      text,
    })
  }
  return lines
}

/** The line of the patch that a review comment may sit on; undefined when that line is in no hunk. */
export function findLine(lines: PatchLine[], side: Side, number: number): PatchLine | undefined {
  return lines.find(line => (side === 'LEFT' ? line.old : line.new) === number)
}

/** `diff_hunk` of a comment: from its hunk's header down to its line. */
export function hunkUpTo(patch: string, line: PatchLine): string {
  const all = patch.split('\n').slice(0, line.position + 1)
  const header = all.findLastIndex(text => text.startsWith('@@ '))
  return all.slice(Math.max(header, 0)).join('\n')
}

/**
 * Where a line of one version is in a later one, by the patch (any context) that leads there; null when it was changed or
 * deleted on the way.
 */
export function followLine(patch: string | null, number: number): number | null {
  if (patch === null) return number
  const lines = parsePatch(patch)
  const found = lines.find(line => line.old === number)
  if (found !== undefined) return found.new
  let shift = 0
  for (const line of lines) {
    if ((line.old ?? 0) > number) break
    if (line.old !== null && line.new !== null) shift = line.new - line.old
    else if (line.old === null && line.new !== null) shift++
    else if (line.old !== null) shift--
  }
  return number + shift
}
