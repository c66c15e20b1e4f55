import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBox } from '../../workspace/box.js'
import { proveBox } from '../../workspace/box-proof.js'
import { makePlace, placeOf } from '../../workspace/trees-directory.js'
import { median, quantile, rounded } from './figures.js'
import { ms, scenario } from './scenario.js'

const warmUp = 5
const commands = 60

interface BoxFigures {
  /** Why there is no box on this machine; the other figures are then null. */
  off: string | null
  /** Milliseconds of `true` in the box, and of `sh -c true` as node itself starts it. */
  boxed: number | null
  boxed90: number | null
  plain: number
  /** What the box adds to a command. */
  overhead: number | null
}

export const box = scenario<BoxFigures>({
  title: 'a command in the box against the same one started plainly',
  async measure() {
    const root = await mkdtemp(join(tmpdir(), 'issue-crew-box-'))
    try {
      const treesDir = join(root, 'trees')
      await mkdir(treesDir)
      for (const directory of [root, treesDir]) await chmod(directory, 0o711)
      const bubblewrap = await createBox({ directory: treesDir, hidden: [] })
      const off = await proveBox(bubblewrap, treesDir)
      const place = placeOf(treesDir, 'bench')
      await makePlace(place)
      const { signal } = new AbortController()
      const inBox = () => bubblewrap.run({ command: 'true', tree: place.tree, timeoutSeconds: 60, signal })
      const boxed: number[] = []
      const plain: number[] = []
      // In turn, so that what else the machine does weighs on both alike.
      for (let round = 0; round < warmUp + commands; round++) {
        const one = await taken(startedPlainly)
        const other = off === null ? await taken(inBox) : null
        if (round < warmUp) continue
        plain.push(one)
        if (other !== null) boxed.push(other)
      }
      const none = boxed.length === 0
      return {
        off,
        plain: rounded(median(plain)),
        boxed: none ? null : rounded(median(boxed)),
        boxed90: none ? null : rounded(quantile(boxed, 0.9)),
        overhead: none ? null : rounded(median(boxed) - median(plain)),
      }
    } finally {
      await rm(root, { recursive: true, force: true })
    }
  },
  rows: ({ off, boxed, boxed90, plain, overhead }) =>
    boxed === null || boxed90 === null || overhead === null
      ? [{ what: 'not measured', measured: off ?? 'no box' }]
      : [
          { what: 'what the box adds to a command, median', measured: ms(overhead) },
          {
            what: `  in the box (${(boxed / plain).toFixed(1)} times)`,
            measured: `${ms(boxed)}, 90 % in ${ms(boxed90)}`,
          },
          { what: '  started plainly', measured: ms(plain) },
        ],
})

async function startedPlainly(): Promise<void> {
  await once(spawn('/bin/sh', ['-c', 'true'], { stdio: 'ignore' }), 'close')
}

async function taken(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}
