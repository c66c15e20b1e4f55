import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { CrewSight } from '../../src/cli/crew.js'
import { countRequests, expectExactlyOnce, type Repeated } from '../support/exactly-once.js'
import { eventually } from '../support/eventually.js'
import { edit, run, type Script } from '../support/script.js'
import { beginScriptedStory, type ScriptedStory } from '../support/scripted-story.js'
import { treesOf } from '../support/trees-of.js'

const title = 'Two tasks in a row'
const script: Script = {
  title,
  reviewTask: true,
  planDelay: 150,
  reviewDelay: 150,
  tasks: [
    {
      title: 'Greet louder',
      paths: ['greet.sh', 'lib/*.sh'],
      turns: [
        edit('greet.sh', ['  echo "Hello"', '  echo "HELLO"']),
        run('echo "# $(wc -l < lib/words.sh) lines" >> lib/words.sh', { delay_ms: 200 }),
      ],
      finishDelay: 50,
    },
    {
      title: 'Part louder',
      paths: ['greet.sh'],
      dependsOn: [1],
      turns: [edit('greet.sh', ['  echo "Bye"', '  echo "BYE"'], { delay_ms: 150 })],
    },
  ],
}

const parallel: Script = {
  title: 'Two tasks at once',
  tasks: [
    { title: 'Greet loudest', paths: ['greet.sh'], turns: [run('echo "# loud" >> greet.sh')], finishDelay: 2500 },
    { title: 'Know another word', paths: ['lib/*.sh'], turns: [run('echo italian=Ciao >> lib/words.sh')] },
  ],
}

const once = {
  'plan, turn 1': 1,
  'task 1, turn 1': 1,
  'task 1, turn 2': 1,
  'task 1, turn 3': 1,
  'task 2, turn 1': 1,
  'task 2, turn 2': 1,
  'review, turn 1': 1,
}

