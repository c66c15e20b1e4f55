interface Folder {
  /** With a slash at its end; `''` for the root. */
  path: string
  folders: Folder[]
  files: string[]
  /** Files in it and below it. */
  count: number
}

/**
 * The repository's files as an indented tree of at most about `lines` lines, so that an agent needn't look around first.
 *
 * Where there is no room for all, deep folders are folded to a count of their files, those on the way to one of `near`
 * (paths or globs) last. `paths` use `/` and are sorted.
 */
export function repositoryMap(
  paths: string[],
  { near = [], lines = 150 }: { near?: string[]; lines?: number } = {},
): string {
  const root = folderOf(paths)
  const kept = new Set(near.flatMap(foldersAbove))
  let drawn: string[] = []
  for (let depth = 12; depth >= 0; depth--) {
    drawn = draw(root, folder => depthOf(folder) <= depth || kept.has(folder.path))
    if (drawn.length <= lines) break
  }
  if (drawn.length <= lines) return drawn.join('\n')
  return [...drawn.slice(0, lines), `… ${drawn.length - lines} more lines: use list_files`].join('\n')
}

function folderOf(paths: string[]): Folder {
  const root: Folder = { path: '', folders: [], files: [], count: 0 }
  const known = new Map([['', root]])
  for (const path of paths) {
    root.count++
    let at = root
    for (const folderPath of foldersAbove(path)) {
      let next = known.get(folderPath)
      if (!next) {
        next = { path: folderPath, folders: [], files: [], count: 0 }
        known.set(folderPath, next)
        at.folders.push(next)
      }
      next.count++
      at = next
    }
    at.files.push(nameOf(path))
  }
  return root
}

/** `a/b/c.py` and `a/b/*.py` lie in `a/` and `a/b/`. */
function foldersAbove(path: string): string[] {
  const folders = path.split('/').slice(0, -1)
  const wild = folders.findIndex(name => /[*?]/.test(name))
  const named = wild < 0 ? folders : folders.slice(0, wild)
  return named.map((_, index) => `${named.slice(0, index + 1).join('/')}/`)
}

function draw(folder: Folder, isOpen: (folder: Folder) => boolean): string[] {
  const indent = '  '.repeat(depthOf(folder))
  return [
    ...folder.folders.flatMap(inner =>
      isOpen(inner)
        ? [`${indent}${nameOf(inner.path.slice(0, -1))}/`, ...draw(inner, isOpen)]
        : [`${indent}${nameOf(inner.path.slice(0, -1))}/ (${inner.count} files)`],
    ),
    ...folder.files.map(file => `${indent}${file}`),
  ]
}

const depthOf = (folder: Folder): number => folder.path.split('/').length - 1

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
