export interface IssueText {
  title: string
  body: string
}

/** An issue from a file: its first line is the title, a Markdown heading's `#` left aside; the rest is the body. */
export function readIssueText(text: string): IssueText {
  const [first = '', ...rest] = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  return { title: first.replace(/^#+\s*/, '').trim(), body: rest.join('\n').trim() }
}
