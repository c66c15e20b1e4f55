import { elementEnd, type HtmlTag, isHidden, isPlain, isUsualAlt, isWorthTelling, readTag, shows } from './html-tag.js'
import { startsHtmlBlock } from './html-block.js'
import { withoutInvisible } from './invisible.js'
import { findInDrawings } from './hidden-in-drawings.js'
import { type Range, readMarkdownRanges } from './markdown-ranges.js'

/** A part of a text that people don't see. */
export interface Cut extends Range {
  /** What stands there instead. */
  by: string
  /** What it is, in words; null when nobody needs to know. */
  what: string | null
  /** Its words. */
  sample: string
}

/** Everything to take out, in order, none inside another. */
export function findCuts(text: string): Cut[] {
  const { code, comments, htmlBlocks } = readMarkdownRanges(text)
  const masked = mask(text, code)
  return apart([
    ...comments.map(range => commentCut(text, range)),
    ...findInDrawings(text, masked).map(({ what, ...range }) => cut(text, range, what)),
    ...findInfoStrings(text, masked),
    ...findTags(text, masked, htmlBlocks),
    ...findDeclarations(text, masked),
    ...findImagesAndLinks(text, masked),
    ...findDefinitions(text, masked),
    ...findEntities(masked),
  ])
}

/** HTML comments alone: what a file of the repository holds that its page doesn't show. */
export const findComments = (text: string): Cut[] =>
  apart(readMarkdownRanges(text).comments.map(range => commentCut(text, range)))

const commentCut = (text: string, range: Range): Cut =>
  cut(text, range, 'HTML comment', text.slice(range.start + 4, range.end).replace(/-->$/, ''))

function apart(cuts: Cut[]): Cut[] {
  const found: Cut[] = []
  for (const one of cuts.sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = found.at(-1)
    // What begins inside of something that goes, goes with it to its own end.
    if (last && one.start < last.end) last.end = Math.max(last.end, one.end)
    else found.push({ ...one })
  }
  return found
}

const cut = (text: string, range: Range, what: string, sample = text.slice(range.start, range.end)): Cut => ({
  ...range,
  by: '',
  what,
  sample: sample.trim(),
})

const maskCharacter = '\uE000'

/** The text with its code made unreadable to the patterns below, every offset kept. */
function mask(text: string, code: readonly Range[]): string {
  let out = ''
  let at = 0
  for (const { start, end } of code) {
    out += text.slice(at, start) + text.slice(start, end).replace(/[^\n]/g, maskCharacter)
    at = end
  }
  return out + text.slice(at)
}

const isEscaped = (text: string, at: number): boolean =>
  /(?<!\\)(?:\\\\)*\\$/.test(text.slice(Math.max(0, at - 20), at))

/**
 * Hidden elements and attributes with words. In an HTML block, a tag need not end: a browser then hides what follows, so
 * everything behind it goes.
 */
