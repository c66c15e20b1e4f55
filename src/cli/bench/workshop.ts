import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '../../log.js'
import type { AnsweredRequest } from '../../practice/model/start.js'
import { runPrefix, type AgentSight, type Sight } from '../../workflow/world.js'
import { setPracticeStage, type PracticeStage } from '../practice-stage.js'
import { Sights } from '../practice-run.js'
import { machineClock } from './figures.js'
import { startModelApart, type ModelApart } from './model-apart.js'
import { writeProject } from './project.js'
import { transcriptOf, type ScriptedIssue } from './script.js'

/** The whole App in this process, at work on a project of 2,000 files; the scripted model is in a process of its own. */
export interface Workshop {
  stage: PracticeStage
  model: ModelApart
  /** What was put to work when, by `machineClock`. */
  started: { work: string; at: number }[]
  /** Opens and labels the issue of that title, approves its plan at once, and returns its number. */
  begin(title: string): Promise<number>
  /** Opens and labels the issue of that title, and returns its number once its plan waits for an approval. */
  plan(title: string): Promise<number>
  /** Resolves when the issue's run has come to that phase; rejects when it came to a bad end instead. */
  phase(issue: number, phase: Sight['phase']): Promise<void>
  /** Resolves when that many turns of specialists have been taken in all. */
  turns(count: number): Promise<void>
  /** Stops a run, and the specialists at work for it. */
  cancel(issue: number): Promise<void>
  close(): Promise<void>
}

export const projectFiles = 2_000
const maintainer = 'maintainer'
export const reader = 'reader'

export async function openWorkshop(options: {
  issues: ScriptedIssue[]
  /** Text of `.github/crew.yml`. */
  crewYml: string
  writeSpacingMs?: number
}): Promise<Workshop> {
  const home = await mkdtemp(join(tmpdir(), 'issue-crew-bench-'))
  const project = join(home, 'project')
  const transcript = join(home, 'transcript.yaml')
  await writeProject(project, { files: projectFiles, crewYml: options.crewYml })
  await writeFile(transcript, transcriptOf(options.issues))
  const sights = new Sights()
  const started: Workshop['started'] = []
  const phases: Sight[] = []
  let taken = 0
  sights.on('sight', sight => {
    if (sight.kind === 'agent') note(sight)
    if (sight.kind === 'turn' && sight.work.startsWith('task')) taken++
    if (sight.kind === 'run') phases.push(sight)
  })
  const note = ({ work }: AgentSight): void => void started.push({ work, at: machineClock() })
  /** Looks at every sight whether it is so. */
  const until = (isSo: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        try {
          if (!isSo()) return
          resolve()
        } catch (error) {
          reject(error as Error)
        }
        sights.off('sight', look)
      }
      sights.on('sight', look)
      look()
    })

  const model = await startModelApart(transcript)
  const stage = await setPracticeStage({
    home,
    repository: { owner: 'acme', name: 'shop', from: { directory: project } },
    people: [
      { login: maintainer, permission: 'write' },
      { login: reader, permission: 'read' },
    ],
    model: { apiKey: 'scripted', baseUrl: model.url },
    limits: {
      usdPerDay: { repository: 10_000, installation: 10_000 },
      runsAtOnce: { repository: 100, installation: 100 },
    },
    ...(options.writeSpacingMs !== undefined && { writeSpacingMs: options.writeSpacingMs }),
    log: createLog({ level: 'error', pretty: false, secrets: [], sink: process.stderr }),
    observe: sights.observe,
  })
  const { rest } = stage.as(maintainer)
  const where = { owner: stage.repository.owner, repo: stage.repository.name }
  const phase: Workshop['phase'] = (issue, wanted) =>
    until(() => {
      const seen = phases.filter(sight => sight.run.startsWith(runPrefix(stage.repository, issue)))
      if (seen.some(sight => sight.phase === wanted)) return true
      const bad = seen.find(sight => badEnds.includes(sight.phase))
      if (bad) throw new Error(`The run is ${bad.phase} instead of ${wanted}: ${bad.failure ?? 'the log says why'}`)
      return false
    })
  const say = async (issue: number, body: string): Promise<void> => {
    await rest.issues.createComment({ ...where, issue_number: issue, body })
  }
  const plan = async (title: string): Promise<number> => {
    const body = 'The limits of the parts are to be changed.'
    const { data: issue } = await rest.issues.create({ ...where, title, body })
    await rest.issues.addLabels({ ...where, issue_number: issue.number, labels: ['crew'] })
    await phase(issue.number, 'waiting-for-approval')
    return issue.number
  }

  return {
    stage,
    model,
    started,
    phase,
    turns: count => until(() => taken >= count),
    plan,
    async begin(title) {
      const issue = await plan(title)
      await say(issue, '/approve')
      return issue
    },
    async cancel(issue) {
      await say(issue, '/cancel')
      await phase(issue, 'cancelled')
    },
    async close() {
      await stage.stop()
      await model.stop()
      await rm(home, { recursive: true, force: true })
    },
  }
}

const badEnds: Sight['phase'][] = ['paused-failed', 'refused', 'stopped', 'cancelled', 'rejected']

/** The requests of one conversation after the other, each in the order of its turns, those without an end left out. */
export function byConversation(requests: AnsweredRequest[]): Map<string, Answered[]> {
  const conversations = new Map<string, Answered[]>()
  for (const request of requests) {
    const { answeredAt } = request
    if (answeredAt === null) continue
    const turns = conversations.get(request.conversation) ?? []
    conversations.set(request.conversation, turns)
    turns.push({ ...request, answeredAt })
  }
  for (const turns of conversations.values()) turns.sort((a, b) => a.turn - b.turn)
  return conversations
}

export type Answered = AnsweredRequest & { answeredAt: number }
