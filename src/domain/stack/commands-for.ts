import { globsMayMeet } from '../glob-overlap.js'
import { foldersUp, join } from './folders.js'
import type { CommandKind, ProjectCommand, Stack } from './stack.js'

/** Packages that one task may be in before only what they share is told. */
const mostPackages = 4
const kinds: CommandKind[] = ['test', 'lint', 'format', 'build']

/**
 * How the packages that those paths (or globs) lie in are tested, linted and built. What a package doesn't say itself is
 * taken from the nearest around it. `kinds` are looked for one by one.
 */
export function commandsFor(stack: Stack, paths: readonly string[]): ProjectCommand[] {
  const folders = stack.packages.map(({ path }) => path)
  const inside = folders.filter(folder => paths.some(path => globsMayMeet(path, join(folder, '**'))))
  // The top holds every path: it counts only where a path lies in no package below it.
  const own = inside.filter(folder => paths.some(path => nearest(folders, path) === folder))
  const concerned = own.length > 0 && own.length <= mostPackages ? own : ['']
  const found = concerned.flatMap(folder =>
    kinds.flatMap(kind => {
      for (const up of foldersUp(folder)) {
        const here = stack.commands.filter(command => command.package === up && command.kind === kind)
        if (here.length > 0) return here
      }
      return []
    }),
  )
  return [...new Set(found)]
}

/** The deepest package around a path, up to its first wildcard. */
function nearest(folders: string[], path: string): string | undefined {
  const segments = path.replace(/^(?:\.\/)+/, '').split('/')
  const wild = segments.findIndex(segment => /[*?]/.test(segment))
  const fixed = wild < 0 ? segments : segments.slice(0, wild)
  return foldersUp(fixed.join('/')).find(folder => folders.includes(folder))
}
