import { createHash, randomBytes } from 'node:crypto'
import { matchesGlob } from '../../domain/path-rules.js'
import { fullName } from '../../domain/repository.js'
import type { Sandbox } from '../../domain/sandbox.js'
import { isLockFile } from '../../domain/sensitive-changes.js'
import type { SetupLimits, SetupOrder, SetupOutcome } from '../../domain/setup.js'
import type { CloneSource } from '../../ports.js'
import type { Box } from '../box.js'
import { makeReadable, removeSpecialFiles } from '../box-user.js'
import type { CloneCache } from '../clone-cache.js'
import { createLocks } from '../locks.js'
import { fillTree } from '../open-tree.js'
import { treeEntries } from '../trees.js'
import { placeOf, removeTree, type TreePlace } from '../trees-directory.js'
import { copyLeftovers, exclude, leftoversIn } from './leftovers.js'
import { runSetup } from './setup-commands.js'
import { openSetupStore, type Kept } from './setup-store.js'

/** What repositories' setups leave, made once for each state of what they depend on. */
export interface Setups {
  /** Has it ready: made now, unless it is there. */
  make(source: CloneSource, order: SetupOrder, signal: AbortSignal): Promise<SetupOutcome>
  /** Copies it into a tree that was just filled, and has git ignore it there. Returns the paths; none where there is none. */
  furnish(place: TreePlace, source: CloneSource, order: SetupOrder, signal: AbortSignal): Promise<string[]>
}

interface SetupParts {
  cache: CloneCache
  box: Box
  sandbox: Sandbox
  /** Why no command can run on this machine; null when they can. */
  off: string | null
  /** Where setups' own trees are made. */
  treesDir: string
  /** Where what they leave is kept. */
  directory: string
  limits: SetupLimits
  /** Of all that setups left. */
  mostBytes: number
  log: (line: string) => void
}

export function openSetups(parts: SetupParts): Setups {
  const { cache, box, sandbox, off, treesDir, directory, limits, log } = parts
  const store = openSetupStore(directory, parts.mostBytes)
  /** Whoever comes second waits for the first, and finds what it made. */
  const locks = createLocks()

  return {
    make: async (source, order, signal) => (await ready(source, order, signal)).outcome,

    async furnish(place, source, order, signal) {
      const { kept, outcome } = await ready(source, order, signal)
      if (!kept) {
        const why =
          outcome.kind === 'failed' ? `${outcome.command} ${outcome.how}` : outcome.kind === 'off' && outcome.why
        log(`${fullName(source.repository)}: the work goes on without what setup makes: ${why}`)
        return []
      }
      const copied = await copyLeftovers(kept.paths, kept.tree, place.tree)
      await exclude(place, copied)
      return copied
    },
  }

  async function ready(
    source: CloneSource,
    order: SetupOrder,
    signal: AbortSignal,
  ): Promise<{ outcome: SetupOutcome; kept: Kept | null }> {
    const why = whyOff()
    if (why !== null) return { outcome: { kind: 'off', why }, kept: null }
    const key = await keyOf(source, order)
    return locks.run(key, async () => {
      const found = await store.find(key)
      return found ? { outcome: { kind: 'ready', made: false }, kept: found } : make(key, source, order, signal)
    })
  }

  function whyOff(): string | null {
    if (off !== null) return off
    if (sandbox === 'docker')
      return 'commands run in containers here, and what setup would install belongs into their image (`commands.image`)'
    return limits.minutes === 0 ? 'whoever runs the App allows none (`SETUP_MINUTES=0`)' : null
  }

  async function keyOf(source: CloneSource, { commit, commands, registries, cachedBy }: SetupOrder): Promise<string> {
    await cache.ensure(source, commit)
    const counts = cachedBy ? (path: string): boolean => cachedBy.some(glob => matchesGlob(path, glob)) : isLockFile
    const files = (await treeEntries(cache.directory(source.repository), commit)).filter(({ path }) => counts(path))
    // Where nothing says what it depends on, it may be anything.
    const on = files.length > 0 ? files.map(({ path, object }) => [path, object]) : commit
    const digest = createHash('sha256').update(JSON.stringify([1, sandbox, commands, registries, cachedBy, on]))
    return `${source.repository.id}-${digest.digest('hex').slice(0, 32)}`
  }

  async function make(
    key: string,
    source: CloneSource,
    order: SetupOrder,
    signal: AbortSignal,
  ): Promise<{ outcome: SetupOutcome; kept: Kept | null }> {
    const { repository } = source
    const gitDir = cache.directory(repository)
    const place = placeOf(treesDir, `setup-${randomBytes(12).toString('hex')}`)
    const began = performance.now()
    try {
      await cache.ensureTree(repository, order.commit)
      const clone = await cache.identity(repository)
      await fillTree(gitDir, place, { repository: repository.id, clone, base: order.commit })
      const boxed = sandbox === 'bwrap'
      const { failure, refused } = await runSetup(order, { box, boxed, tree: place.tree, limits, signal })
      if (refused.length > 0)
        log(`${fullName(repository)}: setup was not let through to ${refused.map(({ host }) => host).join(', ')}`)
      if (failure) return { outcome: failure, kept: null }
      await removeSpecialFiles(place.tree)
      await makeReadable(place.tree)
      const paths = await leftoversIn(gitDir, place)
      const failed = (how: string): { outcome: SetupOutcome; kept: null } => ({
        outcome: { kind: 'failed', command: order.commands.at(-1) ?? '', how, output: '', refused: [...refused] },
        kept: null,
      })
      if (paths.length === 0)
        return failed('was the last, and nothing new lies in the working tree: what was made elsewhere is not kept')
      const kept = await store.keep(key, place.tree, paths)
      if ('tooLarge' in kept) return failed(`was the last, and more than 4 GiB lie in the working tree now`)
      log(`${fullName(repository)}: setup ran for ${Math.round((performance.now() - began) / 1000)} s`)
      return { outcome: { kind: 'ready', made: true }, kept }
    } finally {
      await removeTree(place.directory)
    }
  }
}
