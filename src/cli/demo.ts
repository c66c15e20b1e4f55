import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '../log.js'
import { startScriptedModel } from '../practice/model/start.js'
import { exampleNames, listExamples, loadExample } from './example.js'
import { practiceRun, Sights } from './practice-run.js'
import { setPracticeStage, type PracticeStage } from './practice-stage.js'
import { showEnd } from './show-end.js'
import type { Terminal } from './terminal.js'

export interface DemoOptions {
  /** Name of an example that comes with the App. */
  example: string
  yes: boolean
  json: string | undefined
  /** The real model, with `ANTHROPIC_API_KEY`. */
  live: boolean
}

/** Lists the examples, a line each. Resolves with the exit status. */
export async function showExamples(terminal: Terminal): Promise<number> {
  const examples = await listExamples()
  const width = Math.max(...examples.map(({ name }) => name.length))
  for (const { name, description } of examples) terminal.say(`${name.padEnd(width)}  ${description}`)
  return 0
}

/**
 * Plays an example through on the practice GitHub. Resolves with the exit status: 0 when a reviewed pull request came of
 * it, 2 when there is no such example, or no key for the real model.
 */
export async function demo(options: DemoOptions, terminal: Terminal): Promise<number> {
  const { yes, json, live } = options
  const names = await exampleNames()
  if (!names.includes(options.example)) {
    terminal.say(`There is no example ${options.example}. There are: ${names.join(', ')}.`)
    return 2
  }
  const key = process.env['ANTHROPIC_API_KEY']
  if (live && !key) {
    terminal.say(
      '--live needs ANTHROPIC_API_KEY: the key for the model. Without --live the words are scripted, and no key is needed.',
    )
    return 2
  }
  const example = await loadExample(options.example)
  const home = await mkdtemp(join(tmpdir(), 'issue-crew-demo-'))
  const sights = new Sights()
  const scripted = live ? null : await startScriptedModel({ transcripts: [example.transcript] })
  terminal.say(
    scripted
      ? 'The words of the agents are scripted here; all else is real: webhooks, requests, git, the tools and what they do.'
      : 'The agents speak through the real model, with your key.',
  )
  let stage: PracticeStage | null = null
  try {
    stage = await setPracticeStage({
      home,
      repository: { ...example.repository, from: { directory: example.start } },
      people: example.people,
      model: scripted
        ? { apiKey: 'scripted', baseUrl: scripted.url }
        : { apiKey: key ?? '', baseUrl: process.env['ANTHROPIC_BASE_URL'] },
      log: createLog({
        level: process.env['LOG_LEVEL'] ?? 'error',
        pretty: true,
        secrets: [key ?? ''],
        sink: process.stderr,
      }),
      observe: sights.observe,
    })
    const person = (role: 'author' | 'maintainer'): string => example.people.find(one => one.role === role)?.login ?? ''
    const outcome = await practiceRun(stage, sights, {
      issue: example.issue,
      author: person('author'),
      maintainer: person('maintainer'),
      yes,
      json,
      terminal,
    })
    return showEnd(outcome, stage, terminal)
  } finally {
    await stage?.stop()
    await scripted?.stop()
    // The repository stays, to be looked at.
    await rm(join(home, 'crew'), { recursive: true, force: true })
  }
}