describe('an App that is stopped and started again', () => {
  let story: ScriptedStory
  let undisturbed: Repeated
  beforeAll(async () => {
    story = await beginScriptedStory([script, parallel])
    const counts = countRequests(story, title)
    const issue = await story.approved(title)
    await story.end(issue)
    expect(counts()).toEqual(once)
    undisturbed = { title, tree: story.tree(issue) }
  })
  afterAll(() => story.stop())

  /** Waits for something that happens from now on. */
  function sight(is: (sight: CrewSight) => boolean): () => Promise<unknown> {
    const from = story.sights.length
    return () => eventually(() => story.sights.slice(from).some(is))
  }
  const atWork = (work: string) => sight(seen => seen.kind === 'agent' && seen.work === work)
  const turn = (work: string, number: number) =>
    sight(seen => seen.kind === 'turn' && seen.work === work && seen.turn === number)

  async function restart(): Promise<void> {
    await story.stage.stopCrew()
    await story.stage.restartCrew()
  }

  /** Of the requests to the model only the one that was under way may have been sent twice. */
  function expectPaidOnce(counts: Record<string, number>, underWay?: keyof typeof once): void {
    const again = underWay !== undefined && counts[underWay] === 2
    expect(counts).toEqual({ ...once, ...(again && { [underWay]: 2 }) })
  }

  test('while the tech lead plans: it goes on, and one plan is posted', async () => {
    const counts = countRequests(story, title)
    const issue = await story.issue({ title, body: 'As the title says.' })
    const planning = atWork('plan')
    await story.label(issue)
    await planning()
    await restart()
    await story.phase(issue, 'waiting-for-approval')
    await story.comment(issue, '/approve')
    await story.end(issue)
    await expectExactlyOnce(story, issue, undisturbed)
    expectPaidOnce(counts(), 'plan, turn 1')
  })

  test('at the gate: the plan waits for its approval as before', async () => {
    const counts = countRequests(story, title)
    const issue = await story.planned(title)
    await restart()
    await story.comment(issue, '/approve')
    await story.end(issue)
    await expectExactlyOnce(story, issue, undisturbed)
    expectPaidOnce(counts())
  })

  test('in a specialist’s second turn: what it did before is there, and its first answer is not paid for again', async () => {
    const counts = countRequests(story, title)
    const first = turn('task 1', 1)
    const issue = await story.approved(title)
    await first()
    await restart()
    await story.end(issue)
    await expectExactlyOnce(story, issue, undisturbed)
    expectPaidOnce(counts(), 'task 1, turn 2')
  })

  test('even where the directory that it worked in is gone', async () => {
    const counts = countRequests(story, title)
    const second = turn('task 1', 2)
    const issue = await story.approved(title)
    await second()
    await story.stage.stopCrew()
    const trees = await treesOf(story.stage)
    expect(trees).toHaveLength(1)
    for (const tree of trees) await rm(tree, { recursive: true })
    await story.stage.restartCrew()
    await story.end(issue)
    await expectExactlyOnce(story, issue, undisturbed)
    expectPaidOnce(counts(), 'task 1, turn 3')
  })

  /** As on another machine: of what the App had on disk, only its database is there. */
  async function restartElsewhere(): Promise<void> {
    await story.stage.stopCrew()
    for (const tree of await treesOf(story.stage)) await rm(tree, { recursive: true })
    await rm(join(story.stage.config.home, 'clones'), { recursive: true })
    await story.stage.restartCrew()
  }

  test('even where the whole disk is gone, again and again: in a turn, between the tasks, before the review', async () => {
    const counts = countRequests(story, title)
    const second = turn('task 1', 2)
    const reading = atWork('review')
    const issue = await story.approved(title)
    await second()
    await restartElsewhere()
    await eventually(() => story.branch(issue) !== '')
    await restartElsewhere()
    await reading()
    await restartElsewhere()
    await story.end(issue)
    await expectExactlyOnce(story, issue, undisturbed)
    const made = counts()
    for (const [request, times] of Object.entries(once)) expect(made[request]).toBeLessThanOrEqual(times + 1)
    expect(made['task 1, turn 1']).toBe(1)
    expect(made['task 1, turn 2']).toBe(1)
  })

  test('even where it is gone while an ended task waits to be replayed on the commit of another', async () => {
    const issue = await story.approved(parallel.title)
    await eventually(async () => (await story.row(issue, 2)).includes('committing'))
    await restartElsewhere()
    await story.end(issue)
    expect(story.commits(issue).map(commit => [commit.task, ...commit.files])).toEqual([
      ['1/2', 'greet.sh'],
      ['2/2', 'lib/words.sh'],
    ])
  })

  test('while one specialist is at work and another, who has ended, waits for its turn to commit', async () => {
    const issue = await story.approved(parallel.title)
    await eventually(async () => (await story.row(issue, 2)).includes('committing'))
    expect(await story.row(issue, 1)).toContain('working')
    await restart()
    await story.end(issue)
    expect(story.commits(issue).map(commit => [commit.task, ...commit.files])).toEqual([
      ['1/2', 'greet.sh'],
      ['2/2', 'lib/words.sh'],
    ])
  })

  test('between two tasks', async () => {
    const counts = countRequests(story, title)
    const issue = await story.approved(title)
    await eventually(() => story.branch(issue) !== '')
    await restart()
    await story.end(issue)
    await expectExactlyOnce(story, issue, undisturbed)
    expectPaidOnce(counts(), 'task 2, turn 1')
  })

  test('while the pull request opens, and again while the reviewer reads', async () => {
    const counts = countRequests(story, title)
    const opening = sight(seen => seen.kind === 'run' && seen.phase === 'opening-pull-request')
    const reading = atWork('review')
    const issue = await story.approved(title)
    await opening()
    await restart()
    await reading()
    await restart()
    await story.end(issue)
    await expectExactlyOnce(story, issue, undisturbed)
    expectPaidOnce(counts(), 'review, turn 1')
  })

  test('every request was one that GitHub takes, and no directory is left', async () => {
    expect(story.stage.github.violations).toEqual([])
    expect(await treesOf(story.stage)).toEqual([])
  })
})
