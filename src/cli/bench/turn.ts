import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { median, quantile, rounded, sum } from './figures.js'
import { ms, scenario } from './scenario.js'
import { nineTurns, type ScriptedTask } from './script.js'
import { byConversation, openWorkshop, projectFiles, type Answered } from './workshop.js'

const warmUp = 2
const tasks = { atOnce: 12, slow: 6, floor: 8 }
const slowAnswerMs = 150

interface TurnTimes {
  /** From the end of one answer to the next request, whole, at the model: milliseconds. */
  median: number
  p90: number
  /** The same with the model server's own time for its answer. */
  withAnswerMedian: number
  turns: number
}

interface TurnFigures {
  /** The model answers at once. */
  atOnce: TurnTimes
  /** The model takes its time, as real ones do: what is done meanwhile costs nothing. */
  slow: TurnTimes & { answerMs: number }
  /** The SDK and a loop by hand on a plain folder, nothing recorded. */
  floor: TurnTimes
  /** Times the floor. */
  ratio: number
}

export const turn = scenario<TurnFigures>({
  title: 'overhead per turn, warm, recorded durably (9-turn tasks, 2,000 files)',
  async measure() {
    const named = (kind: string, count: number, delay: number): ScriptedTask[] =>
      Array.from({ length: count }, (_, n) => nineTurns(`Change part ${kind} ${n}`, n, delay))
    const issues = [
      { title: 'Change limits at once', tasks: named('at once', tasks.atOnce, 0) },
      { title: 'Change limits slowly', tasks: named('slowly', tasks.slow, slowAnswerMs) },
    ]
    const floor = { title: 'The floor', tasks: named('by hand', tasks.floor, 0) }
    const workshop = await openWorkshop({
      issues: [...issues, floor],
      crewYml: 'max_parallel: 1\nbudget_usd: 100\n',
    })
    try {
      for (const { title } of issues) await workshop.phase(await workshop.begin(title), 'done')
      const titles = floor.tasks.map(task => task.title)
      await playFloor(workshop.model.url, titles)
      const conversations = byConversation((await workshop.model.stats()).requests)
      const timesOf = (played: ScriptedTask[]): TurnTimes =>
        turnTimes(played.slice(warmUp).map(({ title }) => conversations.get(title) ?? []))
      const [atOnce, slow, byHand] = [...issues, floor].map(({ tasks }) => timesOf(tasks)) as [
        TurnTimes,
        TurnTimes,
        TurnTimes,
      ]
      return {
        atOnce,
        slow: { ...slow, answerMs: slowAnswerMs },
        floor: byHand,
        ratio: rounded(atOnce.median / byHand.median),
      }
    } finally {
      await workshop.close()
    }
  },
  rows: ({ atOnce, slow, floor, ratio }) => [
    { what: 'median, the model answers at once', measured: ms(atOnce.median), target: '≤ 10 ms' },
    { what: '90 % of turns', measured: ms(atOnce.p90) },
    { what: "with the model server's own time", measured: ms(atOnce.withAnswerMedian) },
    { what: `median, the model takes ${slow.answerMs} ms`, measured: ms(slow.median), target: '≤ 10 ms' },
    { what: 'floor: SDK and hand loop, nothing recorded', measured: ms(floor.median) },
    { what: 'times the floor', measured: `${ratio}`, target: '≤ 4' },
  ],
})

/** In a process of its own: see floor.ts. */
async function playFloor(modelUrl: string, titles: string[]): Promise<void> {
  const given = [modelUrl, String(projectFiles), ...titles]
  const child = fork(fileURLToPath(new URL('./floor.js', import.meta.url)), given, { execArgv: [] })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error('The floor could not be measured; it says above why.')
}

/** Of conversations, each in the order of its turns. */
function turnTimes(conversations: Answered[][]): TurnTimes {
  const gaps: number[] = []
  const answers: number[] = []
  for (const turns of conversations)
    for (const [index, { receivedAt, answeredAt }] of turns.entries()) {
      const before = turns[index - 1]
      if (!before) continue
      gaps.push(receivedAt - before.answeredAt)
      answers.push(answeredAt - receivedAt)
    }
  return {
    median: rounded(median(gaps)),
    p90: rounded(quantile(gaps, 0.9)),
    withAnswerMedian: rounded(median(gaps.map((gap, index) => sum([gap, answers[index] ?? 0])))),
    turns: gaps.length,
  }
}
