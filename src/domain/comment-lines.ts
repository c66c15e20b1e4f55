import { closesFence, type FenceOpening, readFenceOpening } from './fence-line.js'

/** One line of a comment. */
export interface CommentLine {
  text: string
  /** Its first column is plain text: not in a fence, a quote, a code span, an HTML comment or the like. */
  plain: boolean
}

/**
 * A comment's lines, each with whether a command may start it. Follows CommonMark as GitHub renders it, and where it
 * can't be sure it says "not plain": a command that shows as a quotation or as code must never be obeyed.
 */
export function commentLines(body: string): CommentLine[] {
  const lines = body.split(/\r\n|\n|\r/)
  const plain = new Array<boolean>(lines.length).fill(false)
  let at: Position = { line: 0, column: 0 }
  while (at.line < lines.length) {
    const line = lines[at.line] ?? ''
    if (at.column > 0) at = readParagraph(lines, at, plain)
    else if (isBlank(line)) at = { line: at.line + 1, column: 0 }
    else if (isQuote(line)) at = skipQuote(lines, at.line)
    else if (opensTopFence(line)) at = skipFence(lines, at.line)
    else at = readParagraph(lines, at, plain)
  }
  return lines.map((text, index) => ({ text, plain: plain[index] ?? false }))
}

interface Position {
  line: number
  column: number
}

const isBlank = (line: string): boolean => /^[ \t]*$/.test(line)
const isQuote = (line: string): boolean => /^ {0,3}>/.test(line)

/** Text after list and quote markers, for fences that begin right behind one. */
const behindMarkers = (line: string): string =>
  line.replace(/^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))+[ \t]*/, '')

function opensTopFence(line: string): boolean {
  const opening = readFenceOpening(line)
  return opening !== null && opening.indent <= 3
}

/** An unclosed fence lasts to the end of the comment. */
function skipFence(lines: readonly string[], from: number): Position {
  const opening = readFenceOpening(lines[from] ?? '')
  let line = from + 1
  while (opening && line < lines.length && !closesFence(lines[line] ?? '', opening)) line++
  return { line: line + 1, column: 0 }
}

