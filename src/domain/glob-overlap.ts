/**
 * Whether some path could match both globs, by the rules of {@link import('./path-rules.js').matchesGlob}, but that a name
 * with an extension is no directory. `{a,b}` is understood, as front matter for instructions uses it. Time grows with the product of the globs' lengths.
 */
export function globsMayMeet(a: string, b: string): boolean {
  return alternatives(a).some(one => alternatives(b).some(other => segmentsMeet(segmentsOf(one), segmentsOf(other))))
}

/** More would be no pattern that a person wrote. */
const mostAlternatives = 64

/** `*.{ts,tsx}` as `*.ts` and `*.tsx`. */
function alternatives(glob: string): string[] {
  const done: string[] = []
  const open = [glob.slice(0, 500)]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const braces = /\{([^{}]*)\}/.exec(at)
    if (!braces || done.length + open.length > mostAlternatives) {
      done.push(at)
      continue
    }
    for (const part of (braces[1] ?? '').split(',').slice(0, mostAlternatives))
      open.push(`${at.slice(0, braces.index)}${part}${at.slice(braces.index + braces[0].length)}`)
  }
  return done.slice(0, mostAlternatives)
}

function segmentsOf(glob: string): string[] {
  const segments = glob
    .trim()
    .replace(/^(?:\.?\/)+/, '')
    .split('/')
  const last = segments.at(-1) ?? ''
  if (last === '') segments[segments.length - 1] = '**'
  // A name without a wildcard may be a directory: it stands for what lies below, too. One with an extension is a file.
  else if (!/[*?]|[^.]\.\w+$/.test(last)) segments.push('**')
  return segments
}

/** Dynamic programme over both: which pairs of places can be reached by one path. */
function segmentsMeet(a: string[], b: string[]): boolean {
  const reached = new Set([0])
  const queue = [0]
  const width = b.length + 1
  const go = (i: number, j: number): void => {
    const key = i * width + j
    if (i > a.length || j > b.length || reached.has(key)) return
    reached.add(key)
    queue.push(key)
  }
  for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
    const i = Math.floor(key / width)
    const j = key % width
    if (i === a.length && j === b.length) return true
    const [one, other] = [a[i], b[j]]
    if (one === '**') {
      go(i + 1, j)
      if (other !== undefined) go(i, j + 1)
    }
    if (other === '**') {
      go(i, j + 1)
      if (one !== undefined) go(i + 1, j)
    }
    if (one !== undefined && other !== undefined && one !== '**' && other !== '**' && namesMeet(one, other))
      go(i + 1, j + 1)
  }
  return false
}

/** Whether two patterns of one segment can name the same. */
function namesMeet(a: string, b: string): boolean {
  let row = new Set<number>([0])
  const spread = (places: Set<number>): Set<number> => {
    for (const j of places) if (b[j] === '*') places.add(j + 1)
    return places
  }
  row = spread(row)
  for (const character of a) {
    const next = new Set<number>()
    for (const j of row) {
      const other = b[j]
      if (character === '*') {
        // It takes as much of the other as there is.
        for (let end = j; end <= b.length; end++) next.add(end)
      } else if (other === '*') next.add(j)
      else if (other !== undefined && (other === character || other === '?' || character === '?')) next.add(j + 1)
    }
    row = spread(next)
  }
  return row.has(b.length)
}
