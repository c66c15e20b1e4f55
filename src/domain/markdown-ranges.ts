import { closesFence, columns, type FenceOpening, readFenceOpening } from './fence-line.js'
import { isLoneTag, startsHtmlBlock, startsTagBlock } from './html-block.js'

/** Offsets, end excluded. */
export interface Range {
  start: number
  end: number
}

export interface MarkdownRanges {
  /** Code for sure: what stands in it shows as it is written. */
  code: Range[]
  /** HTML comments. */
  comments: Range[]
  /** Raw HTML blocks: there a tag need not be complete to have an effect. */
  htmlBlocks: Range[]
}

/**
 * Finds code and comments in Markdown as GitHub reads it (CommonMark 0.29 with its extensions), and where that is
 * unsure, calls nothing code: text is only exempt from cleaning when everybody sees it. So a fence counts where no list
 * or quotation can hold it or all readings agree on its end, and a code span when no other reading of its paragraph
 * undoes it.
 */
export function readMarkdownRanges(text: string): MarkdownRanges {
  const ranges: MarkdownRanges = { code: [], comments: [], htmlBlocks: [] }
  let block: HtmlBlock | null = null
  /** A code span or tag that may go on over the next line. */
  let unpaired = false
  let inList = false
  /** Nobody knows whether a fence is open. */
  let inDoubt = false
  /** End of a fence that some readings see and some don't; all of them end it there. */
  let disputed = 0
  const ends = new ParagraphEnds()
  for (let at = 0; at < text.length;) {
    const end = lineEnd(text, at)
    const line = text.slice(at, end)
    if (isBlank(line) && !block?.isRaw) {
      if (block?.isSure) ranges.htmlBlocks.push({ start: block.start, end: at })
      block = null
      unpaired = false
      at = end + 1
      continue
    }
    inList ||= /^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]/.test(line)
    const content = behindMarkers(line)
    if (/^<(?:[A-Za-z]|[/!?])/.test(content)) block = widen(block, content, at)
    const prefix = line.slice(0, line.length - content.length)
    const opening = at < disputed || prefix.includes('>') ? null : readFenceOpening(content)
    if (opening && block) inDoubt ||= !block.isTag
    else if (opening && !inDoubt) {
      const isItem = /\S/.test(prefix)
      const fence = measureFence(text, {
        lineEnd: end,
        opening,
        indent: columns(prefix),
        isNested: isItem || (inList && prefix !== ''),
      })
      if (fence === null) inDoubt = true
      else if (isItem || columns(prefix) > 3) disputed = fence.next
      else {
        ranges.code.push(fence.code)
        at = fence.next
        unpaired = false
        continue
      }
    }
    const mayHoldCode = block === null && !unpaired && !inDoubt && at >= disputed
    const scanned = scanLine(text, { start: at, end, block, inList, mayHoldCode, ends }, ranges)
    if (scanned.endsBlock || (block?.isRaw && /<\/(?:pre|script|style)>/i.test(text.slice(at, scanned.next)))) {
      ranges.htmlBlocks.push({ start: block?.start ?? at, end: scanned.next })
      block = null
    }
    unpaired ||= scanned.unpaired
    at = scanned.next
  }
  if (block?.isSure) ranges.htmlBlocks.push({ start: block.start, end: text.length })
  return ranges
}

/** Raw HTML that may have begun; until the next blank line nothing is code for sure then. */
interface HtmlBlock {
  start: number
  /** It has begun for sure, and not only a line of a paragraph with a tag at its start. */
  isSure: boolean
  /** It lasts to the next blank line for sure. */
  isTag: boolean
  /** It lasts to its closing tag, over blank lines too. */
  isRaw: boolean
}

const widen = (block: HtmlBlock | null, content: string, at: number): HtmlBlock => ({
  start: block?.start ?? at,
  isSure: (block?.isSure ?? false) || startsHtmlBlock.test(content) || isLoneTag(content),
  isTag: (block?.isTag ?? false) || startsTagBlock.test(content),
  isRaw: block?.isRaw ?? /^<(?:pre|script|style)(?=[\s>]|$)/i.test(content),
})

const isBlank = (line: string): boolean => /^[ \t]*$/.test(line)

/** Text after the markers of lists and quotations. */
const behindMarkers = (line: string): string =>
  line.replace(/^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))*[ \t]*/, '')

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

interface FenceScan {
  /** End of the opening line. */
  lineEnd: number
  opening: FenceOpening
  /** Columns in front of it, markers included. */
  indent: number
  /** It may be in an item of a list: then a line further out ends it, and readings differ on what follows. */
  isNested: boolean
}

/** What a fence holds, and where the line behind it begins; null when readings differ on that. */
function measureFence(
  text: string,
  { lineEnd: from, opening, indent, isNested }: FenceScan,
): { code: Range; next: number } | null {
  const start = Math.min(from + 1, text.length)
  for (let at = start; at < text.length;) {
    const end = lineEnd(text, at)
    const line = text.slice(at, end)
    const own = columns(/^[ \t]*/.exec(line)?.[0] ?? '')
    if (isNested && !isBlank(line) && own < indent) return null
    if (closesFence(isNested ? line.trimStart() : line, opening) && (!isNested || own <= indent + 3))
      return { code: { start, end: at }, next: end + 1 }
    at = end + 1
  }
  return { code: { start, end: text.length }, next: text.length }
}

