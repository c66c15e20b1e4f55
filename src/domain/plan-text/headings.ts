import { readTaskStart } from './task-line.js'

export type Section = 'analysis' | 'tasks' | 'order' | 'agents' | 'instructions' | 'risks' | 'notes'

/** A line that ends what stood before it. */
export type Heading =
  | { kind: 'section'; section: Section; level: number }
  /** A heading that a plan doesn't have. */
  | { kind: 'unknown'; name: string; level: number }
  | { kind: 'rule' }

/** Names that hardly anything but a plan has; they count without any markup, as copying from a page leaves them. */
const ownNames: Readonly<Record<string, Section>> = {
  'task analysis': 'analysis',
  'subagent assignments': 'tasks',
  'sub agent assignments': 'tasks',
  'agent assignments': 'tasks',
  'task assignments': 'tasks',
  'execution order': 'order',
  'order of execution': 'order',
  'available agents for this project': 'agents',
  'available agents': 'agents',
  'instructions to main agent': 'instructions',
  'instructions to the main agent': 'instructions',
  'instructions for main agent': 'instructions',
  'instructions for the main agent': 'instructions',
}

/** Names that other texts have, too: they count as headings only. */
const commonNames: Readonly<Record<string, Section>> = {
  analysis: 'analysis',
  assignments: 'tasks',
  tasks: 'tasks',
  order: 'order',
  agents: 'agents',
  instructions: 'instructions',
}

/** As the plan comment writes them, in bold. */
const boldNames: Readonly<Record<string, Section>> = { risks: 'risks', note: 'notes', notes: 'notes' }

/** Level of a heading that has none: below those of Markdown. */
const noLevel = 7

/** Longer lines are no headings. */
const longestHeading = 200

/** Reads a line as a heading of a plan, in any of the forms in which people and tools write one. */
export function readHeading(line: string): Heading | null {
  const text = line.trimEnd()
  if (text.length > longestHeading) return null
  if (/^ {0,3}(?:-{3,}|\*{3,}|_{3,})$/.test(text)) return { kind: 'rule' }
  const [, marks, title] = /^ {0,3}(#{1,6})[ \t]+(.*)$/.exec(text) ?? []
  if (marks !== undefined) {
    if (readTaskStart(text)) return null
    const name = plainName(title ?? '')
    const section = ownNames[name] ?? commonNames[name] ?? boldNames[name]
    if (section) return { kind: 'section', section, level: marks.length }
    return { kind: 'unknown', name: (title ?? '').replace(/#+$/, '').trim(), level: marks.length }
  }
  const [, , bold] = /^ {0,3}(\*\*|__)(.+?)\1 ?:?$/.exec(text) ?? []
  const name = plainName(bold ?? (/^ {0,3}\p{L}/u.test(text) ? text : ''))
  const section = ownNames[name] ?? (bold === undefined ? undefined : boldNames[name])
  return section ? { kind: 'section', section, level: noLevel } : null
}

/** Whether the line is a heading by which a plan is known. */
export function ownSection(text: string): Section | null {
  const heading = readHeading(text)
  if (heading?.kind !== 'section') return null
  const name = plainName(text)
  return ownNames[name] ?? null
}

/** `### 2. SubAgent Assignments (must use the assigned subagents):` → `subagent assignments` */
const plainName = (text: string): string =>
  text
    .replace(/^[\s#*_]+|[\s#*_:]+$/g, '')
    .replace(/^\d{1,2}[.)]\s+/, '')
    .replace(/\s*\([^()]*\)$/, '')
    .replace(/[\s*_:]+$/, '')
    .replace(/^[^\p{L}]+/u, '')
    .replaceAll('-', ' ')
    .replace(/\s+/g, ' ')
    .toLowerCase()
