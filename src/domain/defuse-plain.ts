import { oneLine } from './defuse.js'
import { withoutCiWords } from './message-words.js'

/**
 * Text of a model's for places without Markdown (commit messages, titles), on one line of at most `max` characters.
 * GitHub looks for mentions, references, closing words and addresses there too, and has no code spans to hide them in;
 * so they are reworded: `@name` → `@ name`, `fixes #12` → `fixes no. 12`, `owner/name#12` → `owner/name no. 12`,
 * `https://host/path` → `host/path`. Words that keep checks from running (`[skip ci]`) lose their brackets.
 */
export function defusePlain(text: string, max: number): string {
  // First what goes without a trace, so that nothing joins to a mention or a reference behind the search for them.
  let plain = oneLine(text, Infinity).replace(
    /https?:\/\/[^\s/]+\/([^\s/]+\/[^\s/]+)\/(?:issues|pull|discussions)\/(\d+)\S*/gi,
    '$1 no. $2',
  )
  while (traceless.test(plain)) plain = plain.replaceAll(new RegExp(traceless, 'gi'), '')
  const reworded = plain
    .replace(/(?<![A-Za-z0-9_])@(?=[A-Za-z0-9])/g, '@ ')
    .replace(/(^|[^\s(])?#(?=\d)/g, (_, before: string | undefined) => (before ? `${before} no. ` : 'no. '))
    .replace(/\bGH-(?=\d)/gi, 'no. ')
  return oneLine(withoutCiWords(reworded), max)
}

/** Marks of comments, and what makes an address of words: GitHub leads to any. */
const traceless = /<!--|-->|(?:\b[a-z][a-z0-9+.-]*)?:\/\/+|\bwww\./i