/** A quotation, with the lines below it that continue its paragraph without a `>` ("lazy" ones): they show as quoted. */
function skipQuote(lines: readonly string[], from: number): Position {
  let line = from
  let fence: FenceOpening | null = null
  let lazy = false
  for (; line < lines.length; line++) {
    const text = lines[line] ?? ''
    if (isQuote(text)) {
      const content = behindMarkers(text)
      if (fence) {
        if (closesFence(content, fence)) fence = null
        lazy = false
      } else {
        fence = readFenceOpening(content)
        lazy =
          fence === null && !isBlank(content) && !/^(?:#{1,6}(?:\s|$)|([-*_])(?:[ \t]*\1){2,}[ \t]*$)/.test(content)
      }
    } else if (!lazy || isBlank(text) || opensTopFence(text)) break
  }
  return { line, column: 0 }
}

/** The fence of an item such as "- ```". */
function readItemFence(line: string): { opening: FenceOpening; offset: number } | null {
  const content = behindMarkers(line)
  const opening = content === line ? null : readFenceOpening(content)
  return opening && { opening, offset: line.length - content.length }
}

/** It ends where the item does, at the first line that is not indented as far, or at its closing line. */
function skipItemFence(lines: readonly string[], from: number): Position | null {
  const fence = readItemFence(lines[from] ?? '')
  if (!fence) return null
  const { opening, offset } = fence
  for (let line = from + 1; line < lines.length; line++) {
    const next = lines[line] ?? ''
    const indent = next.length - next.trimStart().length
    if (!isBlank(next) && indent < offset) return { line, column: 0 }
    if (closesFence(next.slice(offset), opening)) return { line: line + 1, column: 0 }
  }
  return { line: lines.length, column: 0 }
}

/** Raw HTML whose contents are not prose: hidden, or shown as code or quotation. Each with what ends it. */
const rawHtml: readonly { starts: RegExp; ends: RegExp }[] = [
  { starts: /<!--/y, ends: /-->/g },
  { starts: /<\?/y, ends: /\?>/g },
  { starts: /<!\[CDATA\[/y, ends: /\]\]>/g },
  { starts: /<![A-Za-z]/y, ends: />/g },
  ...['pre', 'code', 'blockquote', 'script', 'style', 'textarea', 'template', 'samp', 'kbd'].map(tag => ({
    starts: new RegExp(`<${tag}(?=[\\s/>])`, 'iy'),
    ends: new RegExp(`</${tag}\\s*>`, 'gi'),
  })),
]

/**
 * Walks one paragraph (up to a blank line, a fence or a quotation), marks the lines whose first column is plain text,
 * and returns where to go on: behind it, or behind the raw HTML that began in it.
 */
function readParagraph(lines: readonly string[], from: Position, plain: boolean[]): Position {
  let end = from.line + 1
  while (end < lines.length && !endsParagraph(lines[end] ?? '')) end++
  const text = [(lines[from.line] ?? '').slice(from.column), ...lines.slice(from.line + 1, end)].join('\n')
  let line = from.line
  let lineStart = 0
  let at = 0
  /** Brings `line` and `lineStart` up to `at`; true when `at` is the first column of a line. */
  const entersLine = (): boolean => {
    for (let next = text.indexOf('\n', lineStart); next >= 0 && next < at; next = text.indexOf('\n', lineStart)) {
      lineStart = next + 1
      line++
    }
    return at === lineStart && (line > from.line || from.column === 0)
  }
  while (at < text.length) {
    if (entersLine()) {
      plain[line] = true
      const behindItem = skipItemFence(lines, line)
      if (behindItem) return behindItem
    }
    if (text[at] === '<') {
      const offset = line === from.line ? from.column : 0
      const html = rawHtmlEnd(lines, { line, column: at - lineStart + offset })
      if (html && html.line >= end) return html
      at = html ? offsetOf(text, html, { line, lineStart, offset }) : at + 1
    } else if (text[at] === '\\' && text[at + 1] !== '\n') at += 2
    else if (text[at] === '`') at = behindCodeSpan(text, at)
    else at++
  }
  return { line: end, column: 0 }
}

const endsParagraph = (line: string): boolean =>
  isBlank(line) || isQuote(line) || opensTopFence(line) || readItemFence(line) !== null

/** Offset in the paragraph's text of a position at or behind the known line. */
function offsetOf(text: string, target: Position, known: { line: number; lineStart: number; offset: number }): number {
  if (target.line === known.line) return known.lineStart + target.column - known.offset
  let start = known.lineStart
  for (let line = known.line; line < target.line; line++) start = text.indexOf('\n', start) + 1
  return start + target.column
}

/** Position behind a code span that starts here, or behind the backticks when nothing closes them. */
function behindCodeSpan(text: string, at: number): number {
  let length = 0
  while (text[at + length] === '`') length++
  const closing = new RegExp(`(?<!\`)\`{${length}}(?!\`)`, 'g')
  closing.lastIndex = at + length
  return closing.test(text) ? closing.lastIndex : at + length
}

/** Where raw HTML that starts here ends, as far as the end of the comment; null when none starts here. */
function rawHtmlEnd(lines: readonly string[], from: Position): Position | null {
  const kind = rawHtml.find(({ starts }) => {
    starts.lastIndex = from.column
    return starts.test(lines[from.line] ?? '')
  })
  if (!kind) return null
  let column = from.column + 2
  for (let line = from.line; line < lines.length; line++, column = 0) {
    kind.ends.lastIndex = column
    if (kind.ends.test(lines[line] ?? '')) return { line, column: kind.ends.lastIndex }
  }
  return { line: lines.length, column: 0 }
}
