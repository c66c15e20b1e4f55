import { setTimeout as wait } from 'node:timers/promises'
import { rounded, slope } from './figures.js'
import { mb, scenario } from './scenario.js'
import { finishTask, nineTurns, read, type ScriptedTask } from './script.js'
import { openWorkshop } from './workshop.js'

/** Specialists at work in all, one issue after the other. */
const stages = [1, 4, 8]
/** About 3 KB each: five turns of these make a conversation of some 60,000 tokens. */
const filesPerTurn = 15
const readingTurns = 5
const parkedMs = 600_000

interface MemoryFigures {
  /** Resident bytes of the process after garbage collection, with that many specialists in the middle of a turn. */
  points: { specialists: number; rssBytes: number; heapBytes: number }[]
  perSpecialistBytes: number
  /** What a parked specialist's conversation came to, estimated. */
  conversationTokens: number
}

export const memory = scenario<MemoryFigures>({
  title: 'memory per further specialist at work in the process',
  async measure() {
    let made = 0
    const issues = stages.map((all, index) => ({
      title: `Read with ${all} specialists`,
      tasks: Array.from({ length: all - (stages[index - 1] ?? 0) }, () => reader(made++)),
    }))
    const warmUp = { title: 'Warm up', tasks: [nineTurns('Warm up first', 0), nineTurns('Warm up second', 1)] }
    const workshop = await openWorkshop({ issues: [warmUp, ...issues], crewYml: 'max_parallel: 8\nbudget_usd: 100\n' })
    try {
      await workshop.phase(await workshop.begin(warmUp.title), 'done')
      const before = warmUp.tasks.flatMap(task => task.turns).length
      const points = [{ specialists: 0, ...(await settledMemory()) }]
      const begun: number[] = []
      for (const [index, specialists] of stages.entries()) {
        begun.push(await workshop.begin(issues[index]?.title ?? ''))
        await workshop.turns(before + specialists * readingTurns)
        points.push({ specialists, ...(await settledMemory()) })
      }
      const { requests } = await workshop.model.stats()
      const longest = Math.max(...requests.map(one => one.inputTokens + one.cacheReadTokens + one.cacheWriteTokens))
      for (const issue of begun) await workshop.cancel(issue)
      const line = points.slice(1).map(({ specialists, rssBytes }) => ({ x: specialists, y: rssBytes }))
      return { points, perSpecialistBytes: Math.round(slope(line)), conversationTokens: longest }
    } finally {
      await workshop.close()
    }
  },
  rows: ({ points, perSpecialistBytes, conversationTokens }) => [
    { what: 'a further specialist', measured: mb(perSpecialistBytes), target: '≤ 10 MB' },
    ...points.map(({ specialists, rssBytes, heapBytes }) => ({
      what: `  resident with ${specialists} in the middle of a turn`,
      measured: `${mb(rssBytes)} (heap ${mb(heapBytes)})`,
    })),
    { what: '  tokens of each conversation, about', measured: `${rounded(conversationTokens / 1000)} k` },
  ],
})

/** Reads a lot, and then waits for its next answer until it is cancelled. */
function reader(number: number): ScriptedTask {
  const title = `Read part ${number}`
  const from = 100 + number * filesPerTurn * readingTurns
  const files = (turn: number) => Array.from({ length: filesPerTurn }, (_, n) => from + turn * filesPerTurn + n)
  return {
    title,
    paths: [`shop/made/read_${number}.py`],
    turns: [
      ...Array.from({ length: readingTurns }, (_, turn) => ({ calls: [read(...files(turn))] })),
      { ...finishTask(title, []), delay_ms: parkedMs },
    ],
  }
}

/** What is left once garbage is collected and the request that is under way has been sent: the least of some looks. */
async function settledMemory(): Promise<{ rssBytes: number; heapBytes: number }> {
  const looks = []
  for (let look = 0; look < 8; look++) {
    await wait(400)
    globalThis.gc?.()
    const { rss, heapUsed } = process.memoryUsage()
    looks.push({ rssBytes: rss, heapBytes: heapUsed })
  }
  return looks.reduce((least, now) => (now.rssBytes < least.rssBytes ? now : least))
}
