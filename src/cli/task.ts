import { execa } from 'execa'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import type { Agent, Team } from '../domain/agent.js'
import { agentKey } from '../domain/agent-name.js'
import type { CrewConfig } from '../domain/crew-yml.js'
import { globProblem } from '../domain/path-rules.js'
import { replies } from '../domain/say/replies.js'
import { createAnthropicModel } from '../model/anthropic.js'
import { startPracticeGitHub } from '../practice/github/start.js'
import { filteredJournal } from '../secrets/filtered-journal.js'
import { filteredModel } from '../secrets/filtered-model.js'
import { createSecretFilter } from '../secrets/secret-filter.js'
import { runAgent, type LoopEvent } from '../team/agent-loop.js'
import { assembleTeam } from '../team/agents/assemble-team.js'
import { loadOwnAgents } from '../team/load-agents.js'
import { createWorkspaces } from '../workspace/workspaces.js'
import { localConfig, localTeam, repositoryTop, textOf } from './local-team.js'
import { describeTurn, readable } from './narrate.js'
import { showTask, taskFacts, type TaskEnd } from './show-task.js'
import { everything, taskWork, type LoneTask } from './task-work.js'
import type { Terminal } from './terminal.js'
import { unrecordedJournal } from './unrecorded-journal.js'

export interface TaskOptions {
  /** An agent's name, or the file of one. */
  agent: string
  path: string
  what: string
  /** Globs that it may write to; none: everything. */
  paths: string[]
  json: boolean
}

/**
 * Runs one agent alone on a copy of a local git repository, at its last commit, and shows its report, its diff and what it
 * cost. The person's checkout is only read. Resolves with the exit status: 0 when the agent finished, 2 for what can't be
 * begun.
 */
export async function tryTask(options: TaskOptions, terminal: Terminal): Promise<number> {
  const { what, paths, json } = options
  const ready = await prepare(options)
  if (typeof ready === 'string') {
    terminal.say(ready)
    return 2
  }
  const { apiKey, top, head, parent, agent, config, notes } = ready
  const say = (line: string): void => {
    if (!json) terminal.say(line)
  }
  for (const note of notes) say(note)

  const home = await mkdtemp(join(tmpdir(), 'issue-crew-task-'))
  const stop = new AbortController()
  const interrupted = (): void => stop.abort(new Error('Stopped.'))
  process.once('SIGINT', interrupted)
  let done: TaskEnd | null = null
  try {
    done = await work(home, {
      task: { agent, what, paths: paths.length > 0 ? paths : [everything], config, parent },
      top,
      head,
      apiKey,
      signal: stop.signal,
      observe: event => say(event.kind === 'turn' ? describeTurn(event) : `waits: ${event.detail}`),
    })
  } catch (error) {
    terminal.say(error instanceof Error ? error.message : String(error))
    return 1
  } finally {
    process.off('SIGINT', interrupted)
    // Of all that was made, the diff stays.
    await Promise.all(['github', 'clones'].map(name => rm(join(home, name), { recursive: true, force: true })))
    if (!done || json || done.changes.length === 0) await rm(home, { recursive: true, force: true })
  }
  if (json) terminal.say(JSON.stringify(taskFacts(done, agent.source), null, 2))
  else {
    const file = join(home, 'changes.diff')
    if (done.changes.length > 0) await writeFile(file, done.diff)
    showTask(done, { file, top }, terminal)
  }
  return done.end.outcome.kind === 'finished' ? 0 : 1
}

interface Ready {
  apiKey: string
  top: string
  head: string
  parent: string | null
  agent: Agent
  config: CrewConfig
  /** What the person should know before. */
  notes: string[]
}

