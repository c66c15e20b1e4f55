import { readYaml } from '../manifests/yaml.js'
import type { Facts } from '../facts.js'
import { join, nameOf, within } from '../folders.js'
import { listAt, tableAt, textAt } from '../manifests/values.js'
import { shortened, type ProjectCommand } from '../stack.js'
import { kindOfLine } from './kinds.js'

/** The `run:` lines of GitHub's workflows that test, lint or build. What they name is what holds in practice. */
export function ciCommands(facts: Facts): ProjectCommand[] {
  const found: ProjectCommand[] = []
  for (const [path, text] of facts.texts) {
    if (!/^\.github\/workflows\/[^/]+\.ya?ml$/.test(path) || text === null) continue
    let workflow: unknown
    try {
      workflow = readYaml(text)
    } catch (error) {
      facts.notes.push(`${path} could not be read: ${(error as Error).message.split('\n')[0] ?? ''}`)
      continue
    }
    for (const [name, job] of Object.entries(tableAt(workflow, 'jobs')))
      for (const step of listAt(job, 'steps')) {
        const folder =
          textAt(step, 'working-directory') ??
          textAt(job, 'defaults', 'run', 'working-directory') ??
          textAt(workflow, 'defaults', 'run', 'working-directory') ??
          '.'
        const at = folder.replace(/^\.\/|\/$/g, '').replace(/^\.$/, '')
        if (at.includes('${{') || at.startsWith('/') || at.split('/').includes('..')) continue
        for (const { line, folder } of lines(textAt(step, 'run') ?? '', at)) {
          const kind = kindOfLine(line)
          if (kind === null || kind === 'run') continue
          found.push({
            kind,
            ...placed(facts, line, folder),
            source: { file: path, what: shortened(`${nameOf(path)} job ${name}`) },
          })
        }
      }
  }
  return found
}

/** A command of a folder, as one of the package that the folder is in. */
export function placed(facts: Facts, command: string, folder: string): { command: string; package: string } {
  const owner = facts.tree.packageOf(join(folder, 'x'))
  return { command: owner === folder ? command : `cd ${within(folder, owner)} && ${command}`, package: owner }
}

/** Simple commands of a script with the folder that each runs in. What is filled in by the workflow is left out. */
function lines(script: string, start: string): { line: string; folder: string }[] {
  const found: { line: string; folder: string }[] = []
  let folder = start
  for (const whole of script
    .slice(0, 20_000)
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .slice(0, 200)) {
    for (const part of whole.split('&&')) {
      const line = part.trim()
      const into = /^cd\s+([\w./-]+)$/.exec(line)?.[1]
      if (into !== undefined && !into.startsWith('/') && !into.includes('..'))
        folder = join(folder, into.replace(/^\.\/|\/$/g, ''))
      else if (line !== '' && line.length <= 200 && !line.includes('${{') && /^[\x20-\x7e]+$/.test(line))
        found.push({ line, folder })
    }
  }
  return found
}
