import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CrewSight } from '../../src/cli/crew.js'
import { setPracticeStage, type Person, type PracticeStage, type StageOptions } from '../../src/cli/practice-stage.js'
import { createLog } from '../../src/log.js'
import type { MessagesRequest } from '../../src/practice/model/request.js'
import { startScriptedModel, type ScriptedModel } from '../../src/practice/model/start.js'
import { runPrefix, type RunEnd, type Sight } from '../../src/workflow/world.js'
import { keepForCanaries, plantCanary } from './canaries.js'
import { eventually } from './eventually.js'
import { copyPreparedDatabase } from './prepared-database.js'
import { filesKept, rowsKept } from './what-is-kept.js'

/** People whom the stories are about. */
const people: Person[] = [
  { login: 'grace', permission: 'write' },
  { login: 'ada', permission: 'write' },
  { login: 'lin', permission: 'write' },
  { login: 'omar', permission: 'read' },
]

/** One stage with everything real but the words, and the verbs in which a test tells its story. */
export interface Story {
  stage: PracticeStage
  model: ScriptedModel
  sights: CrewSight[]
  /** What the model was asked, oldest first. */
  asked: MessagesRequest[]
  /** What the App logged, warnings and worse. */
  logged: string[]
  /** All that the App logged. */
  log: string[]
  /** Opens an issue and returns its number. */
  issue(given: { title: string; body?: string; by?: string }): Promise<number>
  label(issue: number, by?: string): Promise<void>
  unlabel(issue: number, by?: string): Promise<void>
  close(issue: number, by?: string): Promise<void>
  /** Posts a comment and resolves with its id. */
  comment(issue: number, body: string, by?: string): Promise<number>
  /** The App's next comment on the issue that comes after that comment and is no plan; what it says. */
  replyTo(issue: number, comment: number): Promise<string>
  /** Reactions of the App on a comment. */
  reactionsTo(comment: number): Promise<string[]>
  /** Resolves once the newest run of the issue is in that phase. */
  phase(issue: number, phase: Sight['phase']): Promise<void>
  comments(issue: number): Promise<{ id: number; author: string; body: string }[]>
  /** Comments of the App that hold a plan, oldest first. */
  plans(issue: number): Promise<{ id: number; body: string }[]>
  status(issue: number): Promise<string>
  /** What the newest run of the issue came to. */
  end(issue: number): Promise<RunEnd>
  /** The same stage with another repository, where the same people may do the same. */
  inAnother(repository: { name: string; from: StageOptions['repository']['from'] }): Promise<Story>
  stop(): Promise<void>
}

export async function beginStory(given: {
  transcripts: string[]
  from: StageOptions['repository']['from']
  repository?: { owner: string; name: string }
  webhookSecret?: string
  limits?: StageOptions['limits']
  setup?: StageOptions['setup']
  writeSpacingMs?: number
  rateLimits?: StageOptions['rateLimits']
  budgets?: StageOptions['budgets']
}): Promise<Story> {
  const home = await mkdtemp(join(tmpdir(), 'crew-story-'))
  await copyPreparedDatabase(join(home, 'crew', 'postgres'))
  const asked: MessagesRequest[] = []
  const model = await startScriptedModel({ transcripts: given.transcripts, heard: request => asked.push(request) })
  const sights: CrewSight[] = []
  const logged: string[] = []
  const log: string[] = []
  const note = (line: string): void => {
    keepForCanaries('log', line)
    log.push(line)
    if ((JSON.parse(line) as { level: number }).level >= warning) logged.push(line)
  }
  const stage = await setPracticeStage({
    home,
    repository: { ...(given.repository ?? { owner: 'acme', name: 'storefront' }), from: given.from },
    people,
    ...(given.webhookSecret !== undefined && { webhookSecret: given.webhookSecret }),
    ...(given.limits && { limits: given.limits }),
    ...(given.setup && { setup: given.setup }),
    ...(given.writeSpacingMs !== undefined && { writeSpacingMs: given.writeSpacingMs }),
    ...(given.rateLimits && { rateLimits: given.rateLimits }),
    ...(given.budgets && { budgets: given.budgets }),
    model: { apiKey: `sk-practice-${randomBytes(24).toString('hex')}`, baseUrl: model.url },
    log: createLog({ level: 'debug', pretty: false, secrets: [], sink: { write: note } }),
    observe: sight => sights.push(sight),
  })
  const { app, model: access } = stage.config
  plantCanary('the App’s private key', app.privateKey)
  plantCanary('the webhook secret', app.webhookSecret)
  plantCanary('the model’s key', access.apiKey)
  return tell({ stage, model, sights, asked, logged, log, home }, stage.repository)
}

