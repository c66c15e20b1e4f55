import { matchesGlob } from '../domain/path-rules.js'
import type { CloneSource, Workspaces } from '../ports.js'

/** Characters of named files that a brief may hold: what a first turn would read anyway, and no more. */
const namedLimit = { file: 12_000, all: 36_000 }

/** The existing files that a task's paths name, the small ones, as far as there is room. */
export async function namedFiles(
  workspaces: Workspaces,
  source: CloneSource,
  { tree, files, globs }: { tree: string; files: string[]; globs: string[] },
): Promise<{ path: string; text: string | null }[]> {
  const named: { path: string; text: string | null }[] = []
  let room = namedLimit.all
  for (const path of files.filter(path => globs.some(glob => matchesGlob(path, glob))).slice(0, 30)) {
    const text = await workspaces.read(source, tree, path)
    if (text === null || text.trim() === '') continue
    const fits = text.length <= namedLimit.file && text.length <= room
    named.push({ path, text: fits ? text : null })
    if (fits) room -= text.length
  }
  return named
}
