import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Octokit } from '@octokit/rest'
import type { Config } from '../../config.js'
import { usualLimits, type Limits } from '../../domain/limits.js'
import { startPracticeGitHub, type PracticeOptions } from '../../practice/github/start.js'
import type { Happening } from '../../practice/github/state/world.js'
import { startCrewApart, type CrewApart } from './crew-apart.js'
import { startModelApart } from './model-apart.js'
import { writeProject } from './project.js'
import { finishTask, transcriptOf } from './script.js'

/** A repository with the person who labels and approves there. */
interface Corner {
  owner: string
  repo: string
  rest: Octokit['rest']
}

/** Many issues over many repositories, each planned as one small task. */
export interface Crowd {
  crew: CrewApart
  /** Requests of installations that the practice GitHub refused for a limit. */
  refusals(): number
  requests(): { all: number; content: number }
  /** Opens and labels all issues; those of a repository in their order. */
  label(): Promise<void>
  /** Issues whose plan was posted, and those whose pull request was opened, and is ready: `owner/repo#7`, in their order. */
  planned: string[]
  opened: string[]
  ready: string[]
  /** Resolves when as many as that are in the list. */
  reach(list: string[], count: number): Promise<void>
  comment(issue: string, body: string): Promise<void>
  /** Resolves when the App has commented on that issue. */
  answered(issue: string): Promise<void>
  restart(): Promise<void>
  close(): Promise<void>
}

export async function gatherCrowd(options: {
  installations: number
  repositoriesEach: number
  issuesEach: number
  approves: boolean
  github: Omit<Config['github'], 'baseUrl'>
  rateLimits?: NonNullable<PracticeOptions['rateLimits']>
  limits: Partial<Limits>
}): Promise<Crowd> {
  const { installations, repositoriesEach, issuesEach, approves } = options
  const home = await mkdtemp(join(tmpdir(), 'issue-crew-bench-'))
  const project = join(home, 'project')
  const transcript = join(home, 'transcript.yaml')
  await writeProject(project, { files: 20, crewYml: '' })
  await writeFile(transcript, transcriptOf([{ title: everyTitle, tasks: [task] }]))
  const model = await startModelApart(transcript)
  const github = await startPracticeGitHub({
    dataDir: join(home, 'github'),
    ...(options.rateLimits && { rateLimits: options.rateLimits }),
  })
  const corners = new Map<string, Corner>()
  for (let number = 0; number < installations * repositoriesEach; number++) {
    const owner = `team-${number % installations}`
    const repo = `shop-${number}`
    await github.createRepository({ owner, name: repo, from: { directory: project } })
    const { login, token } = github.createUser(`person-${number}`)
    github.setPermission(`${owner}/${repo}`, login, 'write')
    const { rest } = new Octokit({ auth: token, baseUrl: `${github.url}/api/v3` })
    corners.set(`${owner}/${repo}`, { owner, repo, rest })
  }

  const crowd = { planned: [] as string[], opened: [] as string[], ready: [] as string[] }
  const counts = { refused: 0, all: 0, content: 0 }
  const listeners = new Set<() => void>()
  github.events.on('request', ({ by, interface: how, status, contentCreating }) => {
    if (by !== 'installation' || how === 'git') return
    counts.all++
    if (contentCreating) counts.content++
    if (status === 403 || status === 429) counts.refused++
  })
  github.events.on('event', happening => {
    const note = noteOf(happening, github.app.botLogin)
    if (!note) return
    crowd[note.list].push(note.issue)
    if (note.list === 'planned' && approves) void comment(note.issue, '/approve')
    listeners.forEach(look => look())
  })

  async function comment(issue: string, body: string): Promise<void> {
    const [name = '', number] = issue.split('#')
    const corner = corners.get(name)
    if (!corner) throw new Error(`There is no ${name}.`)
    const { owner, repo, rest } = corner
    await rest.issues.createComment({ owner, repo, issue_number: Number(number), body })
  }

  const webhookSecret = randomBytes(16).toString('hex')
  const config: Config = {
    app: { id: github.app.id, privateKey: github.app.privateKey, webhookSecret },
    github: { ...options.github, baseUrl: `${github.url}/api/v3` },
    model: { apiKey: 'scripted', baseUrl: model.url },
    databaseUrl: undefined,
    crewLabel: 'crew',
    limits: { ...usualLimits, usdPerDay: { repository: 10_000, installation: 10_000 }, ...options.limits },
    home: join(home, 'crew'),
    server: { host: '127.0.0.1', port: 0, webhookProxyUrl: undefined, log: { level: 'info', pretty: false } },
  }
  const start = async (): Promise<CrewApart> => {
    const started = await startCrewApart(config)
    github.sendWebhooksTo({ url: started.webhookUrl, secret: webhookSecret })
    return started
  }

  const whole: Crowd = {
    ...crowd,
    crew: await start(),
    refusals: () => counts.refused,
    requests: () => ({ all: counts.all, content: counts.content }),
    async label() {
      await Promise.all(
        [...corners.values()].map(async ({ owner, repo, rest }) => {
          for (let made = 0; made < issuesEach; made++) {
            const { data: issue } = await rest.issues.create({ owner, repo, title: everyTitle, body: 'As it says.' })
            await rest.issues.addLabels({ owner, repo, issue_number: issue.number, labels: ['crew'] })
          }
        }),
      )
    },
    reach: (list, count) =>
      new Promise(resolve => {
        const look = (): void => {
          if (list.length < count) return
          listeners.delete(look)
          resolve()
        }
        listeners.add(look)
        look()
      }),
    comment,
    answered: issue =>
      new Promise(resolve => {
        const look = ({ event, action, sender, payload, repository }: Happening): void => {
          const { number } = (payload['issue'] ?? {}) as { number?: number }
          if (event !== 'issue_comment' || action !== 'created' || sender !== github.app.botLogin) return
          if (`${repository}#${number}` !== issue) return
          github.events.off('event', look)
          resolve()
        }
        github.events.on('event', look)
      }),
    async restart() {
      whole.crew = await start()
    },
    async close() {
      await whole.crew.stop()
      await model.stop()
      await github.stop()
      await rm(home, { recursive: true, force: true })
    },
  }
  return whole
}

const everyTitle = 'Write down the rules'
const rules = 'shop/rules.md'
const taskTitle = 'Write the rules'
const task = {
  title: taskTitle,
  paths: [rules],
  turns: [
    { calls: [{ tool: 'write_files', input: { files: [{ path: rules, content: 'Be kind.\n' }] } }] },
    finishTask(taskTitle, [rules]),
  ],
}

/** What of all that happens is of interest. */
function noteOf(
  { event, action, sender, repository, payload }: Happening,
  bot: string,
): { list: 'planned' | 'opened' | 'ready'; issue: string } | null {
  if (sender !== bot) return null
  if (event === 'issue_comment' && action === 'created') {
    const { issue, comment } = payload as { issue: { number: number }; comment: { body: string } }
    return /^#+ Task Analysis/m.test(comment.body) ? { list: 'planned', issue: `${repository}#${issue.number}` } : null
  }
  if (event !== 'pull_request') return null
  const { pull_request: pull } = payload as { pull_request: { head: { ref: string } } }
  const issue = `${repository}#${/^crew\/issue-(\d+)-/.exec(pull.head.ref)?.[1]}`
  if (action === 'opened') return { list: 'opened', issue }
  return action === 'ready_for_review' ? { list: 'ready', issue } : null
}