function findTags(text: string, masked: string, htmlBlocks: readonly Range[]): Cut[] {
  const cuts: Cut[] = []
  let end = 0
  let next = 0
  for (const { index } of masked.matchAll(/<[A-Za-z/!?]/g)) {
    if (index < end) continue
    while ((htmlBlocks[next]?.end ?? Infinity) <= index) next++
    const block = (htmlBlocks[next]?.start ?? Infinity) <= index ? htmlBlocks[next] : undefined
    if (block === undefined && isEscaped(masked, index)) continue
    const other = block ? otherMarkup(masked, index, block) : null
    if (other !== null) {
      end = other
      cuts.push(cut(text, { start: index, end }, 'raw HTML that does not show'))
      continue
    }
    const tag = readTag(masked, index, block !== undefined)
    if (tag === null || (tag === 'unfinished' && !block)) continue
    const reach = tag === 'unfinished' ? text.length : tag.end
    const crossesBlank = /\n[ \t]*\n/.test(masked.slice(index, reach))
    // Another block begins within it, so that this one is text.
    if (
      !block &&
      masked
        .slice(index, reach)
        .split('\n')
        .slice(1)
        .some(line => startsHtmlBlock.test(line))
    )
      continue
    if (block && (tag === 'unfinished' || crossesBlank)) {
      // An open quote swallows what follows the block, too; without one, the next tag's end is this one's.
      end = /["']/.test(masked.slice(index, block.end)) ? text.length : block.end
      cuts.push(cut(text, { start: index, end }, 'unfinished HTML tag'))
      continue
    }
    if (tag === 'unfinished' || crossesBlank) continue
    end = tag.end
    if (isHidden(tag)) {
      end = tag.closesItself ? tag.end : elementEnd(masked, tag)
      cuts.push(
        cut(
          text,
          { start: index, end },
          `hidden HTML (<${tag.name}>)`,
          text.slice(tag.end, end).replace(/<\/[^<>]*>$/, ''),
        ),
      )
      continue
    }
    if (!shows(tag.name)) {
      cuts.push(cut(text, { start: index, end }, 'HTML tag that does not show'))
      continue
    }
    const stays = (attribute: HtmlTag['attributes'][number]): boolean =>
      isPlain(attribute) && !attribute.raw.includes(maskCharacter)
    const dropped = tag.attributes.filter(attribute => !stays(attribute))
    if (dropped.length === 0) continue
    const kept = tag.attributes.filter(stays).map(({ raw }) => ` ${raw}`)
    const told = dropped.filter(isWorthTelling)
    cuts.push({
      start: index,
      end,
      by: `<${tag.name}${kept.join('')}>`,
      what: told.length === 0 ? null : `${told.map(({ name }) => name.slice(0, 30)).join(', ')} of <${tag.name}>`,
      sample: told.map(({ name, value }) => value.trim() || name).join(' · '),
    })
  }
  return cuts
}

/** In raw HTML: where an instruction, a declaration, or a closing tag with words in it ends; null for anything else. */
function otherMarkup(masked: string, at: number, block: Range): number | null {
  if (/^<[!?]/.test(masked.slice(at, at + 2))) {
    const close = masked.indexOf('>', at)
    return close < 0 ? masked.length : close + 1
  }
  const closing = /^<\/(?:(?![A-Za-z])|[A-Za-z][^\s>]*\s+[^\s>])[^>]*(?:>|$)/.exec(masked.slice(at, block.end))
  return closing && at + closing[0].length
}

/** Instructions, declarations and closing tags of elements that don't show. A browser ends each at the first `>`. */
function findDeclarations(text: string, masked: string): Cut[] {
  const lastInstruction = masked.lastIndexOf('?>')
  return [...masked.matchAll(/<(?:\?|!(?!--)|\/(?<name>[A-Za-z][A-Za-z0-9-]*)(?=\s*>))[^>]*(?:>|$(?![\s\S]))/g)]
    .filter(({ index, groups }) => {
      if (isEscaped(masked, index) || (groups?.name !== undefined && shows(groups.name))) return false
      return masked[index + 1] !== '?' || index < lastInstruction
    })
    .map(match => cut(text, { start: match.index, end: match.index + match[0].length }, 'raw HTML that does not show'))
}

/** Alt texts, titles, and links that have no text to click on. */
function findImagesAndLinks(text: string, masked: string): Cut[] {
  const cuts: Cut[] = []
  const title =
    /\](?:\(\s*(?:<[^<>\n]*>|[^\s()<>]*(?:\([^\s()]*\)[^\s()]*)*))(?<title>\s+(?:"[^"]*"|'[^']*'|\([^()]*\)))(?=\s*\))/dg
  for (const match of masked.matchAll(title)) {
    const [start = 0, end = 0] = match.indices?.groups?.title ?? []
    cuts.push(cut(text, { start, end }, 'link title', text.slice(start, end).trim().slice(1, -1)))
  }
  const image = /!\[(?<alt>(?:[^[\]\\]|\\.)+)\](?=\(|\[[^\]\n]+\])/dg
  for (const match of masked.matchAll(image)) {
    if (isEscaped(masked, match.index)) continue
    const [start = 0, end = 0] = match.indices?.groups?.alt ?? []
    const alt = text.slice(start, end)
    cuts.push({ start, end, by: '', what: isUsualAlt(alt) ? null : 'image alt text', sample: alt.trim() })
  }
  const empty = /(?<!!)\[\s*\](?:\(\s*(?:<[^<>\n]*>|[^\s()<>]*(?:\([^\s()]*\)[^\s()]*)*)\s*\)|\[[^[\]\n]*\])/g
  for (const match of masked.matchAll(empty)) {
    if (isEscaped(masked, match.index)) continue
    cuts.push(cut(text, { start: match.index, end: match.index + match[0].length }, 'link without a text'))
  }
  return cuts
}

/** `[label]: address "title"` never shows; its address matters where the label is used. Footnotes show where they are. */
function findDefinitions(text: string, masked: string): Cut[] {
  const uses = usedLabels(masked)
  const cuts: Cut[] = []
  const defined = new Set<string>()
  /** Of several definitions of a label, the first counts. */
  const isIdle = (label: string): boolean => {
    const isFurther = defined.has(normal(label))
    defined.add(normal(label))
    return isFurther || (uses.get(normal(label)) ?? 0) === 0
  }
  const link =
    /^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))*[ \t]*\[(?<label>(?:[^[\]\\\n]|\\.)+)\]:[ \t]*\n?[ \t]*(?:<[^<>\n]*>|[^\s<]\S*)(?<title>[ \t]*\n?[ \t]+(?:"[^"]*"|'[^']*'|\([^()]*\)))?[ \t]*$/dgm
  for (const match of masked.matchAll(link)) {
    const label = match.groups?.label ?? ''
    if (label.startsWith('^') || (/^\s*\[/.test(match[0]) && continuesParagraph(masked, match.index))) continue
    const [start, end] = match.indices?.groups?.title ?? []
    if (isIdle(label))
      cuts.push(
        cut(text, { start: match.index, end: match.index + match[0].length }, 'link definition that nothing uses'),
      )
    else if (start !== undefined && end !== undefined)
      cuts.push(cut(text, { start, end }, 'link title', text.slice(start, end).trim().slice(1, -1)))
  }
  for (const match of masked.matchAll(
    /^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))*[ \t]*\[\^(?<label>[^\]\s]+)\]:[^\n]*(?:\n(?![ \t]*(?:\n|$))[^\n]*)*/gm,
  ))
    if (isIdle(`^${match.groups?.label ?? ''}`))
      cuts.push(cut(text, { start: match.index, end: match.index + match[0].length }, 'footnote that nothing uses'))
  return cuts
}

