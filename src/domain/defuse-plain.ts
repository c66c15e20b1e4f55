import { oneLine } from './defuse.js'

/**
 * Text of a model's for places without Markdown (commit messages, titles), on one line of at most `max` characters.
 * GitHub looks for mentions, references and closing words there too, and has no code spans to hide them in; so they are
 * reworded: `@name` → `@ name`, `fixes #12` → `fixes no. 12`, `owner/name#12` → `owner/name no. 12`.
 */
export function defusePlain(text: string, max: number): string {
  const reworded = text
    .replace(/https?:\/\/[^\s/]+\/([^\s/]+\/[^\s/]+)\/(?:issues|pull|discussions)\/(\d+)\S*/gi, '$1 no. $2')
    .replace(/(?<![A-Za-z0-9_])@(?=[A-Za-z0-9])/g, '@ ')
    .replace(/(^|[^\s(])?#(?=\d)/g, (_, before: string | undefined) => (before ? `${before} no. ` : 'no. '))
    .replace(/\bGH-(?=\d)/gi, 'no. ')
    .replace(/<!--|-->/g, '')
  return oneLine(reworded, max)
}
