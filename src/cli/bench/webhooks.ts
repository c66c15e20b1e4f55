import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { CrewEvent } from '../../domain/event.js'
import type { PracticeStage } from '../practice-stage.js'
import { machineClock, median, quantile, rounded } from './figures.js'
import { count, ms, scenario } from './scenario.js'
import { finishTask, read, type ScriptedTask, type ScriptedTurn } from './script.js'
import type { WebhookFloor } from './webhook-floor.js'
import type { Acknowledgement, Barrage } from './webhook-sender.js'
import { openWorkshop, reader, type Workshop } from './workshop.js'

const specialists = 8
const perSecond = 100
const seconds = 20
const warmUpSeconds = 2
const floorSeconds = 10
const turns = 90

interface WebhookFigures {
  /** Milliseconds from sending a webhook to the end of its acknowledgement. */
  p50: number
  p99: number
  max: number
  sent: number
  /** Answered with 200, and found in the database afterwards. */
  persisted: number
  /** Answers by status. */
  statuses: Record<string, number>
  /** Turns that the specialists took meanwhile. */
  turnsMeanwhile: number
  /** The same of a plain server, just before, beside the same specialists: see webhook-floor.ts. */
  floor: { p50: number; p99: number }
  /** How many times the floor's p99 ours is. */
  ratio: number
}

export const webhooks = scenario<WebhookFigures>({
  title: `acknowledgement of a webhook, persisted, at ${perSecond}/s with ${specialists} specialists at work`,
  async measure() {
    const work = { title: 'Much work', tasks: Array.from({ length: specialists }, (_, number) => longTask(number)) }
    const asked = { title: 'Asked about all the time', tasks: [longTask(specialists)] }
    const workshop = await openWorkshop({
      issues: [work, asked],
      crewYml: 'max_parallel: 8\nbudget_usd: 100\nlimits: { turns: 200 }\n',
      // As against GitHub itself, which the replies to all these comments must not run over.
      writeSpacingMs: 1_000,
    })
    try {
      const waiting = await workshop.plan(asked.title)
      const payload = await payloadOfComment(workshop.stage, waiting)
      const working = await workshop.begin(work.title)
      await workshop.turns(3 * specialists)
      const { webhookSecret: secret, crew } = workshop.stage
      const barrage = { secret, payload, perSecond, warmUpSeconds }
      const floor = await atFloor({ databaseUrl: crew.databaseUrl, secret }, url =>
        sendAll({ ...barrage, url, seconds: floorSeconds }),
      )
      const before = (await workshop.model.stats()).requests.length
      const answers = await sendAll({ ...barrage, url: crew.webhookUrl, seconds })
      const turnsMeanwhile = (await workshop.model.stats()).requests.length - before
      await workshop.cancel(working)
      const ours = ofAnswers(answers)
      return {
        ...ours,
        persisted: await persisted(workshop),
        turnsMeanwhile,
        floor: { p50: floor.p50, p99: floor.p99 },
        ratio: rounded(ours.p99 / floor.p99),
      }
    } finally {
      await workshop.close()
    }
  },
  rows: figures => [
    { what: 'p99', measured: ms(figures.p99), target: '≤ 25 ms' },
    { what: 'p50', measured: ms(figures.p50) },
    { what: 'floor: a plain server and one INSERT, p99', measured: ms(figures.floor.p99) },
    { what: 'floor, p50', measured: ms(figures.floor.p50) },
    { what: "p99, times the floor's", measured: `${figures.ratio}`, target: '≤ 3.6' },
    { what: 'longest', measured: ms(figures.max) },
    { what: 'sent, persisted', measured: `${count(figures.sent)}, ${count(figures.persisted)}` },
    { what: 'turns of the specialists meanwhile', measured: count(figures.turnsMeanwhile) },
  ],
})

function longTask(number: number): ScriptedTask {
  const title = `Work on part ${number}`
  const path = `shop/made/long_${number}.py`
  const turnOf = (turn: number): ScriptedTurn =>
    turn % 3 === 2
      ? { calls: [{ tool: 'write_files', input: { files: [{ path, content: `VERSION = ${turn}\n` }] } }] }
      : { calls: [read(number * turns + turn)] }
  const all = [...Array.from({ length: turns }, (_, turn) => turnOf(turn)), finishTask(title, [path])]
  return { title, paths: [path], turns: all.map((turn, index) => ({ ...turn, delay_ms: answerMs(number, index) })) }
}

/** 0.6 to 1.4 s: livelier than specialists ever are, and not all at the same moment. */
const answerMs = (number: number, turn: number): number => 600 + 100 * ((number * 5 + turn * 7) % 9)

/** What GitHub sends when somebody who may not command writes a command: the run looks the person up, and says no. */
async function payloadOfComment(stage: PracticeStage, issue: number): Promise<string> {
  const { owner, name: repo } = stage.repository
  const { data: comment } = await stage.as(reader).rest.issues.createComment({
    owner,
    repo,
    issue_number: issue,
    body: '/status',
  })
  await stage.github.settled()
  const delivery = stage.github.deliveries.find(
    ({ event, payload }) => event === 'issue_comment' && payload.includes(`"id":${comment.id},`),
  )
  if (!delivery) throw new Error('The practice GitHub sent no webhook for a comment.')
  return delivery.payload
}

async function sendAll(barrage: Barrage): Promise<Acknowledgement[]> {
  const child = fork(fileURLToPath(new URL('./webhook-sender.js', import.meta.url)), { execArgv: [] })
  child.send(barrage)
  const [answers] = (await once(child, 'message')) as [Acknowledgement[]]
  return answers
}

function ofAnswers(answers: Acknowledgement[]): Pick<WebhookFigures, 'p50' | 'p99' | 'max' | 'sent' | 'statuses'> {
  const times = answers.map(answer => answer.ms)
  const statuses: Record<string, number> = {}
  for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1
  return {
    p50: rounded(median(times)),
    p99: rounded(quantile(times, 0.99)),
    max: rounded(Math.max(...times)),
    sent: answers.length,
    statuses,
  }
}

async function atFloor(given: WebhookFloor, measure: (url: string) => Promise<Acknowledgement[]>) {
  const child = fork(fileURLToPath(new URL('./webhook-floor.js', import.meta.url)), { execArgv: [] })
  try {
    child.send(given)
    const [url] = (await once(child, 'message')) as [string]
    return ofAnswers(await measure(url))
  } finally {
    child.disconnect()
  }
}

const isOfBarrage = ({ input }: { input: unknown }): boolean => (input as CrewEvent).delivery.startsWith('bench-')

/** How many of the counted ones were begun in the end; those that came in a crowd wait for it. */
async function persisted({ stage }: Workshop): Promise<number> {
  const begun = async (): Promise<number> =>
    (await stage.crew.engine.list('delivery:comment:')).filter(isOfBarrage).length - perSecond * warmUpSeconds
  const until = machineClock() + 60_000
  while ((await begun()) < perSecond * seconds && machineClock() < until) await wait(250)
  return begun()
}
