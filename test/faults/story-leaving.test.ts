import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readdir, readFile } from 'node:fs/promises'
import { compileSources, type CompiledSources } from '../../scripts/compile-sources.mjs'
import { eventually } from '../support/eventually.js'
import { countRequests, expectExactlyOnce, type Repeated } from '../support/exactly-once.js'
import { asksModel } from '../support/moments.js'
import { edit, run, type Script } from '../support/script.js'
import { beginScriptedStory, type ScriptedStory } from '../support/scripted-story.js'
import { testWhereCommandsRun } from '../support/where-commands-run.js'
import { openWorkers, type Worker, type Workers } from '../support/workers.js'

/** Found by this among all processes of the machine. */
const command = 'sleep 3.217'
const script = (title: string, thinkMs: number): Script => ({
  title,
  reviewTask: true,
  tasks: [
    {
      title: 'Greet louder',
      paths: ['greet.sh', 'lib/*.sh'],
      turns: [
        edit('greet.sh', ['  echo "Hello"', '  echo "HELLO"'], { delay_ms: thinkMs }),
        run(`${command}; echo "# $(wc -l < lib/words.sh) lines" >> lib/words.sh`),
      ],
    },
    {
      title: 'Part louder',
      paths: ['greet.sh'],
      dependsOn: [1],
      turns: [edit('greet.sh', ['  echo "Bye"', '  echo "BYE"'])],
    },
  ],
})
const short = 'A short thought'
const long = 'A long thought'

describe('a worker that is told to stop while another one is there', () => {
  let sources: CompiledSources
  let story: ScriptedStory
  let workers: Workers
  let tree: string
  beforeAll(async () => {
    ;[sources, story] = await Promise.all([
      compileSources(),
      beginScriptedStory([script(short, 1_000), script(long, 20_000)]),
    ])
    const issue = await story.approved(short)
    await story.end(issue)
    tree = story.tree(issue)
    workers = await openWorkers(story, sources)
  })
  afterAll(async () => {
    await workers.stop()
    await story.stop()
    await sources.remove()
  })

  /** An issue is brought to a moment by one worker, which is told to stop there. Another one finishes it. */
  async function leaveAt(
    moment: (issue: number) => Promise<unknown>,
    { title = short, settings = {} }: { title?: string; settings?: Record<string, string> } = {},
  ): Promise<{ again: number; left: Worker; other: Worker }> {
    const left = await workers.start(settings)
    const counts = countRequests(story, title)
    const issue = await story.issue({ title, body: 'As the title says.' })
    left.listen()
    const come = moment(issue)
    await story.label(issue)
    await story.statusSays(issue, 'Waiting for `/approve`')
    const other = await workers.start()
    if (moment !== atTheGate) await story.comment(issue, '/approve')
    await come
    left.signal('SIGTERM')
    other.listen()
    if (moment === atTheGate) await story.comment(issue, '/approve')
    expect(await left.ended).toBe(0)

    await story.statusSays(issue, '✅ Done')
    const undisturbed: Repeated = { title, tree }
    await expectExactlyOnce(story, issue, undisturbed)
    other.signal('SIGTERM')
    expect(await other.ended).toBe(0)
    // It was handed the work, and did not have to find out that nobody has it.
    expect(other.log.filter(({ msg }) => msg.startsWith('Took over'))).toEqual([])
    for (const { log } of [left, other]) expect(log.filter(({ level }) => level >= 40)).toEqual([])
    const paid = Object.values(counts())
    return { again: paid.reduce((sum, times) => sum + times) - paid.length, left, other }
  }

  const atTheGate = (issue: number): Promise<unknown> => story.statusSays(issue, 'Waiting for `/approve`')
  const thinking = (): Promise<unknown> => asksModel(story, '# Your task: Greet louder', 1)()

  test('at the gate: the approval reaches the other', async () => {
    expect((await leaveAt(atTheGate)).again).toBe(0)
  })

  test('in a call of the model: the call comes to its end, and is not made again', async () => {
    expect((await leaveAt(thinking)).again).toBe(0)
  })

  testWhereCommandsRun('in a command: the command comes to its end, and what it did counts once', async () => {
    expect((await leaveAt(() => eventually(() => isRunning(command)))).again).toBe(0)
  })

  test('in a call that takes longer than it may: it is broken off, and made again by the other', async () => {
    expect((await leaveAt(thinking, { title: long, settings: { STOP_SECONDS: '1' } })).again).toBeLessThanOrEqual(1)
  })

  testWhereCommandsRun(
    'in a command that takes longer than it may: it is killed, and run again by the other',
    async () => {
      const { again } = await leaveAt(() => eventually(() => isRunning(command)), { settings: { STOP_SECONDS: '0' } })
      expect(again).toBe(0)
      expect(await isRunning(command)).toBe(false)
    },
  )

  test('every request was one that GitHub takes', () => {
    expect(story.stage.github.violations).toEqual([])
  })
})

/** Whether any process of this machine is that command, in whatever box. */
async function isRunning(words: string): Promise<boolean> {
  const processes = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const lines = await Promise.all(processes.map(pid => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return lines.some(line => line.replaceAll('\0', ' ').trim() === words)
}
