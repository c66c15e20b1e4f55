import { readYaml } from '../manifests/yaml.js'
import type { Facts } from '../facts.js'
import { folderOf, foldersUp, nameOf } from '../folders.js'
import { linesOf } from '../manifests/code-text.js'
import { tableAt } from '../manifests/values.js'
import { shortened, type ProjectCommand } from '../stack.js'
import { placed } from './ci-commands.js'
import { kindOfName } from './kinds.js'

/** Targets of Makefiles, justfiles and Taskfiles whose names say what they do. */
export function targetCommands(facts: Facts): ProjectCommand[] {
  return [...facts.texts].flatMap(([path, text]) => {
    if (text === null) return []
    const name = nameOf(path)
    if (/^(GNU)?[mM]akefile$/.test(name))
      return targets(
        facts,
        path,
        'make',
        linesOf(text).map(line => /^([\w./-]+)\s*:(?![=:])/.exec(line)?.[1]),
      )
    if (/^\.?[jJ]ustfile$/.test(name))
      return targets(
        facts,
        path,
        'just',
        linesOf(text).map(line => /^@?([\w-]+)(?:\s+[^:=]*)?:(?!=)/.exec(line)?.[1]),
      )
    if (/^[tT]askfile\.ya?ml$/.test(name)) return targets(facts, path, 'task', taskNames(text))
    return []
  })
}

function targets(facts: Facts, path: string, tool: string, names: (string | undefined)[]): ProjectCommand[] {
  return [...new Set(names)].flatMap(name => {
    const kind = name === undefined ? null : kindOfName(name)
    if (name === undefined || kind === null) return []
    return [
      {
        kind,
        ...placed(facts, `${tool} ${name}`, folderOf(path)),
        source: { file: path, what: `target ${shortened(name, 40)}` },
      },
    ]
  })
}

function taskNames(text: string): string[] {
  try {
    return Object.keys(tableAt(readYaml(text), 'tasks'))
  } catch {
    return []
  }
}

/** Scripts of package.json and composer.json, with the package manager that the lock file or the manifest names. */
export function scriptCommands(facts: Facts): ProjectCommand[] {
  return facts.tree.packages.flatMap(folder =>
    facts.manifestsOf(folder).flatMap(({ path, ecosystem, scripts }) =>
      Object.entries(scripts).flatMap(([name, line]): ProjectCommand[] => {
        const kind = kindOfName(name)
        if (kind === null || /no test specified/.test(line) || !/^[\w:.@/-]+$/.test(name)) return []
        const runner = ecosystem === 'composer' ? 'composer' : npmRunner(facts, folder)
        const command =
          name === 'test' || name === 'start' || runner !== 'npm' ? `${runner} ${name}` : `npm run ${name}`
        return [{ kind, command, source: { file: path, what: shortened(`script ${name}: ${line}`) }, package: folder }]
      }),
    ),
  )
}

/** The package manager of a folder: what a lock file or `packageManager` around it says, nearest first. */
function npmRunner(facts: Facts, folder: string): 'npm' | 'pnpm' | 'yarn' | 'bun run' {
  for (const up of foldersUp(folder)) {
    const has = (name: string): boolean => facts.tree.has(up === '' ? name : `${up}/${name}`)
    const stated =
      facts
        .manifestsOf(up)
        .flatMap(({ tools }) => tools)
        .find(tool => tool.startsWith('packageManager:')) ?? ''
    if (has('pnpm-lock.yaml') || has('pnpm-workspace.yaml') || stated.includes(':pnpm')) return 'pnpm'
    if (has('yarn.lock') || stated.includes(':yarn')) return 'yarn'
    if (has('bun.lock') || has('bun.lockb') || stated.includes(':bun')) return 'bun run'
    if (has('package-lock.json') || has('npm-shrinkwrap.json') || stated.includes(':npm')) return 'npm'
  }
  return 'npm'
}
