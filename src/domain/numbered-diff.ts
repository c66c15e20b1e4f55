/**
 * A unified diff with the new version's line number before each line that has one, so that a reviewer needn't count:
 * `  12 +text`. Deleted lines, headers and hunk headers have none.
 */
export function numberedDiff(unifiedDiff: string): string {
  let next = 0
  let left = 0
  return unifiedDiff
    .split('\n')
    .map(line => {
      const hunk = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/.exec(line)
      if (hunk) {
        next = Number(hunk[1])
        left = hunk[2] === undefined ? 1 : Number(hunk[2])
        return line
      }
      const isNew = left > 0 && (line.startsWith('+') || line.startsWith(' '))
      if (!isNew) return line
      left--
      return `${String(next++).padStart(5)} ${line}`
    })
    .join('\n')
}
