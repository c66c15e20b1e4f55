import { closesFence, readFenceOpening } from './fence-line.js'
import type { Range } from './markdown-ranges.js'

/** Something that a drawing's source holds and the drawing doesn't show. */
export interface HiddenInDrawing extends Range {
  what: string
}

/**
 * GitHub draws some code blocks and formulas instead of showing them, so that their source may hold words that nobody
 * sees: remarks and what gives a look in Mermaid, properties of maps and solids, remarks and invisible parts of formulas.
 * `masked` is the text with its code made unreadable.
 */
export function findInDrawings(text: string, masked: string): HiddenInDrawing[] {
  const found: HiddenInDrawing[] = []
  const lines = linesOf(text)
  for (let at = 0; at < lines.length; at++) {
    const opening = readFenceOpening(behindMarkers(lines[at]?.text ?? ''))
    if (!opening) continue
    const first = at + 1
    do at++
    while (at < lines.length && !closesFence(behindMarkers(lines[at]?.text ?? '').trimStart(), opening))
    found.push(...inBlock(/^\w*/.exec(opening.info)?.[0].toLowerCase() ?? '', lines.slice(first, at)))
  }
  for (const { index, 0: formula } of masked.matchAll(formulas))
    if (hidesInFormula.test(formula) || (formula.startsWith('$$') && remark.test(formula)))
      found.push({ start: index, end: index + formula.length, what: 'formula with parts that do not show' })
  return found
}

interface Line extends Range {
  text: string
}

function linesOf(text: string): Line[] {
  let start = 0
  return text.split('\n').map(line => {
    const range = { text: line, start, end: start + line.length }
    start = range.end + 1
    return range
  })
}

const behindMarkers = (line: string): string =>
  line.replace(/^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))*/, '')

function inBlock(language: string, lines: Line[]): HiddenInDrawing[] {
  const told = (those: Line[], what: string): HiddenInDrawing[] =>
    those.filter(({ text }) => text.trim() !== '').map(({ start, end }) => ({ start, end, what }))
  switch (language) {
    case 'mermaid':
      return told(hiddenInMermaid(lines), 'line of a diagram that does not show as it is')
    case 'math':
      return told(
        lines.filter(({ text }) => hidesInFormula.test(text) || remark.test(text)),
        'line of a formula that does not show as it is',
      )
    case 'geojson':
    case 'topojson':
    case 'stl':
      return told(lines, `source of a drawing (${language})`)
    default:
      return []
  }
}

function hiddenInMermaid(lines: Line[]): Line[] {
  let inDescription = false
  return lines.filter(({ text }) => {
    const begins = /^\s*accDescr\s*\{/i.test(text)
    const hides = inDescription || begins || notDrawn.test(text)
    inDescription = (inDescription || begins) && !text.includes('}')
    return hides
  })
}

/** Remarks, settings, descriptions, looks, tips, markup within labels, and links that are not drawn. */
const notDrawn =
  /%%|<|:::|~~~|#\w+;|^\s*(?:accTitle|accDescr|classDef|class|style|linkStyle|click|links?|callback|properties|details|rect)\b/i

/** `$$…$$`, over lines too, and `$…$` within a paragraph; amounts of money and variables are none. */
const formulas = /\$\$[^$]*\$\$|(?<![\w\\$])\$(?=[^\s$])[^$\n]*(?:\n(?![ \t]*\n)[^$\n]*)*(?<=\S)\$(?![\w$])/g

const remark = /(?<!\\)%/

const hidesInFormula =
  /\\(?:[hv]?phantom|smash|[a-z]*color[a-z]*|tiny|[rl]lap|math[rlc]lap|raise|lower|h?kern|[hm]?space|unicode|class|style|cssId|href|require|def|let|(?:re)?newcommand|mmlToken)(?![A-Za-z])/
