/**
 * The matrix of faults: `node matrix.js [--sample] [--only TEXT] [--json FILE] [--lanes N] [--apart] [--list]`. The example is
 * carried out once undisturbed; what it passed on its way makes the cases, and each carries it out once more. Exits with 1
 * when one of them fails.
 */
import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { loadExample } from '../../../src/cli/example.js'
import { casesFrom, journeysOf, type Case } from './cases.js'
import { openLane, type Lane } from './lane.js'
import { runJourney, runUndisturbed, type Verdict } from './run-case.js'
import { table } from './table.js'

const { values: asked } = parseArgs({
  options: {
    sample: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    json: { type: 'string' },
    lanes: { type: 'string', default: String(availableParallelism()) },
    apart: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
})

/** Evenly spread over all cases, for CI. */
const sampleSize = 16

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const began = performance.now()
const example = await loadExample('authentication')
const crewProcess = fileURLToPath(new URL('watched-crew.js', import.meta.url))
let lanes: Lane[] = []
const stop = (): Promise<unknown> => Promise.all(lanes.map(lane => lane.stop()))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop().then(() => process.exit(1)))
try {
  lanes = await Promise.all(Array.from({ length: Number(asked.lanes) }, () => openLane(example, crewProcess)))
  const [first] = lanes
  if (!first) throw new Error('--lanes must be 1 at least.')
  let number = 0
  const undisturbed = await runUndisturbed(first, example, ++number)
  const all = casesFrom(undisturbed.recorded)
  const chosen = choose(all)
  if (asked.list) for (const { name } of chosen) say(name)
  else {
    const journeys = asked.apart ? chosen.map(one => [one]) : journeysOf(chosen)
    say(`${chosen.length} of ${all.length} cases in ${journeys.length} runs, ${lanes.length} at once`)
    const verdicts: Verdict[] = []
    await Promise.all(
      lanes.map(async lane => {
        for (let journey = journeys.shift(); journey; journey = journeys.shift()) {
          const met = await runJourney(lane, example, { journey, number: ++number, undisturbed })
          // Which of them it was is seen by each alone.
          if (journey.length > 1 && met.some(({ faults }) => faults.length > 0)) {
            say(`     of ${journey.length} that went wrong together, one failed: each alone`)
            for (const fault of met[0]?.faults ?? []) say(`       ${fault}`)
            journeys.push(...journey.map(one => [one]))
            continue
          }
          for (const verdict of met) {
            verdicts.push(verdict)
            tell(verdict, verdicts.length)
          }
        }
      }),
    )
    const failed = verdicts.filter(({ faults }) => faults.length > 0)
    const seconds = (performance.now() - began) / 1000
    say(`\n${table(all, verdicts)}\n`)
    for (const { name } of failed) say(`FAILED: npm run faults -- --only '${name}'`)
    say(`${verdicts.length - failed.length} passed, ${failed.length} failed, in ${Math.round(seconds)} s`)
    if (asked.json !== undefined)
      await writeFile(asked.json, `${JSON.stringify({ seconds, of: all.length, verdicts }, null, 2)}\n`)
    if (failed.length > 0 || verdicts.length === 0) process.exitCode = 1
  }
} finally {
  await stop()
}

function choose(all: Case[]): Case[] {
  if (asked.only.length > 0) return all.filter(({ name }) => asked.only.some(part => name.includes(part)))
  if (!asked.sample) return all
  const stride = all.length / sampleSize
  return Array.from({ length: sampleSize }, (_, index) => all[Math.floor(index * stride + stride / 2)]).filter(
    one => one !== undefined,
  )
}

function tell({ name, faults, needed, seconds }: Verdict, count: number): void {
  const asking = needed.length > 0 ? `, people: ${needed.map(one => one.split(':')[0]).join(', ')}` : ''
  say(`${String(count).padStart(4)} ${faults.length > 0 ? 'FAILED' : 'ok'} ${name} (${seconds.toFixed(1)} s${asking})`)
  for (const fault of faults) say(`       ${fault}`)
}
