import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eventually } from './support/eventually.js'
import { edit, run, write, type Script } from './support/script.js'
import { beginScriptedStory, type ScriptedStory } from './support/scripted-story.js'
import { treesOf } from './support/trees-of.js'
import { describeWhereCommandsRun } from './support/where-commands-run.js'

const louder = (rest = {}) => edit('greet.sh', ['  echo "Hello"', '  echo "HELLO"'], rest)
const otherWord = edit('lib/words.sh', ['german="Hallo"', 'german="Servus"'])

/** Its command changes more than its plan names; told so, it does without. */
const tooMuch = (title: string, command: string): Script => ({
  title,
  tasks: [
    {
      title: 'Greet louder',
      paths: ['greet.sh', '.github/**'],
      turns: [louder(), run(command)],
      again: [{ when: '# Again\nLast time you changed paths outside your task', turns: [louder()] }],
    },
    { title: 'Know another word', paths: ['lib/*.sh'], turns: [otherWord] },
  ],
})

const twoInTurn = (title: string): Script => ({
  title,
  tasks: [
    { title: 'Greet louder', paths: ['greet.sh'], turns: [louder()] },
    { title: 'Know another word', paths: ['lib/*.sh'], dependsOn: [1], turns: [otherWord], finishDelay: 600 },
  ],
})

const scripts: Script[] = [
  tooMuch('A manual on top', 'echo "It shouts now." >> README.md'),
  tooMuch('A manual that nobody asked for', 'echo "It shouts now." >> README.md'),
  tooMuch('A workflow on top', 'mkdir -p .github/workflows && echo "on: push" > .github/workflows/ci.yml'),
  {
    title: 'An owner on top',
    tasks: [
      {
        title: 'Greet louder',
        paths: ['greet.sh', 'CODEOWNERS', '.github/**'],
        turns: [
          louder(),
          write({ CODEOWNERS: '* @grace\n' }),
          write({ '.github/dependabot.yml': 'version: 2\n' }),
          run('mkdir -p .github && echo "version: 2" > .github/dependabot.yml'),
        ],
      },
    ],
  },
  twoInTurn('A hand from outside'),
  twoInTurn('A branch set back'),
  twoInTurn('A branch taken away'),
  {
    title: 'Stopped halfway',
    reviewTask: true,
    tasks: [
      { title: 'Greet louder', paths: ['greet.sh'], turns: [louder()] },
      { title: 'Know another word', paths: ['lib/*.sh'], dependsOn: [1], turns: [run('sleep 30')] },
      { title: 'Write a manual', paths: ['README.md'], dependsOn: [1], turns: [], finishDelay: 5_000 },
    ],
  },
]

