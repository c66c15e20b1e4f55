import { globsMayMeet } from './glob-overlap.js'
import { matchesGlob } from './path-rules.js'

/**
 * GitHub's CODEOWNERS (docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners).
 * The libraries on npm take its patterns for those of a .gitignore, which know negation and character ranges; here they
 * are GitHub's. And a plan names globs, not files, of which the owners must be found, too.
 */
export interface OwnersRule {
  pattern: string
  /** `@login`, `@org/team` or an e-mail address; none where the rule takes the paths from everybody. */
  owners: string[]
}

/** Where GitHub looks for the file; the first one counts. */
export const codeOwnersPaths: readonly string[] = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS']

/** The rules in their order. A line that GitHub would find invalid is skipped, as GitHub does. */
export function parseCodeOwners(text: string): OwnersRule[] {
  return text.split(/\r?\n/).flatMap(line => {
    const [pattern, ...owners] = wordsOf(line)
    if (pattern === undefined || !isPattern(pattern) || !owners.every(isOwner)) return []
    return [{ pattern: pattern.replaceAll('\\ ', ' '), owners }]
  })
}

/** Whom a path belongs to: the last rule that matches says so. */
export function ownersOf(path: string, rules: readonly OwnersRule[]): string[] {
  return rules.findLast(rule => matchesOwners(path, rule.pattern))?.owners ?? []
}

/** People and teams of whom one must be asked, with the plan's paths that are theirs. */
export interface OwnerGroup {
  owners: string[]
  paths: string[]
}

/**
 * Whom the globs of a plan belong to: the owners of all files that they match, of those that they name, and of new ones
 * as they may come to be. Where a glob matches more files than a person would look through, everybody counts who owns
 * anything that it may reach.
 */
export function ownersOfGlobs(
  globs: readonly string[],
  rules: readonly OwnersRule[],
  files: readonly string[],
): OwnerGroup[] {
  const groups = new Map<string, OwnerGroup>()
  const add = (owners: string[], glob: string): void => {
    if (owners.length === 0) return
    const key = owners
      .map(owner => owner.toLowerCase())
      .sort()
      .join(' ')
    const group = groups.get(key) ?? { owners, paths: [] }
    if (!group.paths.includes(glob)) group.paths.push(glob)
    groups.set(key, group)
  }
  for (const glob of new Set(globs)) {
    const start = literalStart(glob)
    const matched = files.filter(file => file.startsWith(start) && matchesGlob(file, glob))
    if (matched.length > mostFiles) {
      for (const { pattern, owners } of rules)
        if (toGlobs(pattern).some(one => globsMayMeet(one, glob))) add(owners, glob)
    } else for (const path of [...matched, ...possiblePaths(glob, rules)]) add(ownersOf(path, rules), glob)
  }
  return [...groups.values()]
}

const mostFiles = 2_000

/** Files that a task may create: one of the glob itself, and one of each rule where the two meet. */
function possiblePaths(glob: string, rules: readonly OwnersRule[]): string[] {
  const directory = literalStart(glob)
  const own = example(glob)
  const ofRules = rules.flatMap(({ pattern }) => {
    const one = example(pattern.replace(/^\//, ''))
    return [one, `${directory}${one}`, `${one}/new`]
  })
  return [own, ...ofRules.filter(path => matchesGlob(path, glob))]
}

/** Some path that a glob or pattern matches. */
const example = (glob: string): string =>
  glob
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/$/, '/new')
    .replaceAll('**', 'new')
    .replaceAll('*', 'new')
    .replaceAll('?', 'x')

/** The directory that everything a glob matches lies in, with a slash at its end; `''` for the top. */
function literalStart(glob: string): string {
  const fixed = glob.replace(/^(?:\.\/)+/, '').replace(/[*?].*$/s, '')
  return fixed.slice(0, fixed.lastIndexOf('/') + 1)
}

/**
 * Whether GitHub finds a path under a pattern: one with a slash at its start or in its middle counts from the top, any
 * other at every depth; a name stands for a file, or for a directory with all below it, but `dir/*` only for what lies
 * directly in there.
 */
function matchesOwners(path: string, pattern: string): boolean {
  return toGlobs(pattern).some(glob => matchesGlob(path, glob))
}

function toGlobs(pattern: string): string[] {
  const isDirectory = pattern.endsWith('/')
  const plain = pattern.replace(/^\//, '').replace(/\/$/, '')
  if (plain === '') return []
  const fromTop = pattern.startsWith('/') || plain.includes('/')
  const glob = fromTop ? plain : `**/${plain}`
  if (isDirectory) return [`${glob}/**`]
  if (plain.endsWith('/**') || (fromTop && (plain === '*' || plain.endsWith('/*')))) return [glob]
  return [glob, `${glob}/**`]
}

/** Words of a line up to a comment. A space that belongs to a path is escaped. */
function wordsOf(line: string): string[] {
  const words = line.match(/(?:\\ |\S)+/g) ?? []
  const comment = words.findIndex(word => word.startsWith('#'))
  return comment < 0 ? words : words.slice(0, comment)
}

/** Negation, character ranges and an escaped `#` don't work in these files. */
const isPattern = (pattern: string): boolean => !/^!|[[\]]|\\(?! )/.test(pattern)

const isOwner = (owner: string): boolean =>
  /^@[\w-]+(?:\[bot\])?$/.test(owner) || /^@[\w-]+\/[\w.-]+$/.test(owner) || /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(owner)
