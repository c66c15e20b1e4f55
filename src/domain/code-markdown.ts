import { spellInvisible } from './invisible.js'

/**
 * Text as a code span that nothing in it can end. Line breaks become blanks, characters without a shape are spelled out:
 * what stands as code is read to the letter. `''` for nothing.
 */
export function inlineCode(text: string): string {
  const line = spellInvisible(text).replace(/\s*[\r\n]+\s*/g, ' ')
  if (line.trim() === '') return ''
  const ticks = '`'.repeat(shortestAbsentRun(line, '`', 1))
  const needsRoom = line.startsWith('`') || line.endsWith('`') || (line.startsWith(' ') && line.endsWith(' '))
  return needsRoom ? `${ticks} ${line} ${ticks}` : `${ticks}${line}${ticks}`
}

/** Markdown of one line, as the text of a link: brackets outside code are escaped, since they could end it. */
export const linkText = (markdown: string): string =>
  markdown.replace(/(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)|\\.|[[\]]/g, part => (/^[[\]]$/.test(part) ? `\\${part}` : part))

/** Languages that GitHub turns into something other than code. */
const rendered = new Set(['suggestion', 'mermaid', 'math', 'geojson', 'topojson', 'stl'])

/** Text as a fenced block that nothing in it can end, at column one. Blank lines and line breaks at its end are dropped. */
export function fence(text: string, language = ''): string {
  const name = /^[\w+#.-]{1,30}/.exec(language)?.[0] ?? ''
  const trimmed = text.replace(/\s+$/, '')
  return fenceLines(trimmed === '' ? [] : [trimmed], rendered.has(name.toLowerCase()) ? '' : name)
}

/** A block that GitHub offers to commit in place of the lines that the comment stands on; without lines, to delete them. */
export const suggestionFence = (lines: readonly string[]): string => fenceLines(lines, 'suggestion')

function fenceLines(lines: readonly string[], info: string): string {
  const ticks = '`'.repeat(Math.max(3, longestRun(lines.join('\n'), '`') + 1))
  return [`${ticks}${info}`, ...lines, ticks].join('\n')
}

/** Length of the shortest run, at least `from`, that does not occur in the text: a longer delimiter is not needed. */
function shortestAbsentRun(text: string, character: string, from: number): number {
  const lengths = new Set(text.match(new RegExp(`${character}+`, 'g'))?.map(run => run.length))
  let length = from
  while (lengths.has(length)) length++
  return length
}

const longestRun = (text: string, character: string): number =>
  Math.max(0, ...(text.match(new RegExp(`${character}+`, 'g'))?.map(run => run.length) ?? []))