describeWhereCommandsRun('people while the specialists work', () => {
  let story: ScriptedStory
  beforeAll(async () => {
    story = await beginScriptedStory(scripts)
  })
  afterAll(() => story.stop())

  test('a task whose command changed more than its plan names commits nothing and asks; /approve lets it', async () => {
    const issue = await story.approved('A manual on top')
    await story.phase(issue, 'asking')
    const own = (await story.comments(issue)).filter(comment => comment.author === 'issue-crew[bot]')
    expect(own.at(-1)?.body).toMatch(/Task 1 .*Nothing of it is committed:\n\n- `README.md`\n\n/)
    expect(await story.status(issue)).toContain('Waiting for your decision')
    expect(await story.row(issue, 1)).toMatch(/asks you: .*README\.md/)
    expect(await story.row(issue, 2)).toContain('committing')
    expect(story.branch(issue)).toBe('')

    const stranger = await story.comment(issue, '/approve 1', 'omar')
    expect(await story.replyTo(issue, stranger)).toContain('I only take commands from people who may write')
    expect(story.branch(issue)).toBe('')
    const approval = await story.comment(issue, '/approve 1')
    expect((await story.end(issue)).kind).toBe('done')
    expect(await story.reactionsTo(approval)).toEqual(['rocket'])
    expect(story.commits(issue).map(commit => commit.files)).toEqual([['README.md', 'greet.sh'], ['lib/words.sh']])
  })

  test('/retry has it done again without them', async () => {
    const issue = await story.approved('A manual that nobody asked for')
    await story.phase(issue, 'asking')
    await story.comment(issue, '/retry 1')
    expect((await story.end(issue)).kind).toBe('done')
    expect(story.commits(issue).map(commit => commit.files)).toEqual([['greet.sh'], ['lib/words.sh']])
  })

  test('a protected file that the plan names is marked for the approver, and then written; others are asked for', async () => {
    const issue = await story.planned('An owner on top')
    const [plan] = await story.plans(issue)
    expect(plan?.body).toContain('- ⚠️ protected: `CODEOWNERS`, which task 1 may write once this is approved')
    expect(plan?.body).not.toContain('protected: `.github')
    await story.comment(issue, '/approve')
    await story.phase(issue, 'asking')
    expect(await story.row(issue, 1)).toMatch(/asks you: .*dependabot\.yml/)
    expect(await story.row(issue, 1)).not.toContain('CODEOWNERS')
    await story.comment(issue, '/approve 1')
    expect((await story.end(issue)).kind).toBe('done')
    expect(story.commits(issue)[0]?.files).toEqual(['.github/dependabot.yml', 'CODEOWNERS', 'greet.sh'])
  })

  test('a workflow is committed by nobody’s leave, and the App says why', async () => {
    const issue = await story.approved('A workflow on top')
    await story.phase(issue, 'asking')
    expect(await story.row(issue, 1)).toMatch(/asks you: .*ci\.yml/)
    const own = (await story.comments(issue)).filter(comment => comment.author === 'issue-crew[bot]')
    expect(own.at(-1)?.body).toMatch(
      /`.github\/workflows\/ci.yml` is a workflow of GitHub Actions: .*`workflows: write`/,
    )
    expect(own.at(-1)?.body).not.toContain('/approve')
    const approval = await story.comment(issue, '/approve 1')
    expect(await story.replyTo(issue, approval)).not.toBe('')
    expect(story.branch(issue)).toBe('')
    await story.comment(issue, '/retry 1')
    expect((await story.end(issue)).kind).toBe('done')
    expect(story.commits(issue)[0]?.files).toEqual(['greet.sh'])
  })

  test('when somebody else pushes to the branch, the run says so and stops, and their commit stays', async () => {
    const issue = await story.approved('A hand from outside')
    await eventually(async () => (await story.row(issue, 1)).includes('done'))
    const branch = story.branch(issue)
    story.pushAsOther(branch, { 'theirs.txt': 'mine\n' })
    expect((await story.end(issue)).kind).toBe('stopped')
    expect(await story.status(issue)).toContain(`Somebody else pushed to \`${branch}\`, so I stopped`)
    expect(await story.row(issue, 2)).toContain('cancelled')
    expect(story.file(issue, 'theirs.txt')).toBe('mine\n')
    expect(story.commits(issue)).toHaveLength(2)
    expect(await story.pullRequests(issue)).toEqual([])
  })

  test('a branch that was set back or deleted is left so, too', async () => {
    const back = await story.approved('A branch set back')
    await eventually(async () => (await story.row(back, 1)).includes('done'))
    story.git('update-ref', `refs/heads/${story.branch(back)}`, 'main')
    const gone = await story.approved('A branch taken away')
    await eventually(async () => (await story.row(gone, 1)).includes('done'))
    story.git('update-ref', '-d', `refs/heads/${story.branch(gone)}`)
    for (const issue of [back, gone]) {
      expect((await story.end(issue)).kind).toBe('stopped')
      expect(await story.status(issue)).toContain('Somebody else')
    }
    expect(story.commits(back)).toEqual([])
    expect(story.branch(gone)).toBe('')
  })

  test('/cancel ends two specialists at work; the next run of the issue gets a branch of its own', async () => {
    const issue = await story.approved('Stopped halfway')
    await eventually(async () =>
      [await story.row(issue, 2), await story.row(issue, 3)].every(row => row.includes('working')),
    )
    const asked = await story.comment(issue, '/status')
    expect(await story.replyTo(issue, asked)).toMatch(/\| 1\. .*done.*\n\| 2\. .*working.*\n\| 3\. .*working/)
    const cancel = await story.comment(issue, '/cancel')
    expect((await story.end(issue)).kind).toBe('cancelled')
    expect(await story.reactionsTo(cancel)).toEqual(['rocket'])
    const status = await story.status(issue)
    expect(status).toMatch(/\| 1\. .*done.*\n\| 2\. .*cancelled.*\n\| 3\. .*cancelled.*\n\| 4\. .*cancelled/)
    expect(story.commits(issue).map(commit => commit.task)).toEqual(['1/4'])
    const first = story.branch(issue)
    const agents = await story.stage.crew.engine.list(`agent:run:${story.stage.repository.id}:${issue}:`)
    expect(agents.filter(agent => agent.state === 'active')).toEqual([])

    const label = { owner: 'acme', repo: 'storefront', issue_number: issue, name: 'crew' }
    await story.stage.as('grace').rest.issues.removeLabel(label)
    await story.label(issue)
    await eventually(async () => (await story.plans(issue)).length === 2)
    await story.phase(issue, 'waiting-for-approval')
    await story.comment(issue, '/approve 1')
    expect((await story.end(issue)).kind).toBe('done')
    expect(story.branch(issue)).toBe(`${first}-2`)
    expect(await story.row(issue, 2)).toContain('left out')
    expect((await story.pullRequests(issue)).map(pull => pull.head)).toEqual([story.commits(issue).at(-1)?.sha])
  })

  test('every request was one that GitHub takes, and no directory is left', async () => {
    expect(story.stage.github.violations).toEqual([])
    expect(await treesOf(story.stage)).toEqual([])
  })
})
