/**
 * Whether a text has more lines that look like one of git's conflict markers than the text before it had. The lone
 * `=======` is not looked at: it underlines headings in many a document.
 */
export function leavesMarkers(text: string, before: string | null): boolean {
  return count(text) > count(before ?? '')
}

/** Seven of them at the beginning of a line and then the name of a side, as `git merge` writes them. */
const count = (text: string): number => text.match(/^(?:<{7}|>{7}|\|{7}) /gm)?.length ?? 0
