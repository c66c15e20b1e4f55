import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** From here on this value may be found in nothing that the suite writes or sends (test/canaries). */
export function plantCanary(kind: string, value: string): void {
  append('planted', 'canaries', `${JSON.stringify({ kind, value })}\n`)
}

/** Something that the App wrote: looked through after the last test. */
export function keepForCanaries(kind: string, text: string): void {
  append('written', kind, text)
}

/** What a process with an environment of its own needs to write down what it says. */
export const canaryEnvironment = (): Record<string, string> =>
  Object.fromEntries(['NODE_OPTIONS', 'CREW_CANARIES'].flatMap(name => [[name, process.env[name] ?? '']]))

function append(folder: string, kind: string, text: string): void {
  const directory = process.env['CREW_CANARIES']
  if (!directory) return
  mkdirSync(join(directory, folder), { recursive: true })
  appendFileSync(join(directory, folder, `${kind}-of-stories-${process.pid}`), text)
}
