import type { Agent, Team } from '../../domain/agent.js'
import type { CrewConfig } from '../../domain/crew-yml.js'
import { agentPaths } from './agent-paths.js'
import { assembleTeam } from './assemble-team.js'

/** Agents' files beyond these are not even read. */
const mostFiles = 200

/**
 * The team for a repository whose files are `paths`. `read` gives the texts of some of them, null where one is no text.
 */
export async function readTeam(given: {
  own: readonly Agent[]
  paths: readonly string[]
  read: (paths: string[]) => Promise<ReadonlyMap<string, string | null>>
  models: CrewConfig['models']
}): Promise<Team> {
  const { own, paths, read, models } = given
  const all = agentPaths(paths)
  const wanted = all.slice(0, mostFiles)
  const texts = wanted.length > 0 ? await read(wanted) : new Map<string, string | null>()
  const team = assembleTeam(
    own,
    wanted.map(path => ({ path, text: texts.get(path) ?? null })),
    models,
  )
  const [next] = all.slice(mostFiles)
  if (next === undefined) return team
  const problem = `is not read, nor are the files after it: of ${all.length} agents’ files the first ${mostFiles} are`
  return { ...team, problems: [...team.problems, { file: next, problem, used: false }] }
}
