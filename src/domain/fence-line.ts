/** The line that opens a code fence: CommonMark 0.31, section 4.5. */
export interface FenceOpening {
  character: '`' | '~'
  length: number
  /** Columns of white space before it. */
  indent: number
  /** What stands behind it on the line: the language and whatever follows. */
  info: string
}

/** Reads a line as the opening of a fence, at any indent: the caller decides which indents count. */
export function readFenceOpening(line: string): FenceOpening | null {
  const match = /^([ \t]*)(`{3,}(?=[^`]*$)|~{3,})(.*)$/s.exec(line)
  if (!match) return null
  const [, space = '', run = '', info = ''] = match
  return { character: run[0] === '~' ? '~' : '`', length: run.length, indent: columns(space), info: info.trim() }
}

/** Whether a line closes that fence: the same character, at least as many, at most three columns in, nothing behind. */
export function closesFence(line: string, opening: FenceOpening): boolean {
  const match = /^( {0,3})(`{3,}|~{3,})[ \t]*$/.exec(line)
  const run = match?.[2]
  return run !== undefined && run[0] === opening.character && run.length >= opening.length
}

/** Width of leading white space, with tab stops of four. */
export function columns(space: string): number {
  let width = 0
  for (const character of space) width += character === '\t' ? 4 - (width % 4) : 1
  return width
}