interface LineScan extends Range {
  block: HtmlBlock | null
  /** A list began somewhere above. */
  inList: boolean
  mayHoldCode: boolean
  ends: ParagraphEnds
}

/**
 * Notes comments and code spans of one line. A comment may run on over further lines; `next` is where the next line
 * begins then. `unpaired`: something stays open that may pair with a later line of the paragraph.
 */
function scanLine(
  text: string,
  line: LineScan,
  ranges: MarkdownRanges,
): { next: number; unpaired: boolean; endsBlock: boolean } {
  let unpaired = false
  let endsBlock = false
  let end = line.end
  const contentStart = line.end - behindMarkers(text.slice(line.start, line.end)).length
  for (let at = line.start; at < end;) {
    const character = text[at]
    if (character === '\\' && line.block === null) at += 2
    else if (character === '`' && line.block === null) {
      const run = /^`+/.exec(text.slice(at, end))?.[0].length ?? 1
      const close = closingRun(text, { start: at + run, end }, run)
      const isSure = close !== null && line.mayHoldCode && !unpaired
      if (isSure) ranges.code.push({ start: at, end: close })
      else unpaired = true
      at = isSure ? close : at + run
    } else if (text.startsWith('<!--', at)) {
      const closing = at > line.ends.lastClosing(text) ? null : commentEnd(text, at)
      const isOwn = line.block?.start === line.start && at === contentStart
      // Asked only where it matters, and remembered: a paragraph may hold thousands of these.
      const limit =
        closing === null
          ? 0
          : isOwn
            ? containerEnd(text, line, contentStart)
            : line.ends.behind(text, at, line.block !== null)
      if (closing !== null && closing <= limit) {
        ranges.comments.push({ start: at, end: closing })
        at = closing
        endsBlock ||= isOwn
      } else if (line.block) {
        // Its block ends before it does, and a `-->` further down is text: a browser hides all.
        ranges.comments.push({ start: at, end: text.length })
        at = text.length
        // Within a paragraph an unfinished comment is plain text that everybody sees.
      } else at += 4
      if (at > end) end = lineEnd(text, at)
    } else if (character === '<') {
      const tag = /^<(?:[A-Za-z/](?:[^<>"'\n]|"[^"\n]*"|'[^'\n]*')*|[A-Za-z][A-Za-z0-9+.-]*:[^\s<>]*)>/.exec(
        text.slice(at, end),
      )
      if (!tag && /[A-Za-z/!?]/.test(text[at + 1] ?? '')) unpaired = true
      at += tag?.[0].length ?? 1
    } else at++
  }
  return { next: end + 1, unpaired, endsBlock }
}

/** Behind `-->`; `<!-->` and `<!--->` are comments, too. */
function commentEnd(text: string, at: number): number | null {
  const short = /^<!--(?:-?>)/.exec(text.slice(at, at + 6))
  if (short) return at + short[0].length
  const end = text.indexOf('-->', at + 4)
  return end < 0 ? null : end + 3
}

/** Where the item or quotation ends whose line this is: at the first line that is not in it. */
function containerEnd(text: string, line: LineScan, contentStart: number): number {
  const prefix = text.slice(line.start, contentStart)
  const isItem = /[^\s>]/.test(prefix) || (line.inList && prefix.length > 1)
  if (!isItem && !prefix.includes('>')) return text.length
  for (let at = line.end + 1; at < text.length; at = lineEnd(text, at) + 1) {
    const next = text.slice(at, lineEnd(text, at))
    const isInside = prefix.includes('>')
      ? /^[ \t]*>/.test(next)
      : next.length - next.trimStart().length >= prefix.length
    if (!isInside && !(isBlank(next) && !prefix.includes('>'))) return at
  }
  return text.length
}

/** Where paragraphs end at the latest: at a blank line or, outside of HTML, at a line that begins an HTML block. */
class ParagraphEnds {
  readonly #known = new Map<boolean, Range>()
  #lastClosing: number | null = null

  /** Offset of the last `-->`. */
  lastClosing(text: string): number {
    return (this.#lastClosing ??= text.lastIndexOf('-->'))
  }

  behind(text: string, from: number, isHtml: boolean): number {
    const known = this.#known.get(isHtml)
    if (known && known.start <= from && from < known.end) return known.end
    let at = lineEnd(text, from) + 1
    for (; at < text.length; at = lineEnd(text, at) + 1) {
      const line = text.slice(at, lineEnd(text, at))
      if (isBlank(line) || (!isHtml && startsHtmlBlock.test(line))) break
    }
    const end = Math.min(at, text.length)
    this.#known.set(isHtml, { start: from, end })
    return end
  }
}

/** Behind the next run of exactly that many backticks, or null. */
function closingRun(text: string, range: Range, length: number): number | null {
  for (let at = range.start; at < range.end;) {
    if (text[at] !== '`') {
      at++
      continue
    }
    let stop = at
    while (stop < range.end && text[stop] === '`') stop++
    if (stop - at === length) return stop
    at = stop
  }
  return null
}
