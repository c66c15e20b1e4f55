import type { PackageFolder, ProjectCommand, Stack, StackPart } from '../stack/stack.js'

/** `Django 4.2.7`, `Django >=4.2`, `Django`. */
export const named = ({ name, version }: Pick<StackPart, 'name' | 'version'>): string =>
  version === null ? name : `${name} ${version}`

/** `requirements.txt: django ==4.2.7; manage.py: DJANGO_SETTINGS_MODULE`. */
export const evidenceText = (part: StackPart): string =>
  part.evidence.map(({ file, what }) => `${file}: ${what}`).join('; ')

/** A package's folder as people say it. */
export const folderName = (folder: string): string => (folder === '' ? 'the top folder' : `${folder}/`)

/** Parts and commands of one package. */
export interface PackageView {
  folder: PackageFolder
  parts: StackPart[]
  commands: ProjectCommand[]
}

/** Packages that have something to tell, in their order. */
export function byPackage({ packages, parts, commands }: Stack): PackageView[] {
  return packages
    .map(folder => ({
      folder,
      parts: parts.filter(part => part.package === folder.path),
      commands: commands.filter(command => command.package === folder.path),
    }))
    .filter(view => view.parts.length + view.commands.length > 0)
}

/** What was detected in a folder, as plain text for a terminal or a model. */
export function stackText(stack: Stack): string {
  const views = byPackage(stack)
  if (stack.parts.length === 0 && stack.commands.length === 0)
    return [
      'Stack: unknown. Nothing in the tree shows a language, framework or tool that is known here.',
      ...noteLines(stack),
    ].join('\n')
  return [
    ...views.map(({ folder, parts, commands }) =>
      [
        `${folder.path === '' ? '.' : folder.path}${folder.name === null ? '' : ` (${folder.name})`}`,
        ...(parts.length === 0
          ? ['  unknown']
          : parts.map(part => `  ${named(part)}  ${part.confidence}  ${evidenceText(part)}`)),
        ...commands.map(({ kind, command, source }) => `  ${kind}: ${command}  (${source.file}: ${source.what})`),
      ].join('\n'),
    ),
    ...noteLines(stack),
  ].join('\n\n')
}

const noteLines = ({ notes }: Stack): string[] =>
  notes.length === 0 ? [] : [`Not read:\n${notes.map(note => `  ${note}`).join('\n')}`]
