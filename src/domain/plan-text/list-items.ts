import { Enclosure, isBlank, type SourceLine } from './source-lines.js'

/**
 * The points of a list, or the lines where there is no list, each on one line. What is folded, a fence, an HTML
 * comment or a template's `[remark in brackets]` is none.
 */
export function listItems(lines: readonly SourceLine[]): { text: string; source: SourceLine }[] {
  const items: { text: string; source: SourceLine }[] = []
  const enclosure = new Enclosure()
  const isList = lines.some(line => marked.test(line.text))
  let isOpen = false
  for (const line of lines) {
    if (enclosure.inside(line.text)) continue
    if (isBlank(line.text)) {
      isOpen = false
      continue
    }
    if (/^\s*(?:<!--.*-->|\[[^\]]*\])\s*$/.test(line.text)) continue
    const marker = marked.exec(line.text)?.[0]
    const last = items.at(-1)
    if (marker === undefined && isList && isOpen && last) last.text += ` ${line.text.trim()}`
    else items.push({ text: line.text.slice(marker?.length ?? 0).trim(), source: line })
    isOpen = true
  }
  return items.filter(item => item.text !== '')
}

const marked = /^\s*(?:[-*+]|\d{1,9}[.)])(?:\s+|$)/
