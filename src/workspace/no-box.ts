import type { Box } from './box.js'
import { setprivMissing, switchToBoxUser } from './box-user.js'
import { commandProblem, runWatched, withinLimits } from './watched-run.js'

/**
 * No box: commands run on the machine itself, with its network and whatever its files let that user read. All that is
 * kept of a box is the environment made from nothing, the limits on each process, the user that is nobody's where this
 * is root, and the end of the process group with its first process.
 */
export function noBox({ path = process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin' } = {}): Box {
  const asBoxUser = switchToBoxUser(path)
  return {
    async run({ command, tree, timeoutSeconds, signal }) {
      signal.throwIfAborted()
      const refused = asBoxUser === null ? setprivMissing : commandProblem(command)
      if (refused !== null) return { refused }
      return runWatched({
        argv: [...(asBoxUser ?? []), ...withinLimits(command, { timeoutSeconds, processes: null })],
        env: { PATH: path, HOME: '/tmp', TMPDIR: '/tmp', LANG: 'C.UTF-8', TERM: 'dumb', NO_COLOR: '1' },
        cwd: tree,
        ends: 'group',
        ...{ tree, timeoutSeconds, signal },
      })
    },
  }
}
