import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from './support/eventually.js'
import { edit, run, write, type Script } from './support/script.js'
import { beginScriptedStory, type ScriptedStory } from './support/scripted-story.js'
import { describeWhereCommandsRun } from './support/where-commands-run.js'

const hello = '  echo "Hello"'
const bye = '  echo "Bye"'

/** Both specialists change the same line; the second is shown what the first made of it. */
const sameLine = (title: string, settled: Script['tasks'][number]['again']): Script => ({
  title,
  tasks: [
    { title: 'Say good day', paths: ['greet.sh'], turns: [edit('greet.sh', [hello, '  echo "Good day"'])] },
    {
      title: 'Say howdy',
      paths: ['greet.sh'],
      turns: [edit('greet.sh', [hello, '  echo "Howdy"'])],
      ...(settled && { again: settled }),
    },
  ],
})

const bothSides = `<<<<<<< already-on-the-branch
  echo "Good day"
=======
  echo "Howdy"
>>>>>>> this-task
`

const scripts: Script[] = [
  {
    title: 'Three at a time are too many',
    tasks: [
      {
        title: 'Greet louder',
        paths: ['greet.sh'],
        turns: [edit('greet.sh', [hello, '  echo "HELLO"'], { delay_ms: 700 })],
        finishDelay: 1500,
      },
      {
        title: 'Part louder',
        paths: ['greet.sh'],
        turns: [edit('greet.sh', [bye, '  echo "BYE"'], { delay_ms: 700 })],
      },
      {
        title: 'Know more words',
        paths: ['lib/words.sh'],
        turns: [edit('lib/words.sh', ['french="Bonjour"', 'french="Salut"'])],
      },
    ],
  },
  sameLine('Two on one line', [
    {
      when: '>>>>>>> this-task',
      turns: [edit('greet.sh', [bothSides, '  echo "Good day, howdy"\n'])],
      finishDelay: 1500,
    },
  ]),
  sameLine('Two on one line, and no end of it', [
    { when: '>>>>>>> this-task', turns: [] },
    { when: 'echo "Good day"', turns: [edit('greet.sh', ['  echo "Good day"', '  echo "Good day and howdy"'])] },
  ]),
  {
    title: 'One of two has nothing to do',
    tasks: [
      { title: 'Check the words', paths: ['lib/words.sh'], turns: [] },
      { title: 'Part in style', paths: ['greet.sh'], turns: [edit('greet.sh', [bye, '  echo "Farewell"'])] },
    ],
  },
  {
    title: 'Nobody has anything to do',
    tasks: [
      {
        title: 'Look at the words',
        paths: ['lib/words.sh'],
        turns: [],
        report: { notDone: ['Italian is for @mario to say, see #7'] },
      },
    ],
  },
  {
    title: 'All kinds of files',
    tasks: [
      {
        title: 'Make all kinds of files',
        paths: ['**'],
        turns: [
          run(
            [
              'chmod +x greet.sh',
              'rm lib/unused.sh',
              'mv lib/words.sh lib/vocabulary.sh',
              String.raw`printf '\000\001\377\376' > image.bin`,
              "printf 'no newline' > tail.txt",
              String.raw`printf 'one\r\ntwo\r\n' > dos.txt`,
              'mkdir -p out deep/er && echo result > out/result && echo log > test.log && echo x > deep/er/file.txt',
              String.raw`printf 'caf\303\251' > "sp ace é.txt"`,
            ].join('\n'),
          ),
        ],
      },
      {
        title: 'Take some away again',
        paths: ['**'],
        dependsOn: [1],
        turns: [run('rm -r deep && echo flat > deep && chmod -x greet.sh'), write({ 'tail.txt': 'now with one\n' })],
      },
    ],
  },
]

