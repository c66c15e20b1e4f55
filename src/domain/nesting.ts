/**
 * How deep texts of others are nested, told before a parser that calls itself sees them. A stack that overflows is no
 * mere exception: where a regular expression is compiled at its very end, V8 ends the process.
 */

/** Deeper than anything that people write, and a fraction of what the parsers bear. */
const most = { flow: 100, column: 200, elements: 100 }

/** Whether YAML nests too deeply, in brackets or by indentation. */
export function isDeepYaml(text: string): boolean {
  let flow = 0
  for (const character of text) {
    if (character === '[' || character === '{') flow++
    else if ((character === ']' || character === '}') && flow > 0) flow--
    if (flow > most.flow) return true
  }
  return text.split('\n').some(line => {
    // `- - - x` opens a collection at each dash, `? ? x` at each question mark.
    const marks = /^[ \t?:-]*/.exec(line)?.[0].length ?? 0
    return marks > most.column && marks < line.trimEnd().length
  })
}

/** Whether elements of XML nest too deeply. */
export function isDeepXml(text: string): boolean {
  let depth = 0
  for (const [mark] of text.matchAll(/<\/|\/>|<[A-Za-z_]/g)) {
    depth += mark.startsWith('</') || mark === '/>' ? -1 : 1
    if (depth > most.elements) return true
  }
  return false
}
