import { closesFence, type FenceOpening, readFenceOpening } from './fence-line.js'
import { startsHtmlBlock, startsTagBlock } from './html-block.js'

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
  walk([...lines], { line: 0, column: 0 }, { until: lines.length, plain })
  return lines.map((text, index) => ({ text, plain: plain[index] ?? false }))
}

interface Walk {
  /** Line behind the last one. */
  until: number
  /** Set for each line that begins as plain text. */
  plain: boolean[]
}

/** Goes through blocks; returns where it stopped, which is beyond `until` when raw HTML goes on there. */
function walk(lines: string[], from: Position, { until, plain }: Walk): Position {
  let at = from
  let chunk: Chunk | null = null
  let inList = false
  while (at.line < until) {
    // Raw HTML that ends within a quotation leaves the rest of it quoted.
    if (at.column > 0 && isQuote(lines[at.line] ?? '')) {
      lines[at.line] = `> ${(lines[at.line] ?? '').slice(at.column)}`
      at = { line: at.line, column: 0 }
    }
    const line = lines[at.line] ?? ''
    if (isItem(line)) inList = true
    else if (/^\S/.test(line) && isBlank(lines[at.line - 1] ?? '')) inList = false
    if (at.column === 0 && at.line >= (chunk?.end ?? 0) && endsChunk(line)) {
      chunk = null
      if (isBlank(line)) at = { line: at.line + 1, column: 0 }
      else if (isQuote(line)) at = skipQuote(lines, at.line)
      else at = skipFence(lines, at.line, { until, inList })
      continue
    }
    // Behind raw HTML nobody knows what is open.
    if (at.line >= (chunk?.end ?? 0)) chunk = newChunk(lines, at.line, { until, inDoubt: at.column > 0 })
    if (chunk && at.column === 0) {
      plain[at.line] = !mayBeInSpan(chunk, at.line)
      const behindItem = at.line > chunk.htmlFrom ? null : skipItemFence(lines, at.line)
      if (behindItem) {
        at = behindItem
        continue
      }
    }
    at = chunk ? readLine(lines, at, chunk) : { line: at.line + 1, column: 0 }
  }
  return at
}

interface Position {
  line: number
  column: number
}

const isItem = (line: string): boolean => /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?=[ \t]|$)/.test(line)

const beyond = (lines: readonly string[]): Position => ({ line: lines.length, column: 0 })

const isBlank = (line: string): boolean => /^[ \t]*$/.test(line)
/** A quotation, in an item of a list too. */
const isQuote = (line: string): boolean => /^ {0,3}(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*>/.test(line)

/** Text after list and quote markers, for fences that begin right behind one. */
const behindMarkers = (line: string): string =>
  line.replace(/^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))+[ \t]*/, '')

function opensTopFence(line: string): boolean {
  const opening = readFenceOpening(line)
  return opening !== null && opening.indent <= 3
}

/**
 * An unclosed fence lasts to the end of the comment. In a quotation, it may end with an inner one: its lines count. In
 * an item of a list, a line further out ends it; which item that is nobody knows here, so then nothing more counts.
 */
function skipFence(
  lines: readonly string[],
  from: number,
  { until, inList }: { until: number; inList: boolean },
): Position {
  const opening = readFenceOpening(lines[from] ?? '')
  if (!opening) return { line: from + 1, column: 0 }
  let line = from + 1
  let isFurtherOut = false
  for (; line < until; line++) {
    const text = lines[line] ?? ''
    isFurtherOut ||= !isBlank(text) && text.length - text.trimStart().length < opening.indent
    if (closesFence(text, opening)) break
  }
  if (inList && isFurtherOut) return beyond(lines)
  const isOpen = line === until && until < lines.length
  return { line: isOpen ? from + 1 : line + 1, column: 0 }
}

/** Passes over a quotation, and over all that follows when it leaves raw HTML open. Its lines lose their markers on the way. */
function skipQuote(lines: string[], from: number): Position {
  const until = quoteEnd(lines, from)
  for (let line = from; line < until; line++) lines[line] = behindMarkers(lines[line] ?? '')
  const at = walk(lines, { line: from, column: 0 }, { until, plain: [] })
  // Outside of the quotation no `-->` ends what was opened inside: it is text there.
  return at.line > until || at.column > 0 ? beyond(lines) : at
}

