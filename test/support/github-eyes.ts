/** GitHub's own view, roughly: a text with its code taken out. `escaped` says what an escaped character counts as. */
export function outsideCode(markdown: string, escaped = (character: string): string => character, code = ' '): string {
  const blocks = markdown.replace(/^( {0,2})(`{3,})[^`\n]*\n[\s\S]*?^\1\2$/gm, '')
  return blocks
    .split('\n')
    .map(line => {
      let out = ''
      for (let at = 0; at < line.length;) {
        if (/^\\[!-/:-@[-`{-~]/.test(line.slice(at, at + 2))) {
          out += escaped(line[at + 1] ?? '')
          at += 2
        } else if (line[at] === '`') {
          const run = /^`+/.exec(line.slice(at))?.[0] ?? ''
          const end = new RegExp(`(?<!\`)${run}(?!\`)`, 'g')
          end.lastIndex = at + run.length
          const found = end.exec(line)
          out += found ? code : run
          at = found ? end.lastIndex : at + run.length
        } else out += line[at++]
      }
      return out
    })
    .join('\n')
}

/** What makes GitHub tell somebody, refer to something, close it or lead elsewhere. */
export const effects: RegExp[] = [
  /(?:^|[^A-Za-z0-9_])@[A-Za-z0-9]/m,
  /#\d/,
  /\bgh-\d/i,
  /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+\S*#\d/i,
  /https?:\/\/github\.com\/[^\s/]+\/[^\s/]+\/(?:issues|pull)\/\d/,
  /(?:https?:\/\/evil|www\.(?:x|evil))\.example/,
]
