import { inlineCode } from '../code-markdown.js'
import { defuse, defuseLine } from '../defuse.js'

/** Hosts that what a model wrote may link to. */
export interface Links {
  hosts?: readonly string[]
}

/** Longest entry of a list that a model wrote. */
const usualEntry = 600

/** `- …` a line, each defused. */
export const bullets = (items: readonly string[], links: Links = {}, entryLimit = usualEntry): string =>
  items.map(item => `- ${defuseLine(item, entryLimit, links)}`).join('\n')

/** Several paragraphs of a model's, with what acts taken out. */
export const prose = (text: string, links: Links = {}): string => defuse(text.trim(), links)

/** Paths or globs as code, at most `max` of them. */
export function paths(list: readonly string[], max = 12): string {
  const shown = list.slice(0, max).map(path => inlineCode(path))
  return list.length > max ? `${shown.join(', ')} and ${list.length - max} more` : shown.join(', ')
}

/** Something to open when it is wanted. */
export const folded = (summary: string, content: string): string =>
  `<details>\n<summary>${summary}</summary>\n\n${content.trim()}\n\n</details>`

/** Parts that are there, with a blank line between them. */
export const sections = (...parts: (string | null | undefined | false)[]): string =>
  parts.filter(part => typeof part === 'string' && part.trim() !== '').join('\n\n')
