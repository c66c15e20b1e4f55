import { byPackage, evidenceText, folderName, named, type PackageView } from '../domain/say/stack-text.js'
import type { ProjectCommand, Stack } from '../domain/stack/stack.js'

/** Characters of it that a brief holds; what a package adds beyond that is only named. */
const limit = 8_000

/** What the repository is made of and how it is checked, package by package, for the tech lead. */
export function describeStack(stack: Stack): string {
  const views = byPackage(stack)
  if (views.length === 0) return 'Unknown: nothing in the tree shows a language or framework that the App knows.'
  const parts: string[] = []
  const left: string[] = []
  let length = 0
  for (const view of views) {
    const text = describePackage(view)
    if (length + text.length > limit && parts.length > 0) left.push(view.folder.path)
    else {
      parts.push(text)
      length += text.length
    }
  }
  if (left.length > 0) parts.push(`And ${left.length} more packages: ${left.slice(0, 60).join(', ')}`)
  return parts.join('\n\n')
}

function describePackage({ folder, parts, commands }: PackageView): string {
  const tools = parts.filter(({ kind }) => kind === 'tool')
  return [
    `In ${folderName(folder.path)}${folder.name === null ? '' : `, ${folder.name}`}:`,
    ...parts
      .filter(({ kind }) => kind !== 'tool')
      .map(part => `- ${named(part)} (${part.confidence}: ${evidenceText(part)})`),
    ...(tools.length > 0 ? [`- Tools: ${tools.map(tool => `${named(tool)} (${tool.confidence})`).join(', ')}`] : []),
    ...commands.map(command => `- ${describeCommand(command)}`),
  ].join('\n')
}

/** `test: pytest (pyproject.toml: [tool.pytest)`. */
const describeCommand = ({ kind, command, source }: ProjectCommand): string =>
  `${kind}: ${command} (${source.file}: ${source.what})`

/** The commands of a task, each with the folder that it is run in. */
export const describeCommands = (commands: ProjectCommand[]): string =>
  commands.map(command => `- in ${folderName(command.package)}: ${describeCommand(command)}`).join('\n')