/** Pino's number for it. */
const warning = 40

function tell(
  { home, ...setting }: Pick<Story, 'stage' | 'model' | 'sights' | 'asked' | 'logged' | 'log'> & { home: string },
  repository: { id: number; owner: string; name: string },
): Story {
  const { stage, model, sights } = setting
  const where = { owner: repository.owner, repo: repository.name }
  const bot = stage.github.app.botLogin
  const reader = stage.as('grace').rest

  const story: Story = {
    ...setting,
    async issue({ title, body = '', by = 'omar' }) {
      return (await stage.as(by).rest.issues.create({ ...where, title, body })).data.number
    },
    async label(issue, by = 'grace') {
      await stage.as(by).rest.issues.addLabels({ ...where, issue_number: issue, labels: ['crew'] })
    },
    async unlabel(issue, by = 'grace') {
      await stage.as(by).rest.issues.removeLabel({ ...where, issue_number: issue, name: 'crew' })
    },
    async close(issue, by = 'grace') {
      await stage.as(by).rest.issues.update({ ...where, issue_number: issue, state: 'closed' })
    },
    async comment(issue, body, by = 'grace') {
      return (await stage.as(by).rest.issues.createComment({ ...where, issue_number: issue, body })).data.id
    },
    replyTo: (issue, comment) =>
      eventually(async () => {
        const later = (await story.comments(issue)).filter(one => one.id > comment && one.author === bot)
        return later.find(one => !isPlan(one.body))?.body
      }),
    async reactionsTo(comment) {
      const { data } = await reader.reactions.listForIssueComment({ ...where, comment_id: comment })
      return data.filter(reaction => reaction.user?.login === bot).map(reaction => reaction.content)
    },
    async phase(issue, phase) {
      await eventually(async () => {
        const id = (await runs(issue)).at(-1)?.id
        return id !== undefined && lastPhase(id) === phase
      })
    },
    async comments(issue) {
      const { data } = await reader.issues.listComments({ ...where, issue_number: issue, per_page: 100 })
      return data.map(({ id, user, body }) => ({ id, author: user?.login ?? '', body: body ?? '' }))
    },
    async plans(issue) {
      return (await story.comments(issue)).filter(one => one.author === bot && isPlan(one.body))
    },
    async status(issue) {
      const own = (await story.comments(issue)).filter(one => one.author === bot)
      return own.findLast(one => one.body.includes('issue-crew:status'))?.body ?? ''
    },
    end: issue =>
      eventually(async () => {
        const run = (await runs(issue)).at(-1)
        if (run?.state === 'failed') throw new Error(`the run failed: ${JSON.stringify(run.output)}`)
        return run?.state === 'done' && (run.output as RunEnd)
      }),
    async inAnother({ name, from }) {
      const { owner } = repository
      const { id, fullName } = await stage.github.createRepository({ owner, name, from })
      for (const { login, permission } of people) stage.github.setPermission(fullName, login, permission)
      return tell({ home, ...setting }, { id, owner, name })
    },
    async stop() {
      keepForCanaries('rows', await rowsKept(stage.config.home))
      await stage.stop()
      keepForCanaries('files', await filesKept(stage.config.home))
      await model.stop()
      await rm(home, { recursive: true, force: true })
    },
  }
  return story

  function runs(issue: number) {
    return stage.crew.engine.list(runPrefix(repository, issue))
  }

  function lastPhase(run: string): Sight['phase'] | undefined {
    return sights.findLast((sight): sight is Sight => sight.kind === 'run' && sight.run === run)?.phase
  }
}

const isPlan = (body: string): boolean => /^#+ Task Analysis/m.test(body)
