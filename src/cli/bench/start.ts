import { median, quantile, rounded } from './figures.js'
import { ms, scenario } from './scenario.js'
import { finishTask, type ScriptedTask } from './script.js'
import { byConversation, openWorkshop } from './workshop.js'

const warmUp = 2
const tasks = 12

interface StartFigures {
  /** From the engine being told to start a task's workflow to the first request, whole, at the model: milliseconds. */
  median: number
  p90: number
  /** From the last answer of one task to the first request of the next: commit, brief and start. */
  handOverMedian: number
  starts: number
}

export const start = scenario<StartFigures>({
  title: 'start of a task → first model request (clone warm, worktree included, 2,000 files)',
  async measure() {
    const title = 'Change a limit of each part'
    const scripted = Array.from({ length: tasks }, (_, number) => oneFile(`Change part ${number}`, number))
    const workshop = await openWorkshop({ issues: [{ title, tasks: scripted }], crewYml: 'max_parallel: 1\n' })
    try {
      await workshop.phase(await workshop.begin(title), 'done')
      const requests = byConversation((await workshop.model.stats()).requests)
      const turns = scripted.map(task => requests.get(task.title) ?? [])
      const startedAt = new Map(workshop.started.map(({ work, at }) => [work, at]))
      const starts: number[] = []
      const handOvers: number[] = []
      for (const [index, [first]] of turns.entries()) {
        const before = turns[index - 1]?.at(-1)
        if (!first || !before || index < warmUp) continue
        starts.push(first.receivedAt - (startedAt.get(`task ${index + 1}`) ?? NaN))
        handOvers.push(first.receivedAt - before.answeredAt)
      }
      return {
        median: rounded(median(starts)),
        p90: rounded(quantile(starts, 0.9)),
        handOverMedian: rounded(median(handOvers)),
        starts: starts.length,
      }
    } finally {
      await workshop.close()
    }
  },
  rows: figures => [
    { what: `median of ${figures.starts}`, measured: ms(figures.median), target: '≤ 200 ms' },
    { what: '90 % of starts', measured: ms(figures.p90) },
    {
      what: 'end of the task before → first request (commit on GitHub included)',
      measured: ms(figures.handOverMedian),
    },
  ],
})

/** One new file and the report. */
function oneFile(title: string, number: number): ScriptedTask {
  const path = `shop/made/part_${number}.py`
  const input = { files: [{ path, content: `LIMIT = ${number}\n` }] }
  return { title, paths: [path], turns: [{ calls: [{ tool: 'write_files', input }] }, finishTask(title, [path])] }
}