/** Behind the lines below a quotation that continue its paragraph without a `>` ("lazy" ones), as they show as quoted. */
function quoteEnd(lines: readonly string[], from: number): number {
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
        // In an item, who knows where the fence ends: then its lines count as a paragraph's.
        fence = /^ {0,3}(?:> {0,4})+[`~]/.test(text) ? readFenceOpening(content) : null
        lazy =
          fence === null &&
          !isBlank(content) &&
          !startsHtmlBlock.test(content) &&
          !/^(?:#{1,6}(?:\s|$)|([-*_])(?:[ \t]*\1){2,}[ \t]*$)/.test(content)
      }
    } else if (!lazy || isBlank(text) || opensTopFence(text) || startsHtmlBlock.test(text)) break
  }
  return line
}

/** The fence of an item such as "- ```". Further in than three columns, a marker is none. */
function readItemFence(line: string): { opening: FenceOpening; offset: number } | null {
  const content = /^ {0,3}\S/.test(line) ? behindMarkers(line) : line
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
  return beyond(lines)
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

/** Lines up to the next blank one, or fence or quotation outside of HTML: what a code span or a tag may reach over. */
interface Chunk {
  /** Line behind the last one. */
  end: number
  /** For each length of a run of backticks, the last line that has one; `0` stands for `>`. */
  last: ReadonlyMap<number, number>
  /** What of these came so far. */
  seen: Set<number>
  /** Something was left open on an earlier line, or this is raw HTML: backticks may mean code, or not. */
  inDoubt: boolean
  /** A line began with a tag: up to the next blank line this is raw HTML. */
  isHtml: boolean
  /** The line at which it surely is, whatever the lines before it are. */
  htmlFrom: number
}

const endsChunk = (line: string): boolean => isBlank(line) || isQuote(line) || opensTopFence(line)

function newChunk(
  lines: readonly string[],
  from: number,
  { until, inDoubt }: { until: number; inDoubt: boolean },
): Chunk {
  const last = new Map<number, number>()
  let end = from
  let htmlFrom = Infinity
  do {
    const line = lines[end] ?? ''
    if (startsTagBlock.test(line)) htmlFrom = Math.min(htmlFrom, end)
    for (const length of runsOf(line)) last.set(length, end)
    if (line.includes('>')) last.set(0, end)
    end++
    // In an HTML block, fences and quotations are mere text.
  } while (end < until && !(htmlFrom < end ? isBlank(lines[end] ?? '') : endsChunk(lines[end] ?? '')))
  return { end, last, seen: new Set(), inDoubt, isHtml: false, htmlFrom }
}

/** Lengths of runs of backticks; behind a backslash, one less, too: whether it escapes depends on what is open. */
const runsOf = (line: string): number[] =>
  [...line.matchAll(/(\\?)(`+)/g)].flatMap(([, escape, run = '']) =>
    escape ? [run.length, run.length - 1] : [run.length],
  )

/** Whether a code span or a tag may have begun before the line and end on it or behind it. */
const mayBeInSpan = ({ inDoubt, seen, last }: Chunk, line: number): boolean =>
  inDoubt && [...seen].some(length => (last.get(length) ?? -1) >= line)

/** Reads the rest of a line; returns the start of the next one, or the place behind the raw HTML that begins here. */
function readLine(lines: readonly string[], from: Position, chunk: Chunk): Position {
  const line = lines[from.line] ?? ''
  const isOwnBlock = /^ {0,3}<!--/.test(line) && !chunk.isHtml
  if (/^[ \t]*<[A-Za-z/!?]/.test(behindMarkers(line))) chunk.isHtml = chunk.inDoubt = true
  for (let at = from.column; at < line.length;) {
    const character = line[at]
    if (character === '<') {
      const html = rawHtmlEnd(lines, { line: from.line, column: at })
      // A comment that began within something else ends with it, and a `-->` further down is text: all is hidden.
      const mayEndEarlier = html && (html.line >= chunk.end || (html.line > from.line && behindMarkers(line) !== line))
      if (mayEndEarlier && line.startsWith('<!--', at) && !isOwnBlock) return beyond(lines)
      if (html) return leave(lines, from, { html, chunk })
      const tag = /^<[A-Za-z/](?:[^<>"'`]|"[^"]*"|'[^']*')*>/.exec(line.slice(at))
      if (!tag && /[A-Za-z/]/.test(line[at + 1] ?? '')) {
        chunk.inDoubt = true
        chunk.seen.add(0)
      }
      at += tag?.[0].length ?? 1
    } else if (character === '\\' && !chunk.inDoubt) at += 2
    else if (character === '`' && !chunk.inDoubt) {
      const behind = behindCodeSpan(line, at)
      if (behind === null) chunk.inDoubt = true
      else at = behind
    } else at++
  }
  return leave(lines, from, { html: null, chunk })
}

function leave(
  lines: readonly string[],
  from: Position,
  { html, chunk }: { html: Position | null; chunk: Chunk },
): Position {
  for (const length of runsOf(lines[from.line] ?? '')) chunk.seen.add(length)
  if (!html) return { line: from.line + 1, column: 0 }
  chunk.inDoubt ||= html.line > from.line
  for (let line = from.line + 1; line <= html.line && line < chunk.end; line++)
    for (const length of runsOf(lines[line] ?? '')) chunk.seen.add(length)
  return html
}

/** Position behind a code span that starts here and ends on the line; null when it doesn't. */
function behindCodeSpan(line: string, at: number): number | null {
  let length = 0
  while (line[at + length] === '`') length++
  const closing = new RegExp(`(?<!\`)\`{${length}}(?!\`)`, 'g')
  closing.lastIndex = at + length
  return closing.test(line) ? closing.lastIndex : null
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
  return beyond(lines)
}
