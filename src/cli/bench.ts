import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { cpus, loadavg, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { loadScenario, scenarioNames, usualScenarios } from './bench/scenarios.js'
import { mb, type Row } from './bench/scenario.js'

const longScenarios = scenarioNames.filter(name => !usualScenarios.includes(name)).join(' and ')

const usage = `Usage: npm run bench -- [--only NAME] [--json FILE]
  --only NAME   one of ${scenarioNames.join(', ')}; without it all but ${longScenarios}
  --json FILE   write the figures to FILE, too
Nothing but this machine is contacted; the words of the model are scripted. Times depend on the machine and on what else it does.`

/** Measures, and prints what was measured beside what was to be reached. Resolves with the exit status: 0 when all ran, whatever the figures. */
async function bench(args: string[]): Promise<number> {
  let given
  try {
    given = parseArgs({ args, options: { only: { type: 'string' }, json: { type: 'string' } } }).values
  } catch (error) {
    return misused((error as Error).message)
  }
  const { only, json } = given
  if (only !== undefined && !scenarioNames.includes(only)) return misused(`There is no scenario ${only}.`)

  const machine = describeMachine()
  say(`Node ${machine.node}, ${machine.processors} × ${machine.processor}, load ${machine.load.toFixed(1)}`)
  const figures: Record<string, object> = {}
  let failed = false
  for (const name of only === undefined ? usualScenarios : [only]) {
    const { title, rows } = await loadScenario(name)
    say(`\n${name}: ${title}`)
    const measured = await measureApart(name)
    if (measured === null) {
      failed = true
      say('  It did not run to its end; what is above says why.')
      continue
    }
    figures[name] = measured
    for (const line of table(rows(measured))) say(`  ${line}`)
  }
  if (json !== undefined) await writeFile(json, `${JSON.stringify({ machine, scenarios: figures }, null, 2)}\n`)
  return failed ? 1 : 0
}

/** Longer than any scenario takes on a slow machine. */
const patienceMs = 30 * 60_000

/** A process of its own for each: clean memory, and one that hangs or dies takes no other with it. */
async function measureApart(name: string): Promise<object | null> {
  const child = fork(fileURLToPath(new URL('./bench/scenario-process.js', import.meta.url)), [name], {
    execArgv: ['--expose-gc', '--enable-source-maps'],
    timeout: patienceMs,
  })
  let figures: object | null = null
  child.on('message', message => (figures = message as object))
  await once(child, 'exit')
  return figures
}

function table(rows: Row[]): string[] {
  const width = Math.max(...rows.map(row => row.what.length))
  const measuredWidth = Math.max(...rows.filter(row => row.target).map(row => row.measured.length), 0)
  return rows.map(({ what, measured, target }) => {
    const line = `${what.padEnd(width)}  ${measured}`
    return target === undefined ? line : `${line.padEnd(width + 2 + measuredWidth)}  (to reach: ${target})`
  })
}

function describeMachine() {
  const processors = cpus()
  return {
    at: new Date().toISOString(),
    node: process.version,
    processor: processors[0]?.model.trim() ?? 'unknown',
    processors: processors.length,
    memory: mb(totalmem()),
    /** Processes that wanted a processor in the last minute: beside more than there are processors, times say little. */
    load: loadavg()[0] ?? 0,
  }
}

function misused(problem: string): number {
  say(`${problem}\n\n${usage}`)
  return 2
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

process.exitCode = await bench(process.argv.slice(2))
