import { runGit } from './run.js'

/** One file of a diff, as GitHub lists it. */
export interface FileDiff {
  path: string
  previousPath: string | null
  status: 'added' | 'removed' | 'modified' | 'renamed' | 'changed'
  /** Blob of the new version, or of the old one where there is no new one. */
  sha: string
  additions: number
  deletions: number
  /** From the first hunk's header on; null for binary files and for those whose contents are the same. */
  patch: string | null
}

export const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

/** What leads from one commit or tree to another, renames found, three lines of context. */
export async function diffFiles(gitDir: string, from: string, to: string): Promise<FileDiff[]> {
  const args = ['--raw', '--numstat', '-p', '--full-index', '-z', '--end-of-options', from, to]
  const { stdout } = await runGit([`--git-dir=${gitDir}`, ...DIFF_TREE, ...args])
  const { raw, counts, patches } = parseDiff(stdout.toString('utf8'))
  const sections = patches.split(/^(?=diff --git )/m).filter(section => section.startsWith('diff --git '))
  let next = 0
  return raw.map((entry, index) => {
    const section = sections[next] ?? ''
    // A change of kind, such as a file that became a link, is shown as a deletion and a creation.
    next += entry.letter === 'T' ? 2 : 1
    const hunks = section.indexOf('\n@@ ')
    const count = counts[index] ?? { additions: 0, deletions: 0 }
    return {
      path: entry.path,
      previousPath: entry.previousPath,
      status: STATUS[entry.letter] ?? 'modified',
      sha: entry.letter === 'D' ? entry.oldSha : entry.newSha,
      ...count,
      patch: hunks < 0 ? null : section.slice(hunks + 1).replace(/\n$/, ''),
    }
  })
}

/** The same as one unified diff, as `git diff` would print it. */
export async function diffText(gitDir: string, from: string, to: string): Promise<string> {
  const { stdout } = await runGit([
    `--git-dir=${gitDir}`,
    ...DIFF_TREE,
    '-p',
    '--full-index',
    '--end-of-options',
    from,
    to,
  ])
  return stdout.toString('utf8')
}

const DIFF_TREE = ['diff-tree', '-r', '-M', '--no-ext-diff', '--no-textconv', '--no-color', '--ignore-submodules=none']

const STATUS: Record<string, FileDiff['status']> = {
  A: 'added',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
  T: 'changed',
}

interface RawEntry {
  letter: string
  oldSha: string
  newSha: string
  path: string
  previousPath: string | null
}

/** Reads `--raw --numstat -p -z`: all raw entries first, then as many counts in the same order, then the patches. */
function parseDiff(text: string): {
  raw: RawEntry[]
  counts: { additions: number; deletions: number }[]
  patches: string
} {
  const fields = text.split('\0')
  const raw: RawEntry[] = []
  const counts: { additions: number; deletions: number }[] = []
  let at = 0
  const take = (): string => fields[at++] ?? ''
  while (at < fields.length) {
    const field = take()
    if (field.startsWith(':')) {
      const [, , oldSha = '', newSha = '', status = ''] = field.split(' ')
      const first = take()
      const renamed = status.startsWith('R')
      raw.push({
        letter: status.charAt(0),
        oldSha,
        newSha,
        previousPath: renamed ? first : null,
        path: renamed ? take() : first,
      })
    } else if (field.startsWith('diff --git ')) {
      return { raw, counts, patches: [field, ...fields.slice(at)].join('\0') }
    } else if (field.includes('\t')) {
      const [additions = '', deletions = '', path = ''] = field.split('\t')
      counts.push({ additions: Number(additions) || 0, deletions: Number(deletions) || 0 })
      // A rename names its two paths in fields of their own.
      if (path === '') at += 2
    }
  }
  return { raw, counts, patches: '' }
}
