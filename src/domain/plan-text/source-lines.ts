import { oneLine } from '../defuse.js'
import { closesFence, type FenceOpening, readFenceOpening } from '../fence-line.js'
import { maskCode } from './code-spans.js'

/** Where something stands, both from 1. Columns count characters. */
export interface Place {
  line: number
  column: number
}

/** One line of a plan's text, and where its first character stood in the whole. */
export interface SourceLine extends Place {
  text: string
}

/** Something that can't be read: where, what stands there, and what is allowed. */
export interface PlanTextProblem extends Place {
  found: string
  expected: string
}

/** Lines of a text that may end in CRLF, LF or CR. `from` is where the text begins in what its author wrote. */
export const sourceLines = (text: string, from: Place = { line: 1, column: 1 }): SourceLine[] =>
  text
    .split(/\r\n|\n|\r/)
    .map((line, index) => ({ text: line, line: from.line + index, column: index === 0 ? from.column : 1 }))

/** Where the character at `offset` of a line stands. */
export const placeIn = (line: SourceLine, offset: number): Place => ({
  line: line.line,
  column: line.column + [...line.text.slice(0, offset)].length,
})

/** The line from `offset` on, still knowing where it stands. */
export const restOf = (line: SourceLine, offset: number): SourceLine => ({
  ...placeIn(line, offset),
  text: line.text.slice(offset),
})

/** A problem with what begins at `offset`; an empty `found` is shown as the end of the line. */
export const problemAt = (line: SourceLine, offset: number, given: { found: string; expected: string }) =>
  ({
    ...placeIn(line, offset),
    found: oneLine(given.found, 80) || 'the end of the line',
    expected: given.expected,
  }) satisfies PlanTextProblem

/** Width of the white space that a line begins with; a tab counts as four. */
export const indentOf = (text: string): number => (/^[ \t]*/.exec(text)?.[0] ?? '').replaceAll('\t', '    ').length

export const isBlank = (text: string): boolean => text.trim() === ''

/**
 * Follows fences and `<details>` from line to line: `inside` says, for the line just told, whether it belongs to one
 * (its first and last lines do). Text in there is nobody's heading.
 */
export class Enclosure {
  #fence: FenceOpening | null = null
  #depth = 0

  inside(text: string): boolean {
    if (this.#fence) {
      if (closesFence(text.trimStart(), this.#fence)) this.#fence = null
      return true
    }
    this.#fence = readFenceOpening(text)
    if (this.#fence) return true
    const shown = maskCode(text)
    const opened = this.#depth + (shown.match(/<details\b/gi)?.length ?? 0)
    this.#depth = Math.max(0, opened - (shown.match(/<\/details\s*>/gi)?.length ?? 0))
    return opened > 0
  }

  /** Whether the next line will still be inside. */
  get open(): boolean {
    return this.#fence !== null || this.#depth > 0
  }
}
