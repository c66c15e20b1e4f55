/** The new side of one hunk of git's unified diff. Lines count from 1; `lines[0]` is line `start`. */
export interface Hunk {
  start: number
  /** Last line, `start - 1` when the hunk only deletes. */
  end: number
  /** Added and context lines, without their first column. */
  lines: string[]
}

/** One file of a diff, with the lines that went and came. */
export interface ChangedLines {
  /** In the new version; of a deleted file, in the old one. */
  path: string
  status: 'added' | 'modified' | 'deleted'
  added: string[]
  removed: string[]
}

/**
 * Reads `git diff`'s output: hunks by path in the new version. Knows quoted paths, paths with blanks, deletions (left
 * out), renames, and lines of a hunk that look like headers. Text it can't read is passed over.
 */
export function readUnifiedDiff(diff: string): Map<string, Hunk[]> {
  const files = new Map<string, Hunk[]>()
  let hunk: Hunk | null = null
  for (const part of partsOf(diff)) {
    if (part.newPath === null) continue
    if (part.kind === 'file') files.set(part.newPath, [])
    else if (part.kind === 'hunk') {
      const { start, length } = part
      hunk = { start, end: start + length - 1, lines: [] }
      files.get(part.newPath)?.push(hunk)
    } else if (part.sign !== '-') hunk?.lines.push(part.text)
  }
  return files
}

/** The same output as the lines that each file lost and gained. Files without such lines are left out. */
export function readChangedLines(diff: string): ChangedLines[] {
  const files: ChangedLines[] = []
  for (const part of partsOf(diff)) {
    const path = part.newPath ?? part.oldPath
    if (path === null) continue
    if (part.kind === 'file') {
      const status = part.newPath === null ? 'deleted' : part.oldPath === null ? 'added' : 'modified'
      files.push({ path, status, added: [], removed: [] })
    } else if (part.kind === 'line' && part.sign !== ' ')
      files.at(-1)?.[part.sign === '+' ? 'added' : 'removed'].push(part.text)
  }
  return files
}

type Part = { oldPath: string | null; newPath: string | null } & (
  | { kind: 'file' }
  /** On the new side. */
  | { kind: 'hunk'; start: number; length: number }
  | { kind: 'line'; sign: '+' | '-' | ' '; text: string }
)

function* partsOf(diff: string): Generator<Part> {
  let oldPath: string | null = null
  let newPath: string | null = null
  let oldLeft = 0
  let newLeft = 0
  for (const line of diff.split('\n')) {
    if (oldLeft > 0 || newLeft > 0) {
      if (line.startsWith('\\')) continue
      const sign = line.startsWith('+') ? '+' : line.startsWith('-') ? '-' : ' '
      if (sign !== '+') oldLeft--
      if (sign !== '-') newLeft--
      yield { kind: 'line', oldPath, newPath, sign, text: line.slice(1) }
      continue
    }
    const header = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line)
    if (header) {
      oldLeft = Number(header[1] ?? 1)
      newLeft = Number(header[3] ?? 1)
      const start = newLeft === 0 ? Number(header[2]) + 1 : Number(header[2])
      yield { kind: 'hunk', oldPath, newPath, start, length: newLeft }
    } else if (line.startsWith('--- ')) oldPath = readPath(line.slice(4))
    else if (line.startsWith('+++ ')) {
      newPath = readPath(line.slice(4))
      yield { kind: 'file', oldPath, newPath }
    } else if (line.startsWith('diff --git ')) oldPath = newPath = null
  }
}

/** `a/dir/file` or `b/dir/file`, with git's trailing tab or quoting; null for `/dev/null`. */
function readPath(written: string): string | null {
  const path = written.startsWith('"') ? unquote(written) : written.replace(/[\t\r]+$/, '')
  if (path === '/dev/null') return null
  return path.replace(/^[ab]\//, '')
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
