/**
 * The text with every code span and every escaped character replaced by filler of the same length, so that a pattern
 * finds only what is neither. Offsets stay what they were.
 */
export function maskCode(text: string): string {
  let out = ''
  for (let at = 0; at < text.length;) {
    const length = text[at] === '\\' ? Math.min(2, text.length - at) : codeSpanLength(text, at)
    if (length > 0) {
      out += filler.repeat(length)
      at += length
    } else out += text[at++]
  }
  return out
}

/** Stands for what must not be looked at: a character that no plan's text holds, and no blank. */
export const filler = '\u0000'

/** Length of the code span that begins at `at`; 0 when none does. A run of backticks without a partner is no span. */
export function codeSpanLength(text: string, at: number): number {
  const run = /^`+/.exec(text.slice(at))?.[0].length ?? 0
  if (run === 0) return 0
  for (let end = text.indexOf('`', at + run); end >= 0; end = text.indexOf('`', end)) {
    const closing = /^`+/.exec(text.slice(end))?.[0].length ?? 1
    if (closing === run) return end + closing - at
    end += closing
  }
  return 0
}

/** What a code span shows: CommonMark takes one blank away from either side when both are there. */
export function codeSpanText(span: string): string {
  const run = /^`+/.exec(span)?.[0].length ?? 0
  const inner = span.slice(run, span.length - run)
  const padded = inner.startsWith(' ') && inner.endsWith(' ') && inner.trim() !== ''
  return padded ? inner.slice(1, -1) : inner
}
