import { Enclosure, indentOf, isBlank, type SourceLine } from './source-lines.js'

/**
 * The points of a list, or the paragraphs where there is no list, each on one line. What is folded, a fence, an HTML
 * comment or a template's `[remark in brackets]` is none.
 */
export function listItems(lines: readonly SourceLine[]): { text: string; source: SourceLine }[] {
  const items: { text: string; source: SourceLine }[] = []
  const enclosure = new Enclosure()
  let openIndent: number | null = null
  for (const line of lines) {
    if (enclosure.inside(line.text)) continue
    if (isBlank(line.text)) {
      openIndent = null
      continue
    }
    if (/^\s*(?:<!--.*-->|\[[^\]]*\])\s*$/.test(line.text)) continue
    const [, marker] = /^(\s*(?:[-*+]|\d{1,9}[.)])(?:\s+|$))/.exec(line.text) ?? []
    const last = items.at(-1)
    if (marker === undefined && openIndent !== null && last) last.text += ` ${line.text.trim()}`
    else items.push({ text: line.text.slice(marker?.length ?? 0).trim(), source: line })
    openIndent = indentOf(line.text)
  }
  return items.filter(item => item.text !== '')
}
