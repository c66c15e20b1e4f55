/**
 * A text without the words by which GitHub Actions and others are told to run no checks for a commit: `[skip ci]`,
 * `[ci-skip]`, `[no ci]`, `[skip netlify]` come to stand in round brackets, `***NO_CI***` and `skip-checks: true` lose
 * what makes them work. A pull request's title and text count as well: they become the message of a squashed commit.
 */
export const withoutCiWords = (text: string): string =>
  text
    .replace(/\[([^[\]\n]{1,60})\]/g, (whole, inner: string) => (skipsChecks.test(inner) ? `(${inner})` : whole))
    .replace(/\*{3}(\s*no[_ -]?ci\s*)\*{3}/gi, '$1')
    .replace(/\bskip-checks(?=\s*:)/gi, 'skip checks')

const skipsChecks = /(?<![a-z])skip(?![a-z])|^\W*no[\s_-]*(?:ci|cd|actions|checks|builds?|deploy|render)(?![a-z])/i

/**
 * A text in which nothing closes an issue, inside of code neither: a message of a commit has none. "fixes #12" becomes
 * "fixes issue #12".
 */
export const withoutClosing = (text: string): string =>
  text.replace(
    /\b((?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b:?\s+)(?=[\w./-]*#\d|GH-\d|https?:\/\/\S+\/(?:issues|pull|discussions)\/\d)/gi,
    '$1issue ',
  )
