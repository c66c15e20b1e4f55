/** Author or committer as a commit object says it. `date` in whole seconds, UTC. */
export interface Signature {
  name: string
  email: string
  date: string
}

export interface CommitObject {
  sha: string
  tree: string
  parents: string[]
  author: Signature
  committer: Signature
  message: string
}

export interface TreeEntry {
  mode: string
  type: 'blob' | 'tree' | 'commit'
  sha: string
  path: string
}

/** Takes a commit object apart. Throws on one that isn't a commit: a broken repository. */
export function parseCommit(sha: string, content: Buffer): CommitObject {
  const text = content.toString('utf8')
  const split = text.indexOf('\n\n')
  const headers = (split < 0 ? text : text.slice(0, split)).split('\n')
  const values = (name: string): string[] =>
    headers.filter(line => line.startsWith(`${name} `)).map(line => line.slice(name.length + 1))
  return {
    sha,
    tree: values('tree')[0] ?? '',
    parents: values('parent'),
    author: parseSignature(values('author')[0] ?? ''),
    committer: parseSignature(values('committer')[0] ?? ''),
    message: split < 0 ? '' : text.slice(split + 2),
  }
}

/** The text of a commit object, for `git hash-object -t commit`. Names lose what would break the format. */
export function formatCommit(commit: Omit<CommitObject, 'sha'>): string {
  return [
    `tree ${commit.tree}`,
    ...commit.parents.map(parent => `parent ${parent}`),
    `author ${formatSignature(commit.author)}`,
    `committer ${formatSignature(commit.committer)}`,
    '',
    commit.message.replaceAll('\0', ''),
  ].join('\n')
}

/** Entries of one tree object, in git's order. */
export function parseTree(content: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = []
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at)
    const end = content.indexOf(0, space)
    const mode = content.subarray(at, space).toString('ascii').padStart(6, '0')
    const sha = content.subarray(end + 1, end + 21).toString('hex')
    entries.push({ mode, type: typeOfMode(mode), sha, path: content.subarray(space + 1, end).toString('utf8') })
    at = end + 21
  }
  return entries
}

export function typeOfMode(mode: string): TreeEntry['type'] {
  if (mode === '040000') return 'tree'
  return mode === '160000' ? 'commit' : 'blob'
}

function parseSignature(line: string): Signature {
  const match = /^(.*?) ?<([^>]*)> (\d+)/.exec(line)
  const seconds = Number(match?.[3] ?? 0)
  return {
    name: match?.[1] ?? '',
    email: match?.[2] ?? '',
    date: new Date(seconds * 1000).toISOString().replace('.000Z', 'Z'),
  }
}

function formatSignature(signature: Signature): string {
  const clean = (text: string): string => text.replaceAll(/[<>\n\0]/g, '').trim()
  return `${clean(signature.name)} <${clean(signature.email)}> ${Math.floor(Date.parse(signature.date) / 1000)} +0000`
}
