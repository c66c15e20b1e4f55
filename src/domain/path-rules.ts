/**
 * Which paths a task may touch. Globs are matched against whole paths from the repository's top, with `/` between
 * segments:
 *
 * - `*` is any run of characters within one segment, `?` one character, `**` as a whole segment any number of segments
 * - a glob that ends in `/` is everything below that directory
 * - a glob whose last segment has no wildcard names a file, or a directory with everything below it
 * - everything else is literal, `[id]` and `{{name}}` too: frameworks use them in file names
 *
 * A leading dot is nothing special, and `./` at the start is dropped.
 */

/** What decides who must be asked, or steers what runs with the repository's own rights. */
const alwaysProtected: readonly string[] = ['.github/**', 'CODEOWNERS', 'docs/CODEOWNERS']

/** Globs that no approval opens, and why, as the end of a sentence about a path. */
const neverWritten: readonly { glob: string; why: string }[] = [
  {
    glob: '.github/workflows/**',
    why: 'is a workflow of GitHub Actions: changing those takes a permission (`workflows: write`) that this App does not have, so a person must do it',
  },
  { glob: '.gitmodules', why: 'names other repositories that git brings in: only a person may change it' },
]

/**
 * Whether a task may commit a change to `path`. Protected globs win over the plan's, and ignore case, because a file
 * system may; only the whole name of a file in the plan, which its comment then marks for the approver, opens one.
 * `protectedGlobs` come on top of {@link alwaysProtected}. `never` is what not even an approver can allow.
 */
export function mayTouch(
  path: string,
  planGlobs: readonly string[],
  protectedGlobs: readonly string[],
): 'yes' | 'outside' | 'protected' | 'never' {
  if (whyNever(path) !== null) return 'never'
  if (isProtected(path, protectedGlobs)) return planGlobs.some(glob => fullName(glob) === path) ? 'yes' : 'protected'
  return planGlobs.some(glob => matchesGlob(path, glob)) ? 'yes' : 'outside'
}

/** Why nobody can let a task write `path`, as the end of a sentence about it; null when a person can. */
export function whyNever(path: string): string | null {
  const folded = path.toLowerCase()
  if (folded.split('/').includes('.git')) return 'lies in git’s own directory'
  return neverWritten.find(({ glob }) => matchesGlob(folded, glob))?.why ?? null
}

/** Files of a plan's globs that are protected and yet may be written, because they are named in full. */
export function namedProtected(planGlobs: readonly string[], protectedGlobs: readonly string[]): string[] {
  const names = planGlobs.flatMap(glob => fullName(glob) ?? [])
  return [...new Set(names)].filter(name => whyNever(name) === null && isProtected(name, protectedGlobs))
}

function isProtected(path: string, protectedGlobs: readonly string[]): boolean {
  const folded = path.toLowerCase()
  return [...alwaysProtected, ...protectedGlobs].some(glob => matchesGlob(folded, glob.toLowerCase()))
}

/** The one path that a glob stands for when it has no wildcard; null when it has. */
const fullName = (glob: string): string | null =>
  hasWildcard(glob) || glob.endsWith('/') ? null : glob.replace(/^(?:\.\/)+/, '')

/** Whether a path lies in what a glob names. Time grows with path length × glob length, never worse. */
export function matchesGlob(path: string, glob: string): boolean {
  const segments = glob.replace(/^(?:\.\/)+/, '').split('/')
  const last = segments.at(-1)
  if (last === '') segments[segments.length - 1] = '**'
  else if (last !== undefined && !hasWildcard(last)) segments.push('**')
  const mayBeItself = last !== '' && last !== undefined && !hasWildcard(last)
  return matchesSegments(path.split('/'), segments, mayBeItself)
}

/** What is wrong with a glob of a plan or a configuration, as the end of a sentence about it; null when nothing is. */
export function globProblem(glob: string): string | null {
  if (glob.trim() === '' || glob !== glob.trim()) return 'is empty or has blanks around it'
  if (/[\u0000-\u001f\u007f]/.test(glob)) return 'holds a control character'
  if (glob.includes('\\')) return 'holds a backslash; use / between directories'
  if (glob.startsWith('/') || /^[A-Za-z]:/.test(glob))
    return 'is absolute; paths start at the repository’s top, without /'
  if (glob.startsWith('!')) return 'starts with !; exclusions are not supported'
  if (/\{[^{}]*,[^{}]*\}/.test(glob)) return 'uses {a,b}; write one glob for each'
  const segments = glob
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/$/, '')
    .split('/')
  if (segments.includes('..')) return 'leaves the repository with ..'
  if (segments.some(segment => segment.toLowerCase() === '.git')) return 'reaches into .git'
  if (segments.some(segment => segment === '' || segment === '.')) return 'has an empty or . segment'
  if (segments.some(segment => segment !== '**' && segment.includes('**')))
    return 'has ** next to other characters; ** must be a whole segment'
  return null
}

const hasWildcard = (segment: string): boolean => /[*?]/.test(segment)

/** Dynamic programme over glob segments: `reached` holds the path positions that the glob so far can end at. */
function matchesSegments(path: readonly string[], glob: readonly string[], mayBeItself: boolean): boolean {
  let reached = new Set([0])
  for (const [index, segment] of glob.entries()) {
    const next = new Set<number>()
    const isLast = index === glob.length - 1
    for (const at of reached) {
      if (segment === '**') {
        // The closing ** stands for what lies below: at least one segment, unless the glob may name the path itself.
        const from = isLast && !mayBeItself ? at + 1 : at
        for (let end = from; end <= path.length; end++) next.add(end)
      } else {
        const name = path[at]
        if (name !== undefined && matchesSegment(name, segment)) next.add(at + 1)
      }
    }
    reached = next
  }
  return reached.has(path.length)
}

/** `*` and `?` in one segment, by the usual two-pointer walk: no backtracking beyond the last star. */
function matchesSegment(name: string, pattern: string): boolean {
  let at = 0
  let inPattern = 0
  let star = -1
  let retry = 0
  while (at < name.length) {
    if (pattern[inPattern] === '*') {
      star = inPattern++
      retry = at
    } else if (inPattern < pattern.length && (pattern[inPattern] === '?' || pattern[inPattern] === name[at])) {
      at++
      inPattern++
    } else if (star >= 0) {
      inPattern = star + 1
      at = ++retry
    } else return false
  }
  while (pattern[inPattern] === '*') inPattern++
  return inPattern === pattern.length
}