describeWhereCommandsRun('specialists at work', () => {
  let story: ScriptedStory
  beforeAll(async () => {
    story = await beginScriptedStory(scripts)
  })
  afterAll(() => story.stop())

  test('two tasks run at once, their commits come in plan order whichever ends first, each with its own changes', async () => {
    const issue = await story.approved('Three at a time are too many')
    await eventually(async () => {
      const rows = await Promise.all([1, 2, 3].map(task => story.row(issue, task)))
      return /working/.test(rows[0] ?? '') && /working/.test(rows[1] ?? '') && /waiting/.test(rows[2] ?? '')
    })
    // The second is ready, and waits for the first; its place is free for the third.
    await eventually(async () => {
      const rows = await Promise.all([1, 2].map(task => story.row(issue, task)))
      return /working/.test(rows[0] ?? '') && /committing/.test(rows[1] ?? '')
    })
    expect(story.branch(issue)).toBe('')

    expect((await story.end(issue)).kind).toBe('done')
    const commits = story.commits(issue)
    expect(commits.map(commit => commit.task)).toEqual(['1/3', '2/3', '3/3'])
    expect(commits.map(commit => commit.parents)).toEqual([
      story.git('rev-parse', 'main').trim(),
      commits[0]?.sha,
      commits[1]?.sha,
    ])
    expect(commits.map(commit => commit.files)).toEqual([['greet.sh'], ['greet.sh'], ['lib/words.sh']])
    expect(commits.map(commit => changedLines(commit.diff))).toEqual([
      ['-  echo "Hello"', '+  echo "HELLO"'],
      ['-  echo "Bye"', '+  echo "BYE"'],
      ['-french="Bonjour"', '+french="Salut"'],
    ])
    await eachCanBeReverted(story, issue)
  })

  test('a conflict goes back to its specialist with both sides, and what is committed holds no markers', async () => {
    const issue = await story.approved('Two on one line')
    await story.statusSays(issue, '🔵 working: settles a conflict in greet.sh')
    expect((await story.end(issue)).kind).toBe('done')
    const commits = story.commits(issue)
    expect(commits.map(commit => changedLines(commit.diff))).toEqual([
      ['-  echo "Hello"', '+  echo "Good day"'],
      ['-  echo "Good day"', '+  echo "Good day, howdy"'],
    ])
    expect(await briefs(story, issue, 'task-2:2')).toMatch(/# Again\n.*both sides.*greet\.sh/)
  })

  test('a specialist who leaves markers gets nothing committed, and a retry does it anew', async () => {
    const issue = await story.approved('Two on one line, and no end of it')
    const status = await story.statusSays(issue, 'conflict markers are left in')
    expect(status).toContain('`greet.sh`')
    expect(await story.row(issue, 2)).toContain('failed')
    expect(story.commits(issue)).toHaveLength(1)
    const retry = await story.comment(issue, '/retry 2')
    expect((await story.end(issue)).kind).toBe('done')
    expect(await story.reactionsTo(retry)).toEqual(['rocket'])
    expect(story.file(issue, 'greet.sh')).toContain('  echo "Good day and howdy"\n')
    expect(story.file(issue, 'greet.sh')).not.toContain('this-task')
  })

  test('a task that changes nothing makes no commit, which is said, and the others go on', async () => {
    const issue = await story.approved('One of two has nothing to do')
    expect((await story.end(issue)).kind).toBe('done')
    expect(story.commits(issue).map(commit => commit.task)).toEqual(['2/2'])
    expect(await story.row(issue, 1)).toContain('done, nothing to change')
    expect((await story.pullRequests(issue))[0]?.body).toContain('nothing had to change')
  })

  test('when no task changes anything the run says so, with what the specialists said, and opens no pull request', async () => {
    const issue = await story.approved('Nobody has anything to do')
    expect((await story.end(issue)).kind).toBe('stopped')
    const status = await story.status(issue)
    expect(status).toContain('ended without a change')
    expect(status).toContain('Italian')
    expect(status).not.toMatch(/(?<!`)@mario|(?<!`)#7/)
    expect(story.branch(issue)).toBe('')
    expect(await story.pullRequests(issue)).toEqual([])
  })

  test('modes, deletions, renames, binary files and line ends are committed as they are, ignored files never', async () => {
    const issue = await story.approved('All kinds of files')
    const end = await story.end(issue)
    expect(end.kind).toBe('done')
    const [first = '', second = ''] = story.commits(issue).map(commit => commit.sha)
    const listed = (commit: string): string[] =>
      story
        .git('-c', 'core.quotePath=false', 'ls-tree', '-r', '--format=%(objectmode) %(path)', commit)
        .trim()
        .split('\n')
    expect(listed(first)).toEqual([
      '100644 .gitignore',
      '100644 README.md',
      '100644 deep/er/file.txt',
      '100644 dos.txt',
      '100755 greet.sh',
      '100644 image.bin',
      '100644 lib/vocabulary.sh',
      '100644 sp ace é.txt',
      '100644 tail.txt',
    ])
    expect(story.git('show', `${first}:dos.txt`)).toBe('one\r\ntwo\r\n')
    expect(story.git('show', `${first}:tail.txt`)).toBe('no newline')
    const sha = story.git('rev-parse', `${first}:image.bin`).trim()
    expect(sha).toBe(
      execFileSync('git', ['hash-object', '--stdin'], { input: Buffer.from([0, 1, 255, 254]) })
        .toString()
        .trim(),
    )
    expect(story.git('diff', '--find-renames', '--name-status', 'main', first, '--', 'lib')).toBe(
      'D\tlib/unused.sh\nR100\tlib/words.sh\tlib/vocabulary.sh\n',
    )
    expect(listed(second)).toContain('100644 deep')
    expect(listed(second)).toContain('100644 greet.sh')
    expect(story.git('show', `${second}:tail.txt`)).toBe('now with one\n')
    expect(story.git('fsck', '--strict', '--no-dangling')).toBe('')
  })

  test('every request was one that GitHub takes', () => {
    expect(story.stage.github.violations).toEqual([])
  })
})

const changedLines = (diff: string): string[] => diff.split('\n').filter(line => /^[+-](?![+-]{2} )/.test(line))

/** The brief of the agent whose workflow's id ends so. */
async function briefs(story: ScriptedStory, issue: number, ending: string): Promise<string> {
  const agents = await story.stage.crew.engine.list(`agent:run:${story.stage.repository.id}:${issue}:`)
  const agent = agents.find(one => one.id.endsWith(ending))
  return (agent?.input as { work: { brief: string } } | undefined)?.work.brief ?? ''
}

async function eachCanBeReverted(story: ScriptedStory, issue: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'crew-revert-'))
  try {
    const branch = story.branch(issue)
    execFileSync('git', ['clone', '--quiet', '--branch', branch, story.stage.repository.gitDir, folder])
    const git = (...args: string[]): string =>
      execFileSync('git', ['-C', folder, '-c', 'user.name=Grace', '-c', 'user.email=grace@example.com', ...args], {
        encoding: 'utf8',
      })
    for (const commit of story.commits(issue)) {
      git('revert', '--no-edit', commit.sha)
      expect(git('diff', '--name-only', `origin/${branch}`).trim().split('\n').filter(Boolean)).toEqual(commit.files)
      git('reset', '--quiet', '--hard', `origin/${branch}`)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