/** What stands behind the language of a code block, wherever that is. */
function findInfoStrings(text: string, masked: string): Cut[] {
  const line =
    /^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))*[ \t]*(?:`{3,}(?=[^`\n]*$)|~{3,})[ \t]*[^\s`~]\S*(?<rest>[ \t]+\S[^\n]*)$/dgm
  return [...masked.matchAll(line)].map(match => {
    const [start = 0, end = 0] = match.indices?.groups?.rest ?? []
    return cut(text, { start, end }, 'words behind a code block’s language')
  })
}

/** Behind a line that begins with a letter, which is a paragraph's, no definition can begin: it shows as it is. */
const continuesParagraph = (masked: string, at: number): boolean =>
  /(?:^|\n)\p{L}[^\n]*\n$/u.test(masked.slice(Math.max(0, masked.lastIndexOf('\n', at - 2)), at))

/** How often each label stands in brackets where it isn't defined. */
function usedLabels(masked: string): Map<string, number> {
  const uses = new Map<string, number>()
  for (const { index, 0: whole, 1: label = '' } of masked.matchAll(/\[((?:[^[\]\\]|\\.)+)\]/g)) {
    const isDefinition =
      masked[index + whole.length] === ':' && startsLine.test(masked.slice(lineStart(masked, index), index))
    if (!isDefinition) uses.set(normal(label), (uses.get(normal(label)) ?? 0) + 1)
  }
  return uses
}

const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1

const startsLine = /^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))*[ \t]*$/

const normal = (label: string): string => label.replace(/\s+/g, ' ').trim().toLowerCase()

/** Named entities for characters without a shape (HTML's list). */
const shapeless =
  /^(?:ZeroWidthSpace|NegativeVeryThinSpace|NegativeThinSpace|NegativeMediumSpace|NegativeThickSpace|zwnj|zwj|lrm|rlm|shy|NoBreak|ApplyFunction|af|InvisibleTimes|it|InvisibleComma|ic)$/

const findEntities = (masked: string): Cut[] =>
  [...masked.matchAll(/&(?:#(?<decimal>\d{1,7})|#[xX](?<hex>[0-9a-fA-F]{1,6})|(?<name>[A-Za-z]+));/g)].flatMap(
    (match): Cut[] => {
      const { decimal, hex, name } = match.groups ?? {}
      if (isEscaped(masked, match.index)) return []
      const code = name === undefined ? parseInt(decimal ?? hex ?? '', decimal === undefined ? 16 : 10) : null
      const isShapeless =
        code === null
          ? shapeless.test(name ?? '')
          : code === 0 || code > 0x10ffff || withoutInvisible(`x${String.fromCodePoint(code)}x`) === 'xx'
      const range = { start: match.index, end: match.index + match[0].length }
      return isShapeless ? [{ ...range, by: '', what: 'entity of an invisible character', sample: match[0] }] : []
    },
  )

/** Every remaining `<`, `[`, `]` and `&` outside of code, escaped: none of them is markup any more. */
export function breakUp(text: string): Cut[] {
  const masked = mask(text, readMarkdownRanges(text).code)
  if (findCuts(text).length === 0) return []
  return [...masked.matchAll(/[<[\]&]/g)]
    .filter(({ index }) => !isEscaped(masked, index))
    .map(match => ({ start: match.index, end: match.index + 1, by: `\\${match[0]}`, what: null, sample: '' }))
}
