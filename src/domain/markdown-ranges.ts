import { closesFence, readFenceOpening } from './fence-line.js'

/** Offsets, end excluded. */
export interface Range {
  start: number
  end: number
}

export interface MarkdownRanges {
  /** Code for sure: what stands in it shows as it is written. */
  code: Range[]
  /** Info strings of those fences, without their first word. */
  infos: Range[]
  /** HTML comments. */
  comments: Range[]
  /** Raw HTML blocks: there a tag need not be complete to have an effect. */
  htmlBlocks: Range[]
}

/**
 * Finds code and comments in Markdown as GitHub reads it (CommonMark 0.29 with its extensions), and where that is
 * unsure, calls nothing code: text is only exempt from cleaning when everybody sees it. So a fence counts at column one
 * alone, where no list or quotation can hold it, and a code span when no other reading of its paragraph undoes it.
 */
export function readMarkdownRanges(text: string): MarkdownRanges {
  const ranges: MarkdownRanges = { code: [], infos: [], comments: [], htmlBlocks: [] }
  let at = 0
  let html: number | null = null
  let unpaired = false
  while (at < text.length) {
    const end = lineEnd(text, at)
    const line = text.slice(at, end)
    if (isBlank(line)) {
      if (html !== null) ranges.htmlBlocks.push({ start: html, end: at })
      html = null
      unpaired = false
      at = end + 1
      continue
    }
    const content = behindMarkers(line)
    if (html === null && /^<(?:[A-Za-z]|[/!?])/.test(content)) html = at
    const opening = html === null && !/^\s/.test(line) ? readFenceOpening(line) : null
    if (opening) {
      at = readFence(text, { start: at, end }, ranges)
      unpaired = false
      continue
    }
    const scanned = scanLine(
      text,
      { start: at, end, isHtml: html !== null, mayHoldCode: html === null && !unpaired },
      ranges,
    )
    unpaired ||= scanned.unpaired
    at = scanned.next
  }
  if (html !== null) ranges.htmlBlocks.push({ start: html, end: text.length })
  return ranges
}

const isBlank = (line: string): boolean => /^[ \t]*$/.test(line)

/** Text after the markers of lists and quotations. */
const behindMarkers = (line: string): string =>
  line.replace(/^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))*[ \t]*/, '')

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

/** Notes a fenced block and returns where the line behind it begins. */
function readFence(text: string, line: Range, ranges: MarkdownRanges): number {
  const opening = readFenceOpening(text.slice(line.start, line.end))
  if (!opening) return line.end + 1
  const infoStart = line.start + opening.length
  const firstWord = /^\s*\S*/.exec(text.slice(infoStart, line.end))?.[0].length ?? 0
  if (text.slice(infoStart + firstWord, line.end).trim() !== '')
    ranges.infos.push({ start: infoStart + firstWord, end: line.end })
  let at = line.end + 1
  while (at < text.length) {
    const end = lineEnd(text, at)
    if (closesFence(text.slice(at, end), opening)) {
      ranges.code.push({ start: Math.min(line.end + 1, at), end: at })
      return end + 1
    }
    at = end + 1
  }
  ranges.code.push({ start: Math.min(line.end + 1, text.length), end: text.length })
  return text.length
}

interface LineScan extends Range {
  isHtml: boolean
  mayHoldCode: boolean
}

/**
 * Notes comments and code spans of one line. A comment may run on over further lines; `next` is where the next line
 * begins then. `unpaired`: something stays open that may pair with a later line of the paragraph.
 */
function scanLine(text: string, line: LineScan, ranges: MarkdownRanges): { next: number; unpaired: boolean } {
  let unpaired = false
  let end = line.end
  const contentStart = line.end - behindMarkers(text.slice(line.start, line.end)).length
  for (let at = line.start; at < end;) {
    const character = text[at]
    if (character === '\\' && !line.isHtml) at += 2
    else if (character === '`' && !line.isHtml) {
      const run = /^`+/.exec(text.slice(at, end))?.[0].length ?? 1
      const close = closingRun(text, { start: at + run, end }, run)
      const isSure = close !== null && line.mayHoldCode && !unpaired
      if (isSure) ranges.code.push({ start: at, end: close })
      else unpaired = true
      at = isSure ? close : at + run
    } else if (text.startsWith('<!--', at)) {
      const closing = commentEnd(text, at)
      const isBlock = line.isHtml || at === contentStart
      // Within a paragraph an unfinished comment is plain text that everybody sees.
      const limit = isBlock ? text.length : paragraphEnd(text, at)
      if (closing !== null && closing <= limit) {
        ranges.comments.push({ start: at, end: closing })
        at = closing
      } else if (isBlock) {
        ranges.comments.push({ start: at, end: text.length })
        at = text.length
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
  return { next: end + 1, unpaired }
}

/** Behind `-->`; `<!-->` and `<!--->` are comments, too. */
function commentEnd(text: string, at: number): number | null {
  const short = /^<!--(?:-?>)/.exec(text.slice(at, at + 6))
  if (short) return at + short[0].length
  const end = text.indexOf('-->', at + 4)
  return end < 0 ? null : end + 3
}

function paragraphEnd(text: string, at: number): number {
  const blank = /\n[ \t]*(?:\n|$)/g
  blank.lastIndex = at
  return blank.exec(text)?.index ?? text.length
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
