import { ciCommands } from './commands/ci-commands.js'
import { conventionalCommands } from './commands/conventions.js'
import { scriptCommands, targetCommands } from './commands/file-commands.js'
import type { Facts } from './facts.js'
import type { CommandKind, ProjectCommand, StackPart } from './stack.js'

/** Of one kind in one package; more would only be variants. */
const perKind = 4

/**
 * How every package is built, tested and linted, each command once. What the workflows run comes first, then targets and
 * scripts that the project names itself, then what is usual for what was detected.
 */
export function detectCommands(facts: Facts, parts: StackPart[]): ProjectCommand[] {
  const all = [
    ...ciCommands(facts),
    ...targetCommands(facts),
    ...scriptCommands(facts),
    ...conventionalCommands(facts, parts),
  ]
  const known = new Set<string>()
  const counts = new Map<string, number>()
  const kept = all.filter(({ kind, command, package: folder }) => {
    const key = `${folder}\n${same(command)}`
    const place = `${folder}\n${kind}`
    const count = counts.get(place) ?? 0
    if (known.has(key) || count >= perKind) return false
    known.add(key)
    counts.set(place, count + 1)
    return true
  })
  const rank = (command: ProjectCommand): number =>
    facts.tree.packages.indexOf(command.package) * 10 + order.indexOf(command.kind)
  return kept.sort((a, b) => rank(a) - rank(b))
}

const order: CommandKind[] = ['test', 'lint', 'format', 'build', 'run']

/** `npm run test`, `npm test` and `npm test --silent` are one. */
const same = (command: string): string =>
  command
    .replace(/^((?:npm|pnpm|yarn|bun|composer)(?: run(?:-script)?)? )/, found => found.replace(/ run(-script)?/, ''))
    .replace(/\s+--?(silent|s|verbose|v|no-interaction|if-present)\b/g, '')
    .replace(/\s+/g, ' ')
    .trim()
