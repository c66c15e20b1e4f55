import type { Refusal } from '../ports.js'
import { git, GitError, records } from './git.js'
import { checkedPath } from './paths.js'
import type { TreePlace } from './trees-directory.js'
import { unblocked } from './unblocked.js'

const searchSeconds = 10
const longestLine = 300

/** Files of the tree, tracked or new, without those that .gitignore leaves out; sorted by code unit. */
export async function listTree(gitDir: string, place: TreePlace, glob: string | null): Promise<string[] | Refusal> {
  const patterns = pathspecs(glob)
  if ('refused' in patterns) return patterns
  const args = ['ls-files', '-z', '-t', '--cached', '--deleted', '--others', '--exclude-standard', '--', ...patterns]
  const { stdout } = await unblocked(place, timeoutSeconds => git({ gitDir, worktree: place, args, timeoutSeconds }))
  const files = new Set<string>()
  const gone = new Set<string>()
  for (const record of records(stdout)) {
    const path = record.slice(2)
    if (record.startsWith('R')) gone.add(path)
    // A repository within the tree ends with a slash, and is none of ours.
    else if (!path.endsWith('/')) files.add(path)
  }
  return [...files].filter(path => !gone.has(path)).sort()
}

/**
 * Lines that match an extended regular expression, as `path:line:text`, in the order of the paths. `git grep` walks the
 * directories themselves and opens only regular files, so that no link leads it out of the tree.
 */
export async function searchTree(
  gitDir: string,
  place: TreePlace,
  query: { pattern: string; glob: string | null; ignoreCase: boolean; maxLines: number },
): Promise<{ lines: string[]; more: boolean } | Refusal> {
  if (query.pattern === '') return { refused: 'The pattern is empty. Give an extended regular expression.' }
  if (/[\0\n]/.test(query.pattern))
    return { refused: 'The pattern must be a single line: matches are found line by line.' }
  const patterns = pathspecs(query.glob)
  if ('refused' in patterns) return patterns
  const lines: string[] = []
  let more = false
  let rest = ''
  const take = (text: string): boolean => {
    const found = (rest + text).split('\n')
    rest = found.pop() ?? ''
    // A file may be one line of a gigabyte.
    if (rest.length > 65_536) rest = rest.slice(0, 65_536)
    for (const line of found) {
      if (lines.length >= query.maxLines) {
        more = true
        return false
      }
      lines.push(short(line))
    }
    return true
  }
  const decoder = new TextDecoder()
  try {
    await git({
      gitDir,
      worktree: place,
      args: [
        ...['grep', '--untracked', '-z', '-n', '-I', '-E', '--no-color', '--no-textconv', '--full-name'],
        ...(query.ignoreCase ? ['-i'] : []),
        ...['-e', query.pattern, '--', ...patterns],
      ],
      expect: [0, 1],
      timeoutSeconds: searchSeconds,
      onOutput: piece => take(decoder.decode(piece, { stream: true })),
    })
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    if (error.timedOut)
      return {
        refused: `The search did not end within ${searchSeconds} s. Use a simpler pattern, or a glob to search less.`,
      }
    return { refused: `The search failed: ${error.said.trim().replace(/^fatal: /, '')}` }
  }
  return { lines, more }
}

/** `path NUL line NUL text`, as `grep -z -n` writes it; the path may hold a colon. */
function short(record: string): string {
  const [path = '', line = '', ...text] = record.split('\0')
  const found = text.join('\0').replace(/\r$/, '')
  const shown =
    found.length > longestLine ? `${found.slice(0, longestLine)}… (${found.length - longestLine} more)` : found
  return `${path}:${line}:${shown}`
}

/**
 * A model's glob as git understands it. A pattern without a slash matches in every directory, as in .gitignore and
 * ripgrep; `**` stands for any number of directories; a directory stands for all in it; `{a,b}` is spelled out, which
 * git doesn't do.
 */
function pathspecs(glob: string | null): string[] | Refusal {
  if (glob === null || glob === '' || glob === '.') return []
  if (glob.startsWith('!')) return { refused: `${glob}: patterns that exclude can't be used; name what to look at.` }
  const spelled = braces(glob)
  if (spelled.length > 64) return { refused: `${glob}: this stands for more than 64 patterns.` }
  const specs: string[] = []
  for (const one of spelled) {
    const path = checkedPath(one)
    if (typeof path !== 'string') return path
    if (path === '.') return []
    const anywhere = one.includes('/') ? path : `**/${path}`
    specs.push(`:(glob)${anywhere}`, `:(glob)${anywhere}/**`)
  }
  return specs
}

function braces(glob: string): string[] {
  const found = /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(glob)
  if (!found) return [glob]
  const [, before = '', within = '', after = ''] = found
  const all = within.split(',').map(one => before + one + after)
  return all.length > 64 ? all : all.flatMap(braces).slice(0, 65)
}
