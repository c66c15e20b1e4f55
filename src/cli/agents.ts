import { lstat } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import type { Agent, AgentFileProblem, Team } from '../domain/agent.js'
import { CrewConfig } from '../domain/crew-yml.js'
import { count } from '../domain/say/figures.js'
import { agentPaths, customOf } from '../team/agents/agent-paths.js'
import { assembleTeam } from '../team/agents/assemble-team.js'
import { loadOwnAgents } from '../team/load-agents.js'
import { tokensOf } from '../team/make-room.js'
import { localConfig, localTeam, markdownBelow, repositoryTop, textOf, topWithAgents } from './local-team.js'
import type { Terminal } from './terminal.js'

interface AgentsOptions {
  path: string
  json: boolean
}

/** Lists who would work on a local repository, from its files as they lie there. Resolves with the exit status. */
export async function listAgents({ path, json }: AgentsOptions, terminal: Terminal): Promise<number> {
  const folder = resolve(path)
  const found = await lstat(folder).catch(() => null)
  if (!found?.isDirectory()) return refuse(`${folder} is no folder. Give the folder of a repository.`, terminal)
  const top = await topWithAgents(folder)
  const team = await localTeam({ top, own: await loadOwnAgents(), models: await modelsFor(top) })
  terminal.say(
    json
      ? JSON.stringify({ agents: team.agents.map(facts), problems: team.problems }, null, 2)
      : listing(team, top, terminal.paint),
  )
  return 0
}

/**
 * Checks an agent's file, a folder of them, or a repository's. Resolves with the exit status: 1 when one can't be used,
 * 2 when there is nothing to check.
 */
export async function checkAgents({ path, json }: AgentsOptions, terminal: Terminal): Promise<number> {
  const given = resolve(path)
  const files = await filesToCheck(given)
  if (files.length === 0) return refuse(`${given} is no agent’s file and no folder with one.`, terminal)
  const top = (await repositoryTop(dirname(files[0] ?? given))) ?? given
  const read = await Promise.all(
    files.map(async file => ({ path: relative('', file), form: customOf(file), text: await textOf(file) })),
  )
  const team = assembleTeam(await loadOwnAgents(), read, await modelsFor(top))
  const checked = read.flatMap(({ path: file }) => {
    const agent = team.agents.find(({ source }) => source === file)
    const problem = team.problems.find(one => one.file === file)?.problem
    // Neither: a page for people, such as a README.
    if (!agent && problem === undefined) return []
    return [
      {
        file,
        used: agent !== undefined,
        problem: problem ?? null,
        agent: agent ? facts(agent) : null,
      },
    ]
  })
  if (checked.length === 0) return refuse(`${given} holds no agent’s file.`, terminal)
  terminal.say(
    json
      ? JSON.stringify({ files: checked }, null, 2)
      : checked.map(({ file, used, problem }) => verdict({ file, used, problem }, terminal.paint)).join('\n'),
  )
  return checked.every(({ used }) => used) ? 0 : 1
}

/** Of a repository the files that the App would read; of another folder all Markdown in it. */
async function filesToCheck(path: string): Promise<string[]> {
  const found = await lstat(path).catch(() => null)
  if (found?.isFile()) return [path]
  if (!found?.isDirectory()) return []
  const all = await markdownBelow(path, '')
  const read = agentPaths(all)
  return (read.length > 0 ? read : all).map(file => join(path, file))
}

function refuse(problem: string, terminal: Terminal): number {
  terminal.say(problem)
  return 2
}

/** A configuration that is wrong stops every run, and says so there; here only its models matter. */
async function modelsFor(top: string): Promise<CrewConfig['models']> {
  const configured = await localConfig(top)
  return configured.ok ? configured.config.models : CrewConfig.parse({}).models
}

/** What `--json` says of an agent. */
const facts = (agent: Agent) => ({
  name: agent.name,
  role: agent.role,
  origin: agent.origin ?? ('app' as const),
  source: agent.source,
  replaces: agent.replaces ?? null,
  description: agent.description,
  tools: agent.tools,
  model: agent.model,
  maxTurns: agent.maxTurns,
  promptTokens: tokensOf(agent.prompt),
})

function listing({ agents, problems }: Team, top: string, paint: Terminal['paint']): string {
  const brought = agents.filter(agent => agent.origin === 'repository')
  const own = agents.filter(agent => agent.origin !== 'repository')
  const group = (title: string, members: Agent[]): string[] =>
    members.length === 0 ? [] : ['', paint('bold', title), ...members.flatMap(agent => describe(agent, paint))]
  return [
    `Who works on ${top}: ${count(agents.length, 'agent')}, ${brought.length} of them the repository’s own.`,
    'Read as the files lie there; the App reads the default branch’s last commit.',
    ...group('The repository’s own', brought),
    ...group('The App’s', own),
    ...(problems.length === 0 ? [] : ['', paint('bold', 'Files that are not used, or not wholly as written')]),
    ...problems.map(problem => verdict(problem, paint)),
  ].join('\n')
}

function describe(agent: Agent, paint: Terminal['paint']): string[] {
  const kind = agent.role === 'lead' ? 'plans' : agent.role === 'reviewer' ? 'reviews, writes nothing' : 'specialist'
  const how = [
    agent.tools.join(' '),
    agent.model && `model ${agent.model}`,
    agent.maxTurns && `at most ${count(agent.maxTurns, 'turn')}`,
    `${tokensOf(agent.prompt)} tokens of prompt`,
  ].filter(Boolean)
  return [
    `${paint('cyan', agent.name)} (${kind}${agent.universal ? ', stands in where no one fits' : ''})`,
    `  ${agent.description}`,
    paint('dim', `  ${agent.source}${agent.replaces === undefined ? '' : `, in place of ${agent.replaces}`}`),
    paint('dim', `  ${how.join(' · ')}`),
  ]
}

function verdict(
  { file, used, problem }: Pick<AgentFileProblem, 'file' | 'used'> & { problem: string | null },
  paint: Terminal['paint'],
): string {
  if (!used) return `${paint('red', 'not used')} ${file}: ${problem}`
  return problem === null ? `${paint('green', 'in order')} ${file}` : `${paint('yellow', 'used')} ${file}: ${problem}`
}
