/** Longer lines are no code that a person wrote, and no pattern should have to walk them. */
const longestLine = 1000

/** Lines of a file, each cut to {@link longestLine} characters. */
export const linesOf = (text: string): string[] => text.split('\n').map(line => line.slice(0, longestLine).trimEnd())

/** A program without its comments that fill a line (and, with `//`, those between slash and star). */
export function withoutComments(text: string, comment: '#' | '//'): string {
  let inBlock = false
  const kept: string[] = []
  for (const line of linesOf(text)) {
    const trimmed = line.trimStart()
    if (inBlock) {
      inBlock = !line.includes('*/')
      continue
    }
    if (trimmed.startsWith(comment)) continue
    if (comment === '//' && trimmed.startsWith('/*')) {
      inBlock = !line.includes('*/')
      continue
    }
    kept.push(line)
  }
  return kept.join('\n')
}
