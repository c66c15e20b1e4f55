import { execa } from 'execa'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { createLog } from '../log.js'
import { readIssueText } from './issue-text.js'
import { practiceRun, Sights } from './practice-run.js'
import { setPracticeStage, type PracticeStage } from './practice-stage.js'
import { showEnd } from './show-end.js'
import type { Terminal } from './terminal.js'

export interface TryOptions {
  path: string
  issueFile: string
  yes: boolean
  json: string | undefined
}

const you = 'you'

/**
 * Plays an issue through on a copy of a local git repository, with the real model. The person's checkout is only read.
 * Resolves with the exit status: 0 when a reviewed pull request came of it, 2 for what can't be begun.
 */
export async function tryOut({ path, issueFile, yes, json }: TryOptions, terminal: Terminal): Promise<number> {
  const refuse = (problem: string): number => {
    terminal.say(problem)
    return 2
  }
  const apiKey = process.env['ANTHROPIC_API_KEY']
  if (!apiKey)
    return refuse(
      'ANTHROPIC_API_KEY is missing: `try` uses the real model. Without a key, `npm run demo` shows the whole way with scripted words.',
    )
  const text = await readFile(issueFile, 'utf8').catch((error: Error) => error)
  if (text instanceof Error)
    return refuse(`The issue can't be read: ${text.message}. Its first line is the title, the rest the text.`)
  const issue = readIssueText(text)
  if (issue.title === '') return refuse(`${issueFile} has no title: its first line is empty.`)
  const top = await execa({ cwd: path, reject: false })`git rev-parse --show-toplevel`
  if (top.failed || typeof top.stdout !== 'string')
    return refuse(`${resolve(path)} is not a git repository. Give the folder of a checkout.`)
  const dirty = await execa({ cwd: top.stdout, reject: false })`git status --porcelain`
  if (dirty.stdout)
    terminal.say('What is not committed in your checkout is left out: the crew works on the last commit.')

  const home = await mkdtemp(join(tmpdir(), 'issue-crew-try-'))
  const sights = new Sights()
  let stage: PracticeStage | null = null
  try {
    stage = await setPracticeStage({
      home,
      repository: { owner: you, name: nameFor(top.stdout), from: { gitRepository: top.stdout } },
      people: [{ login: you, permission: 'admin' }],
      model: { apiKey, baseUrl: process.env['ANTHROPIC_BASE_URL'] },
      log: createLog({
        level: process.env['LOG_LEVEL'] ?? 'error',
        pretty: true,
        secrets: [apiKey],
        sink: process.stderr,
      }),
      observe: sights.observe,
    })
    const outcome = await practiceRun(stage, sights, { issue, author: you, maintainer: you, yes, json, terminal })
    const status = showEnd(outcome, stage, terminal)
    if (outcome.branch)
      terminal.say(
        `\nTo have the branch in your checkout:\ngit -C ${top.stdout} fetch ${outcome.repository} ${outcome.branch}:${outcome.branch}`,
      )
    return status
  } finally {
    await stage?.stop()
    await rm(join(home, 'crew'), { recursive: true, force: true })
  }
}

const nameFor = (folder: string): string => basename(folder).replace(/[^\w.-]+/g, '-') || 'repository'
