import { execa } from 'execa'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Agent, Team } from '../domain/agent.js'
import { crewYmlPath, parseCrewYml, type CrewConfig, type CrewYmlProblem } from '../domain/crew-yml.js'
import { readTeam } from '../team/agents/read-team.js'

/** The top folder of the git repository that a folder is in, or null when it is in none. */
export async function repositoryTop(folder: string): Promise<string | null> {
  const found = await execa({ cwd: resolve(folder), reject: false })`git rev-parse --show-toplevel`
  return found.failed || found.stdout === '' ? null : found.stdout
}

/** The repository that a folder is in; the folder itself where it is in none, or where the agents lie. */
export async function topWithAgents(folder: string): Promise<string> {
  const here = (await Promise.all(agentFolders.map(name => markdownBelow(folder, name)))).flat()
  return here.length > 0 ? folder : ((await repositoryTop(folder)) ?? folder)
}

/** The team for a local repository, from its files as they lie there, committed or not. */
export async function localTeam(given: {
  top: string
  own: readonly Agent[]
  models: CrewConfig['models']
}): Promise<Team> {
  const { top, own, models } = given
  const paths = (await Promise.all(agentFolders.map(folder => markdownBelow(top, folder)))).flat()
  return readTeam({
    own,
    models,
    paths,
    read: async paths =>
      new Map(await Promise.all(paths.map(async path => [path, await textOf(join(top, path))] as const))),
  })
}

const agentFolders = ['.github/agents', '.claude/agents']

/** The repository's configuration as it lies there. */
export async function localConfig(
  top: string,
): Promise<{ ok: true; config: CrewConfig } | { ok: false; problems: CrewYmlProblem[] }> {
  return parseCrewYml(await textOf(join(top, crewYmlPath)))
}

/** Paths of Markdown files below a folder, links left aside, relative to `top` and with `/`. */
export async function markdownBelow(top: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(top, folder), { withFileTypes: true }).catch(() => [])
  const found = await Promise.all(
    entries.map(async entry => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) return /^(\.git|node_modules)$/.test(entry.name) ? [] : markdownBelow(top, path)
      return entry.isFile() && entry.name.endsWith('.md') ? [path] : []
    }),
  )
  return found.flat().sort()
}

const largestFile = 4 * 1024 * 1024

/** Null for what is not there, no regular file, too large, or no UTF-8. */
export async function textOf(file: string): Promise<string | null> {
  const found = await lstat(file).catch(() => null)
  if (!found?.isFile() || found.size > largestFile) return null
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(file))
  } catch {
    return null
  }
}
