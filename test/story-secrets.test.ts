import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { withheld } from '../src/domain/secret.js'
import { edit, read, run, write, type Script } from './support/script.js'
import { beginScriptedStory, type ScriptedStory } from './support/scripted-story.js'
import { rowsKept } from './support/what-is-kept.js'
import { describeWhereCommandsRun } from './support/where-commands-run.js'

/** Made up here in two halves, so that no scanner takes this file for one that holds a token. */
const halves = ['ghp_wWPw5k4aXcaT4fNP', '0UcnZwJUVFk6LO2sINUx'] as const
const token = halves.join('')
/** What the App holds, and what the model has come to know by some way. */
const webhookSecret = randomBytes(32).toString('hex')
const encoded = Buffer.from(`secret=${webhookSecret}`).toString('base64')
const broken = `${webhookSecret.slice(0, 30)}\n${webhookSecret.slice(30)}`

const deploy = `STAGE=1\nTOKEN=${token}\nREGION=north\n`

const scripts: Script[] = [
  {
    title: 'Configure the upload',
    tasks: [
      {
        title: 'Write the settings',
        paths: ['settings.sh'],
        turns: [
          // At once it isn't even written, so it is put together.
          write({ 'settings.sh': `# Upload\nBUCKET=greetings\nTOKEN=${token}\n` }),
          write(
            { 'settings.sh': `# Upload\nBUCKET=greetings\nTOKEN=${halves[0]}MORE\n` },
            { expect: ['stands for a secret', 'Nothing of this call was carried out'] },
          ),
          edit('settings.sh', ['MORE', halves[1]]),
        ],
        again: [
          {
            when: `settings.sh, line 3: GitHub token`,
            turns: [write({ 'settings.sh': '# Upload\nBUCKET=greetings\nTOKEN=$UPLOAD_TOKEN\n' })],
          },
        ],
      },
    ],
  },
  {
    title: 'Move to the south',
    tasks: [
      {
        title: 'Change the region',
        paths: ['deploy.env'],
        turns: [
          read('deploy.env'),
          write(
            { 'deploy.env': `STAGE=1\nTOKEN=${withheld('GitHub token')}\nREGION=south\n` },
            { expect: [`TOKEN=${withheld('GitHub token')}`] },
          ),
          edit('deploy.env', ['REGION=north', 'REGION=south'], { expect: ['edit around them'] }),
        ],
      },
    ],
  },
  {
    title: 'Tell all you know',
    risks: [`The secret is ${webhookSecret}`, `or ${encoded}`],
    tasks: [
      {
        title: 'Greet louder',
        paths: ['greet.sh', 'environment.txt'],
        turns: [
          edit('greet.sh', ['  echo "Hello"', '  echo "HELLO"'], { say: `I saw ${webhookSecret}` }),
          run('env; cat /proc/self/environ /proc/1/environ | tr "\\0" "\\n"; set; env > environment.txt; true', {
            when_tool: 'run',
          }),
          run('rm -f environment.txt', { when_tool: 'run' }),
        ],
        report: {
          title: `Louder: ${broken}`,
          sections: [{ heading: 'Changes', items: [`with ${webhookSecret}`, encoded, `token ${token}`] }],
          notDone: [`Nothing but ${webhookSecret.toUpperCase()}`],
        },
      },
    ],
    review: {
      highlights: [`It has ${encoded}`],
      findings: [
        {
          severity: 'major',
          title: `Leaks ${webhookSecret}`,
          detail: `As "${webhookSecret.slice(0, 32)}" + "${webhookSecret.slice(32)}"`,
          path: 'greet.sh',
          startLine: null,
          line: 9,
          suggestion: null,
        },
      ],
    },
  },
]

describeWhereCommandsRun('secrets', () => {
  let story: ScriptedStory
  beforeAll(async () => {
    story = await beginScriptedStory(scripts, { 'deploy.env': deploy }, [], { webhookSecret })
  }, 60_000)
  afterAll(() => story.stop())

  const end = async (issue: number): Promise<string> => (await story.end(issue)).kind
  const hasNone = (text: string): void => {
    for (const one of [
      webhookSecret,
      webhookSecret.toUpperCase(),
      encoded,
      webhookSecret.slice(32),
      webhookSecret.slice(0, 30),
    ])
      expect(text).not.toContain(one)
  }

  test('a task that would commit a token is not committed; the status says path, line and kind, and a retry does without', async () => {
    const issue = await story.approved('Configure the upload')
    const status = await story.statusSays(issue, 'Paused')
    expect(status).toContain('`settings.sh` line 3 (GitHub token)')
    expect(status).toContain('nothing of it is committed')
    expect(status).toContain('`/retry` tries again')
    expect(status).not.toContain(token)
    expect(story.branch(issue)).toBe('')

    await story.comment(issue, '/retry 1')
    expect(await end(issue)).toBe('done')
    expect(story.file(issue, 'settings.sh')).toContain('TOKEN=$UPLOAD_TOKEN')
    expect(story.git('log', '--all', '-p', '-S', token, '--', 'settings.sh')).toBe('')
  })

  test('a token that is in the repository already is not shown and does not hinder an edit beside it', async () => {
    const issue = await story.approved('Move to the south')
    expect(await end(issue)).toBe('done')
    expect(story.file(issue, 'deploy.env')).toBe(deploy.replace('north', 'south'))
    const [pull] = await story.pullRequests(issue)
    expect(pull?.body).not.toContain(token)
  })

  test('what a model knows of the App’s secrets is in nothing that it has the App say, and in no record', async () => {
    const issue = await story.planned('Tell all you know')
    const [plan] = await story.plans(issue)
    expect(plan?.body).toContain(withheld('the webhook secret'))
    await story.comment(issue, '/approve')
    expect(await end(issue)).toBe('done')

    const [pull] = await story.pullRequests(issue)
    const reviews = await story.reviews(pull?.number ?? 0)
    const [commit] = story.commits(issue)
    const said = [
      ...(await story.comments(issue)).map(comment => comment.body),
      pull?.body ?? '',
      JSON.stringify(reviews),
      story.git('log', '-1', '--format=%B', commit?.sha ?? ''),
      story.logged.join('\n'),
      JSON.stringify(story.sights),
    ]
    expect(pull?.body).toContain(withheld('the webhook secret'))
    expect(JSON.stringify(reviews)).toContain(withheld('the webhook secret'))
    said.forEach(hasNone)
    const rows = await rowsKept(story.stage.config.home)
    expect(rows).toContain(withheld('the webhook secret'))
    hasNone(rows)
    expect(rows).not.toContain(token)
  })

  test('a command that prints its environment finds nothing of the App’s', async () => {
    const rows = await rowsKept(story.stage.config.home)
    expect(rows).not.toContain(process.env['CANARY_NOTE'])
    expect(rows).not.toContain('CANARY_')
  })

  test('somebody who posts the webhook secret is answered without it', async () => {
    const issue = await story.issue({ title: 'Help me out', body: `Why does ${webhookSecret} not work?` })
    const comment = await story.comment(issue, `/crew aprove ${webhookSecret}`)
    hasNone(await story.replyTo(issue, comment))
    hasNone(await rowsKept(story.stage.config.home))
  })
})
