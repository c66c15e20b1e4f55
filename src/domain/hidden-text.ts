import { oneLine } from './defuse.js'
import { breakUp, type Cut, findComments, findCuts } from './hidden-markup.js'
import { withoutInvisible } from './invisible.js'

/** Something in a text that people don't see. */
export interface Hidden {
  /** What it was: "HTML comment", "3 bidirectional control characters". */
  what: string
  /** `line N`, from 1. */
  where: string
  /** The beginning of it, on one line. */
  sample?: string
}

/**
 * Markdown as people see it on GitHub: what they can't see is taken out, so that nobody can tell a model something
 * behind their back, and is listed, so that they learn of it. Taken out are HTML comments and other raw HTML without a
 * face, elements with a hiding style, attributes that hold words (alt, title, aria-…), images' alt texts, links' titles,
 * links without a text, definitions that nothing uses, words behind a fence's language, what drawings and formulas leave
 * out, and characters without a shape, as such or as entities. What shows, `<details>` too, stays as it was written, and code stays whole.
 *
 * Cleaning a clean text changes nothing and finds nothing.
 */
export const cleanText = (markdown: string): { text: string; hidden: Hidden[] } => clean(markdown, findCuts)

/**
 * A Markdown file of the repository as it shows on its page, HTML comments and characters without a shape taken out. All
 * else is what anybody sees who opens the file.
 */
export const cleanFile = (markdown: string): { text: string; hidden: Hidden[] } => clean(markdown, findComments)

/** What of a text, of whatever kind, has no shape, by its line; a mark of its encoding at its start is usual. */
export function hiddenCharacters(text: string): Hidden[] {
  const hidden: Hidden[] = []
  withoutCharacters(text.replace(/^\uFEFF/, ''), hidden)
  return hidden
}

function clean(markdown: string, find: (text: string) => Cut[]): { text: string; hidden: Hidden[] } {
  let text = markdown.replace(/\r\n?/g, '\n')
  let lines = text.split('\n').map((_, index) => index + 1)
  const hidden: Hidden[] = []
  const seen = withoutCharacters(text, hidden)
  text = seen
  // What is taken out may join what stands around it to something new. Each pass makes the text shorter.
  for (let pass = 0; ; pass++) {
    const cuts = pass < maxPasses ? find(text) : breakUp(text)
    if (cuts.length === 0) return { text, hidden }
    const after = apply(text, lines, cuts)
    for (const { what, start, sample } of cuts)
      if (what !== null)
        hidden.push({
          what,
          where: `line ${lines[lineAt(text, start)] ?? 1}`,
          ...(sample !== '' && { sample: oneLine(sample, 100) }),
        })
    text = after.text
    lines = after.lines
  }
}

/** Only a text made to be taken apart needs more: then what is left of its markup is shown as plain characters. */
const maxPasses = 20

function withoutCharacters(text: string, hidden: Hidden[]): string {
  const found = new Map<string, { line: number; kind: string; count: number; spelled: string }>()
  let line = 1
  let counted = 0
  const visible = withoutInvisible(text, (character, offset) => {
    for (; counted < offset; counted++) if (text[counted] === '\n') line++
    const kind = kindOf(character)
    const key = `${line} ${kind}`
    const entry = found.get(key) ?? { line, kind, count: 0, spelled: '' }
    const code = character.codePointAt(0) ?? 0
    const spelled = code > 0xe001f && code < 0xe007f ? String.fromCharCode(code - 0xe0000) : ''
    found.set(key, { ...entry, count: entry.count + 1, spelled: entry.spelled + spelled })
  })
  for (const { line, kind, count, spelled } of found.values())
    hidden.push({
      what: `${count} ${kind}${count === 1 ? '' : 's'}`,
      where: `line ${line}`,
      ...(spelled !== '' && { sample: oneLine(spelled, 100) }),
    })
  return visible
}

function kindOf(character: string): string {
  if (/[\u{E0000}-\u{E007F}]/u.test(character)) return 'tag character'
  if (/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/.test(character)) return 'bidirectional control character'
  if (/[\u180B-\u180F\uFE00-\uFE0F\u{E0100}-\u{E01EF}]/u.test(character)) return 'variation selector'
  if (character === '\u00AD') return 'soft hyphen'
  if (/\p{Surrogate}/u.test(character)) return 'broken character'
  if (/[\u0000-\u001F\u007F-\u009F]/.test(character)) return 'control character'
  return 'zero-width character'
}

/** Takes the cuts out, with their lines where nothing else is on them; `lines` keeps the original line numbers. */
function apply(text: string, lines: readonly number[], cuts: readonly Cut[]): { text: string; lines: number[] } {
  let out = ''
  const kept: number[] = [lines[0] ?? 1]
  let at = 0
  let line = 0
  const copy = (end: number): void => {
    for (let next = text.indexOf('\n', at); next >= 0 && next < end; next = text.indexOf('\n', next + 1))
      kept.push(lines[++line] ?? 1)
    out += text.slice(at, end)
    at = end
  }
  for (const { start, end, by } of cuts) {
    copy(start)
    out += by
    at = end
    line += text.slice(start, end).split('\n').length - 1
    const wasWholeLine = by === '' && (out === '' || out.endsWith('\n')) && text[end] === '\n'
    if (!wasWholeLine) continue
    at = end + 1
    line++
    kept[kept.length - 1] = lines[line] ?? 1
  }
  copy(text.length)
  return { text: out, lines: kept }
}

function lineAt(text: string, offset: number): number {
  let line = 0
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return line
}
