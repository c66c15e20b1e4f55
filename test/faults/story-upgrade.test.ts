import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { compileSources, type CompiledSources } from '../../scripts/compile-sources.mjs'
import { eventually } from '../support/eventually.js'
import { expectExactlyOnce, type Repeated } from '../support/exactly-once.js'
import { unpackPreviousVersion, type PreviousVersion } from '../support/previous-version.js'
import { beginScriptedStory, type ScriptedStory } from '../support/scripted-story.js'
import { title, twoTasks } from '../support/two-tasks.js'
import { asksModel, cutOffAfter, type Moment } from '../support/moments.js'
import { openWorkers, type Worker, type Workers } from '../support/workers.js'

describe('a run that the previous version started', () => {
  let sources: CompiledSources
  let previous: PreviousVersion
  let story: ScriptedStory
  let workers: Workers
  let undisturbed: Repeated
  beforeAll(async () => {
    ;[sources, previous, story] = await Promise.all([
      compileSources(),
      unpackPreviousVersion(),
      beginScriptedStory([twoTasks]),
    ])
    const issue = await story.approved(title)
    await story.end(issue)
    undisturbed = { title, tree: story.tree(issue) }
    workers = await openWorkers(story, sources)
  })
  afterAll(async () => {
    await workers.stop()
    await story.stop()
    await Promise.all([sources.remove(), previous.remove()])
  })

  /** Fails, with what to do, as soon as a worker of this version says that it can't go on with what the previous one left. */
  function expectGoesOn({ log }: Worker): void {
    const broken = log.flatMap(({ level, msg, err }) =>
      level >= 50 || /stand still/.test(msg) ? [err ? `${msg}: ${err.message}` : msg] : [],
    )
    if (broken.length === 0) return
    throw new Error(
      [
        `A run that version ${previous.name} left does not go on in this one:`,
        ...broken.map(line => `- ${line}`),
        'Steps come in another order, or under other names, than its journal has them. Give the workflow that changed a',
        'new version in its name (src/workflow/world.ts), and keep the code of the old name until its runs have ended.',
      ].join('\n'),
    )
  }

  async function upgradeAt(moment: Moment, { atTheGate = false } = {}): Promise<void> {
    const old = await workers.start({}, previous)
    const issue = await story.issue({ title, body: 'As the title says.' })
    old.listen()
    const come = moment()
    await story.label(issue)
    await story.statusSays(issue, 'Waiting for `/approve`')
    if (!atTheGate) await story.comment(issue, '/approve')
    await come
    old.signal('SIGKILL')
    await old.ended
    const present = await workers.start()
    present.listen()
    if (atTheGate) await story.comment(issue, '/approve')
    await eventually(async () => {
      expectGoesOn(present)
      return (await story.status(issue)).includes('✅ Done')
    })
    await expectExactlyOnce(story, issue, undisturbed)
    present.signal('SIGTERM')
    expect(await present.ended).toBe(0)
  }

  test('and that waits at the gate, is approved and finished in this one', async () => {
    await upgradeAt(async () => {}, { atTheGate: true })
  })

  const moments: { where: string; moment: () => Moment }[] = [
    { where: 'in the second turn of a task', moment: () => asksModel(story, '# Your task: Greet louder', 2) },
    { where: 'in a commit', moment: () => cutOffAfter(story, 'POST', /\/git\/refs$/) },
    { where: 'between two tasks', moment: () => asksModel(story, '# Your task: Part louder', 1) },
    { where: 'in the review', moment: () => asksModel(story, 'You are code-reviewer', 1) },
  ]
  test.each(moments)('and left $where, is finished in this one', async ({ moment }) => {
    await upgradeAt(moment())
  })

  test('every request was one that GitHub takes', () => {
    expect(story.stage.github.violations).toEqual([])
  })
})