/** Everything that is needed; else what is wrong, and what to do. */
async function prepare({ agent: wanted, path, what, paths }: TaskOptions): Promise<Ready | string> {
  const apiKey = process.env['ANTHROPIC_API_KEY']
  if (!apiKey)
    return 'ANTHROPIC_API_KEY is missing: `task` uses the model. ANTHROPIC_BASE_URL may name another address for it.'
  if (what.trim() === '') return 'There is nothing to do: say what, as the last argument.'
  for (const glob of paths) {
    const problem = globProblem(glob)
    if (problem !== null) return `The path ${JSON.stringify(glob)} ${problem}.`
  }
  const top = await repositoryTop(path)
  if (top === null) return `${resolve(path)} is not in a git repository. Give the folder of a checkout.`
  const head = await revision(top, 'HEAD')
  if (head === null) return `${top} has no commit yet, and the agent works on the last one.`
  const configured = await localConfig(top)
  if (!configured.ok) return readable(replies.badCrewYml(configured.problems).split('\n\n')[0] ?? '')
  const { config } = configured
  const team = await teamWith(wanted, { top, config })
  if (typeof team === 'string') return team
  const agent = team.agents.find(one => one.source === wanted || agentKey(one.name) === agentKey(wanted))
  if (!agent) {
    const unused = team.problems.filter(
      ({ used, file }) => !used && agentKey(nameOf(file)) === agentKey(nameOf(wanted)),
    )
    const why = unused.map(({ file, problem }) => ` ${file} ${problem}.`).join('')
    const names = team.agents.filter(({ role }) => role !== 'lead').map(({ name }) => name)
    return `There is no agent ${wanted}.${why} There are: ${names.join(', ')}.`
  }
  if (agent.role === 'lead') return `${agent.name} plans and does no task: \`try\` shows it at work.`
  const dirty = await execa({ cwd: top, reject: false })`git status --porcelain`
  return {
    apiKey,
    top,
    head,
    parent: await revision(top, 'HEAD^'),
    agent,
    config,
    notes: [
      `${agent.name}, from ${agent.source}, works on ${top} at ${head.slice(0, 7)}.`,
      ...(dirty.stdout
        ? ['What is not committed in your checkout is left out; agents’ files count as they lie there.']
        : []),
      ...team.problems.filter(({ file }) => file === agent.source).map(({ file, problem }) => `${file} ${problem}`),
    ],
  }
}

/** The repository's team; with an agent's file, the team that has it. */
async function teamWith(wanted: string, { top, config }: { top: string; config: CrewConfig }): Promise<Team | string> {
  const own = await loadOwnAgents()
  if (!wanted.endsWith('.md')) return localTeam({ top, own, models: config.models })
  const text = await textOf(wanted)
  if (text === null) return `${resolve(wanted)} can’t be read as a text.`
  return assembleTeam(own, [{ path: wanted, text }], config.models)
}

const nameOf = (file: string): string => basename(file).replace(/(\.agent)?\.md$/, '')

async function revision(top: string, name: string): Promise<string | null> {
  const found = await execa({ cwd: top, reject: false })`git rev-parse --verify --quiet ${`${name}^{commit}`}`
  return found.failed ? null : found.stdout
}

/** Serves the repository to itself, as GitHub would, and lets the agent work in a worktree of a private clone. */
async function work(
  home: string,
  given: {
    task: Omit<LoneTask, 'workspaces' | 'source' | 'commit'>
    top: string
    head: string
    apiKey: string
    signal: AbortSignal
    observe: (event: LoopEvent) => void
  },
): Promise<TaskEnd> {
  const { task, top, head, apiKey, signal, observe } = given
  const github = await startPracticeGitHub({ dataDir: join(home, 'github') })
  try {
    const { token } = github.createUser('you')
    const { id } = await github.createRepository({
      owner: 'you',
      name: 'repository',
      from: { gitRepository: top, ref: head },
      defaultBranch: 'main',
      install: null,
    })
    const workspaces = await createWorkspaces({
      cacheDir: join(home, 'clones'),
      tokenFor: () => Promise.resolve(token),
      allowHttp: true,
      log: () => undefined,
    })
    const source = {
      repository: { id, owner: 'you', name: 'repository', installationId: 0 },
      url: `${github.url}/you/repository.git`,
    }
    const commit = await workspaces.fetch(source, 'main')
    const agentWork = await taskWork({ ...task, workspaces, source, commit })
    const baseUrl = process.env['ANTHROPIC_BASE_URL']
    const secrets = createSecretFilter([{ kind: "the model's key", value: apiKey }])
    const { key } = agentWork.worktree
    try {
      const end = await runAgent(agentWork, {
        journal: filteredJournal(unrecordedJournal(key, signal), secrets),
        model: filteredModel(createAnthropicModel({ apiKey, ...(baseUrl && { baseUrl }) }), secrets),
        workspaces,
        secrets,
        observe,
      })
      return {
        work: agentWork,
        end,
        changes: await workspaces.changes(source, commit, end.tree),
        diff: await workspaces.diff(source, commit, end.tree),
        commandsOff: workspaces.commandsOff,
      }
    } finally {
      await workspaces.discard(key)
    }
  } finally {
    await github.stop()
  }
}
