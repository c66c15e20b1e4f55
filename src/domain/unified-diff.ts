/** The new side of one hunk of git's unified diff. Lines count from 1; `lines[0]` is line `start`. */
export interface Hunk {
  start: number
  /** Last line, `start - 1` when the hunk only deletes. */
  end: number
  /** Added and context lines, without their first column. */
  lines: string[]
}

/**
 * Reads `git diff`'s output: hunks by path in the new version. Knows quoted paths, paths with blanks, deletions (left
 * out), renames, and lines of a hunk that look like headers. Text it can't read is passed over.
 */
export function readUnifiedDiff(diff: string): Map<string, Hunk[]> {
  const files = new Map<string, Hunk[]>()
  let hunks: Hunk[] | null = null
  let hunk: Hunk | null = null
  let oldLeft = 0
  let newLeft = 0
  for (const line of diff.split('\n')) {
    if (hunk && (oldLeft > 0 || newLeft > 0)) {
      const sign = line[0] ?? ' '
      if (sign === '\\') continue
      if (sign !== '+') oldLeft--
      if (sign === '-') continue
      newLeft--
      hunk.lines.push(line.slice(1))
      continue
    }
    const header = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line)
    if (header && hunks) {
      oldLeft = Number(header[1] ?? 1)
      newLeft = Number(header[3] ?? 1)
      const start = newLeft === 0 ? Number(header[2]) + 1 : Number(header[2])
      hunk = { start, end: start + newLeft - 1, lines: [] }
      hunks.push(hunk)
    } else if (line.startsWith('+++ ')) {
      const path = readPath(line.slice(4))
      hunks = path === null ? null : []
      hunk = null
      if (path !== null && hunks) files.set(path, hunks)
    } else if (line.startsWith('diff --git ')) {
      hunks = null
      hunk = null
    }
  }
  return files
}

/** `b/dir/file`, with git's trailing tab or quoting; null for `/dev/null`. */
function readPath(written: string): string | null {
  const path = written.startsWith('"') ? unquote(written) : written.replace(/[\t\r]+$/, '')
  if (path === '/dev/null') return null
  return path.replace(/^b\//, '')
}

const escapes: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 }

/** Git quotes like C: `"b/caf\303\251"`, bytes in octal. */
function unquote(written: string): string {
  const inner = written.slice(1, written.lastIndexOf('"'))
  const bytes: number[] = []
  for (const [part, octal, letter] of inner.matchAll(/\\([0-7]{3})|\\(.)|[^\\]+/gs)) {
    if (octal !== undefined) bytes.push(parseInt(octal, 8))
    else if (letter !== undefined) bytes.push(escapes[letter] ?? letter.charCodeAt(0))
    else bytes.push(...new TextEncoder().encode(part))
  }
  return new TextDecoder().decode(new Uint8Array(bytes))
}
