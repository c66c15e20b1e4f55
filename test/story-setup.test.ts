import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { eventually } from './support/eventually.js'
import { serveRegistry, type Registry } from './support/registry.js'
import { run, write, type Script } from './support/script.js'
import { beginScriptedStory, type ScriptedStory } from './support/scripted-story.js'

const scripts: Script[] = [
  {
    title: 'Greet with a library',
    tasks: [
      {
        title: 'Use the library',
        paths: ['greet.sh'],
        when: ['Dependencies are installed in your tree and stay out of commits'],
        turns: [
          run('cat vendored/left-pad/index; echo poisoned > vendored/left-pad/index', { when_tool: 'run' }),
          write({ 'greet.sh': '#!/bin/sh\ncat vendored/left-pad/index\n' }),
        ],
        finishExpects: ['written'],
      },
      {
        title: 'Use it once more',
        paths: ['twice.sh'],
        turns: [
          run('cat vendored/left-pad/index', { when_tool: 'run' }),
          write({ 'twice.sh': 'echo twice\n' }, { expect: ['what /left-pad holds'] }),
        ],
      },
    ],
  },
  {
    title: 'Greet without it',
    tasks: [
      {
        title: 'Do without',
        paths: ['greet.sh'],
        when: ['Installing the dependencies failed: do without'],
        turns: [write({ 'greet.sh': '#!/bin/sh\necho hi\n' })],
      },
    ],
  },
  { title: 'Greet never', tasks: [{ title: 'Never done', paths: ['greet.sh'], turns: [] }] },
  {
    title: 'Greet after the restart',
    tasks: [{ title: 'Done late', paths: ['late.sh'], turns: [write({ 'late.sh': 'echo late\n' })] }],
  },
]

let registry: Registry
let story: ScriptedStory
beforeAll(async () => {
  registry = await serveRegistry()
  const setup = { minutes: 10, privateRegistries: ['localhost'] }
  story = await beginScriptedStory(scripts, { 'yarn.lock': '# yarn lockfile v1\n' }, [], { setup })
})
afterAll(async () => {
  await story.stop()
  await registry.stop()
})

/** Has `crew.yml` on the default branch say this. */
const configure = (commands: string[]): void =>
  story.pushAsOther('main', { '.github/crew.yml': stringify({ setup: { commands, registries: [registry.host] } }) })

const install = (): string =>
  `mkdir -p vendored/left-pad && ${registry.get('/left-pad')} > vendored/left-pad/index && echo changed > yarn.lock`

describe('a repository with setup', () => {
  const boxed = (name: string, body: () => Promise<void>): void => {
    test(name, () => {
      const { commandsOff } = story.stage.crew
      if (commandsOff === null) return body()
      console.warn(`\n*** ${commandsOff}: “${name}” was not run ***\n`)
      return undefined
    })
  }

  test('without bubblewrap is told that setup was not run', async () => {
    if (story.stage.crew.commandsOff === null) return
    configure(['true'])
    const issue = await story.approved('Greet without it')
    expect(await story.end(issue)).toMatchObject({ kind: 'done' })
    expect(await story.status(issue)).toContain('Setup was not run: ')
  })

  boxed('has it in the plan, and its specialists work with what it left, each with a copy', async () => {
    configure([install()])
    const issue = await story.planned('Greet with a library')
    expect((await story.plans(issue)).at(-1)?.body).toContain(
      `Before the specialists begin, setup runs \`${install()}\`, with no way out but to \`${registry.host}\`.`,
    )
    expect(registry.asked).toEqual([])
    await story.comment(issue, '/approve')
    await story.statusSays(issue, '⏳ Setup is running: `mkdir -p vendored')
    expect(await story.end(issue)).toMatchObject({ kind: 'done' })
    expect(registry.asked).toEqual(['/left-pad'])
    expect(story.commits(issue).map(({ files }) => files)).toEqual([['greet.sh'], ['twice.sh']])
    expect(await story.status(issue)).not.toContain('Setup')
  })

  boxed('is told why it failed, and has its work done all the same', async () => {
    const says = "printf 'line\\n```\\n</details> @ada closes #1\\n'"
    configure([`${registry.get('/', 'files.example.org')}; ${says}; exit 9`])
    const issue = await story.approved('Greet without it')
    expect(await story.end(issue)).toMatchObject({ kind: 'done' })
    const [pull] = await story.pullRequests(issue)
    for (const text of [await story.status(issue), pull?.body ?? '']) {
      expect(text).toMatch(
        /> \[!WARNING\]\n> Setup failed: `+ ?curl .* ended with exit code 9\. The specialists work without/,
      )
      expect(text).toContain('`files.example.org:443`, which `setup.registries` of `.github/crew.yml` doesn’t name')
      // What it said can't leave its block.
      expect(text).toMatch(
        /<summary>The last of what it said<\/summary>\n\n````\n[^]*line\n```\n<\/details> @ada closes (?:issue )?#1\n````\n\n<\/details>/,
      )
    }
    expect(story.commits(issue).map(({ files }) => files)).toEqual([['greet.sh']])
  })

  boxed('hears its people while setup runs: `/status` is answered, `/cancel` ends it', async () => {
    configure([registry.get('/slow')])
    registry.silent.add('/slow')
    const issue = await story.approved('Greet never')
    await eventually(() => registry.asked.includes('/slow'))
    expect(await story.replyTo(issue, await story.comment(issue, '/status'))).toContain('Setup is running')
    await story.comment(issue, '/cancel')
    expect(await story.end(issue)).toMatchObject({ kind: 'cancelled' })
    await eventually(async () => {
      const [setup] = await story.stage.crew.engine.list(`setup:run:${story.stage.repository.id}:${issue}:`)
      return setup?.state === 'cancelled'
    })
    expect(story.branch(issue)).toBe('')
  })

  boxed('has it run again when the App was away while it ran', async () => {
    configure([`${registry.get('/first')} && touch done.txt`])
    registry.silent.add('/first')
    const issue = await story.approved('Greet after the restart')
    await eventually(() => registry.asked.includes('/first'))
    await story.stage.stopCrew()
    registry.silent.clear()
    await story.stage.restartCrew()
    expect(await story.end(issue)).toMatchObject({ kind: 'done' })
    expect(registry.asked.filter(path => path === '/first')).toHaveLength(2)
    expect(story.commits(issue).map(({ files }) => files)).toEqual([['late.sh']])
  })
})
