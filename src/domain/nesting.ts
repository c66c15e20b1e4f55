/**
 * How deep texts of others are nested, told before a parser that calls itself sees them. A stack that overflows is no
 * mere exception: where a regular expression is compiled at its very end, V8 ends the process.
 */

/** Deeper than anything that people write, and a fraction of what the parsers bear. */
const most = { flow: 100, column: 200, elements: 100 }

/** Throws for YAML that nests too deeply, in brackets or by indentation. */
export function checkYamlNesting(text: string): void {
  let flow = 0
  for (const character of text) {
    if (character === '[' || character === '{') flow++
    else if ((character === ']' || character === '}') && flow > 0) flow--
    if (flow > most.flow) throw new Error('is nested too deeply')
  }
  for (const line of text.split('\n')) {
    // `- - - x` opens a collection at each dash, `? ? x` at each question mark.
    const marks = /^[ \t?:-]*/.exec(line)?.[0].length ?? 0
    if (marks > most.column && marks < line.trimEnd().length) throw new Error('is nested too deeply')
  }
}

/** Throws for XML whose elements nest too deeply. */
export function checkXmlNesting(text: string): void {
  let depth = 0
  for (const [mark] of text.matchAll(/<\/|\/>|<[A-Za-z_]/g)) {
    depth += mark.startsWith('</') || mark === '/>' ? -1 : 1
    if (depth > most.elements) throw new Error('is nested too deeply')
  }
}
