import { inlineCode } from '../code-markdown.js'
import { defuseLine } from '../defuse.js'
import type { Evidence, ProjectCommand, Stack, StackPart } from '../stack/stack.js'
import { count } from './figures.js'
import { folded } from './lists.js'
import { byPackage, folderName, named } from './stack-text.js'

/** Parts that the line of the plan names; the fold below holds all. */
const mostParts = 6
const mostFolded = { packages: 25, lines: 25 }

/** `Stack: Django 4.2.7 (high: …), … Tests: …`, on one line. Names are ours or defused, the repository's words are code. */
export function stackLine(stack: Stack): string {
  if (stack.parts.length === 0)
    return 'Stack: unknown. Nothing in the tree shows a language or framework that the App knows.'
  const shown = telling(stack.parts)
  const several = byPackage(stack).filter(({ parts }) => parts.length > 0).length > 1
  const parts = shown.slice(0, mostParts).map(part => {
    const where = several && part.package !== '' ? ` in ${inlineCode(part.package)}` : ''
    return `${partName(part)}${where} (${part.confidence}: ${filesOf(part.evidence)})`
  })
  const more = shown.length > mostParts ? `, and ${shown.length - mostParts} more` : ''
  return `Stack: ${parts.join(', ')}${more}.${testsOf(stack)}`
}

/** Everything that was detected, folded: by package, with what in each file shows it, and the commands. */
export function stackInFull(stack: Stack): string | null {
  const views = byPackage(stack)
  if (views.length === 0) return null
  const blocks = views.slice(0, mostFolded.packages).map(({ folder, parts, commands }) => {
    const lines = [
      ...parts.map(part => `- ${partName(part)}, ${part.confidence}: ${part.evidence.map(evidence).join('; ')}`),
      ...commands.map(command => `- ${commandText(command)}`),
    ]
    const more = lines.length > mostFolded.lines ? [`- and ${lines.length - mostFolded.lines} more`] : []
    const name = folder.path === '' ? 'At the top' : `In ${inlineCode(folderName(folder.path))}`
    return `${name}:\n${[...lines.slice(0, mostFolded.lines), ...more].join('\n')}`
  })
  const left =
    views.length > mostFolded.packages ? [`And ${count(views.length - mostFolded.packages, 'more package')}.`] : []
  const notes =
    stack.notes.length === 0 ? [] : [`Not read:\n${stack.notes.map(note => `- ${defuseLine(note, 300)}`).join('\n')}`]
  const sums = [count(stack.parts.length, 'part'), count(stack.commands.length, 'command')]
  return folded(`What the stack was told by (${sums.join(', ')})`, [...blocks, ...left, ...notes].join('\n\n'))
}

/** Frameworks and languages, surer ones first; only where there are none, whatever there is. */
function telling(parts: readonly StackPart[]): StackPart[] {
  const main = parts.filter(({ kind }) => kind === 'framework' || kind === 'language')
  const sure = main.filter(({ confidence }) => confidence !== 'low')
  const chosen = sure.length > 0 ? sure : main.length > 0 ? main : [...parts]
  // One of each name: that many packages use React is in the fold.
  const known = new Set<string>()
  return chosen.filter(({ name }) => !known.has(name) && known.add(name))
}

function testsOf({ commands }: Stack): string {
  const tests = commands.filter(({ kind }) => kind === 'test')
  const [first] = tests
  if (!first) return ' How it is tested was not found.'
  const shown = tests.filter(command => command.package === first.package).slice(0, 2)
  const where = first.package === '' ? '' : ` in ${inlineCode(first.package)}`
  return ` Tests: ${shown.map(({ command, source }) => `${inlineCode(command)} (${inlineCode(source.file)})`).join(', ')}${where}.`
}

const commandText = ({ kind, command, source }: ProjectCommand): string =>
  `${kind}: ${inlineCode(command)} (${evidence(source)})`

const evidence = ({ file, what }: Evidence): string => `${inlineCode(file)}: ${inlineCode(what)}`

/** Files only, each once. */
const filesOf = (list: readonly Evidence[]): string =>
  [...new Set(list.map(({ file }) => file))]
    .slice(0, 3)
    .map(file => inlineCode(file))
    .join(', ')

const partName = (part: StackPart): string => defuseLine(named(part), 90)
