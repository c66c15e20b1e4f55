/**
 * The App in a process of its own, watched and stopped at the steps of its journal: `node watched-crew.js CONFIG WATCH`. All
 * that it writes on stdout are {@link Said}, and it is told what to do by {@link Told} on stdin, both a line of JSON each.
 */
import { DBOS } from '@dbos-inc/dbos-sdk'
import { createInterface } from 'node:readline'
import { startCrew } from '../../../src/cli/crew.js'
import type { Config } from '../../../src/config.js'
import { createLog } from '../../../src/log.js'

/** Where a workflow stands: before a step of its journal, or where the step did its work and that is not recorded yet. */
export type Moment = 'before' | 'unrecorded'

/** At this step the process kills itself, or stands still until it is told to go on. */
export interface Watch {
  at: string | null
  how: 'kill' | 'hold'
}

export interface Told {
  watch?: Watch
  /** Steps are counted anew. */
  anew?: true
  goOn?: true
}

export type Said = { webhookUrl: string } | { heard: true } | { at: string }

const say = (said: Said): void => void process.stdout.write(`${JSON.stringify(said)}\n`)

let watched = JSON.parse(process.argv[3] ?? '') as Watch
let goOn: (() => void) | null = null
const counts = new Map<string, number>()

/** Names of workflows and steps without what differs from one run to the next: repositories, comments, deliveries. */
const alike = (name: string): string =>
  name
    .replace(/(run:)\d+:\d+:(\d+)/g, '$1$2')
    .replace(/delivery:[\w:-]+/g, 'delivery')
    .replace(/alarm:[\w:-]+/g, 'alarm')
    .replace(/ \d{3,}$/, '')

function nameOf(step: string): string {
  const name = `${alike(DBOS.workflowID ?? 'intake')} / ${alike(step)}`
  const count = (counts.get(name) ?? 0) + 1
  counts.set(name, count)
  return count === 1 ? name : `${name} (${count})`
}

async function pass(step: string, moment: Moment): Promise<void> {
  const at = `${step} / ${moment}`
  say({ at })
  if (at !== watched.at) return
  if (watched.how === 'kill') process.kill(process.pid, 'SIGKILL')
  await new Promise<void>(resolve => (goOn = resolve))
}

const runStep = DBOS.runStep.bind(DBOS)
DBOS.runStep = async (work, config) => {
  const step = nameOf(config?.name ?? '')
  await pass(step, 'before')
  const watchedWork: typeof work = async () => {
    const result = await work()
    await pass(step, 'unrecorded')
    return result
  }
  return runStep(watchedWork, config)
}

type Start = (workflow: (input: unknown) => Promise<unknown>, options?: { workflowID?: string }) => unknown
const startWorkflow = DBOS.startWorkflow.bind(DBOS) as Start
const watchedStart: Start = (workflow, options) => {
  const step = nameOf(`start ${options?.workflowID ?? ''}`)
  const start = startWorkflow(workflow, options) as (input: unknown) => Promise<unknown>
  return async (input: unknown) => {
    await pass(step, 'before')
    return start(input)
  }
}
DBOS.startWorkflow = watchedStart as typeof DBOS.startWorkflow

const told = createInterface({ input: process.stdin })
// Whoever watches is gone.
told.on('close', () => process.exit())
told.on('line', line => {
  const { watch, anew, goOn: isToGoOn } = JSON.parse(line) as Told
  if (watch) watched = watch
  if (anew) counts.clear()
  if (isToGoOn) goOn?.()
  say({ heard: true })
})

const config = JSON.parse(process.argv[2] ?? '') as Config
const crew = await startCrew({
  config,
  log: createLog({ level: 'warn', pretty: false, secrets: [], sink: process.stderr }),
})
say({ webhookUrl: crew.webhookUrl })
