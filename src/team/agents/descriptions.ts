/** Longest description in the roster, in characters: the tech lead reads every agent's, in each of its turns. */
export const longestDescription = 400

/**
 * A description as the roster has it: one line, without the worked examples that Claude Code lets its generator append,
 * cut behind a sentence where it is too long.
 */
export function rosterDescription(text: string): { text: string; cut: boolean } {
  const line = text
    .replace(/\\[nrt]/g, ' ')
    .replace(/<example>[\s\S]*$/i, '')
    .replace(/\s+/g, ' ')
    .replace(/\s*(?:for )?examples?:?\s*$/i, '')
    .trim()
  if (line.length <= longestDescription) return { text: line, cut: false }
  const head = line.slice(0, longestDescription - 1)
  const sentence = Math.max(...['. ', '! ', '? ', '。'].map(end => head.lastIndexOf(end)))
  if (sentence > longestDescription / 3) return { text: head.slice(0, sentence + 1), cut: true }
  return { text: `${head.slice(0, Math.max(head.lastIndexOf(' '), longestDescription / 2))}…`, cut: true }
}

/** What a prompt says first, when nothing else says what its agent is for: its first paragraph of prose. */
export function descriptionFrom(prompt: string): string | null {
  const paragraphs = prompt.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').split(/\n\s*\n/)
  const prose = paragraphs
    .map(text => text.trim())
    .find(text => text.length >= 20 && !/^(#|[-*+>|<`~]|\d+[.)])/.test(text))
  return prose === undefined ? null : rosterDescription(prose).text || null
}
