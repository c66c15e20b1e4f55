import type { Actor } from '../issue.js'

/** What the App marks so that it finds it again. */
export type MarkedKind = 'status' | 'plan' | 'questions' | 'reply' | 'ask' | 'pull-request' | 'review'

/** `<!-- issue-crew:kind:id -->`: invisible on GitHub. The id may hold letters, digits and `:/._-`; others become `_`. */
export const marker = (kind: MarkedKind | (string & {}), id: string): string =>
  `<!-- issue-crew:${kind}:${id.replace(/[^\w:/.-]/g, '_').replace(/--+/g, '-')} -->`

/** The text with its marker, which is always the last line: only there it counts. */
export const marked = (text: string, mark: string): string => `${text.trimEnd()}\n\n${mark}`

/** Whether a body carries exactly this marker. One inside of it, quoted or planted, is none. */
const hasMarker = (body: string, mark: string): boolean =>
  body.trimEnd() === mark || body.trimEnd().replaceAll('\r\n', '\n').endsWith(`\n${mark}`)

/** The newest comment that carries the marker and that the App itself (`author`, its login) wrote; null when there is none. */
export function findMarked<Comment extends { body: string; author: Actor }>(
  comments: readonly Comment[],
  mark: string,
  author: string,
): Comment | null {
  return comments.findLast(comment => comment.author.login === author && hasMarker(comment.body, mark)) ?? null
}
