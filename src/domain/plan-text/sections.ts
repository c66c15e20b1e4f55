import { oneLine } from '../defuse.js'
import { readHeading, type Section } from './headings.js'
import { Enclosure, isBlank, type SourceLine } from './source-lines.js'
import { readTaskLine } from './task-line.js'

export interface Sections {
  /** The lines under each heading; null where the heading is missing. */
  lines: Record<Section, SourceLine[] | null>
  /** Sentences about what was left out. */
  notes: string[]
}

/**
 * Sorts the lines of a plan under its headings. A heading that no plan has takes what stands under it out of the plan,
 * unless it is a lower one within a section; so does a rule. A task's line counts wherever it stands.
 */
export function splitSections(lines: readonly SourceLine[]): Sections {
  const found: Sections['lines'] = {
    analysis: null,
    tasks: null,
    order: null,
    agents: null,
    instructions: null,
    risks: null,
    notes: null,
  }
  const notes: string[] = []
  const enclosure = new Enclosure()
  let section: Section | null = null
  let level = Infinity
  let outside: SourceLine[] = []
  const isInFront = (): boolean => isOurs(outside[0])
  const leave = (): void => {
    const [first] = outside
    if (first && !isOurs(first)) notes.push(`Left out, as it stands outside of the plan: ${quoted(first.text)}`)
    outside = []
  }
  for (const [index, line] of lines.entries()) {
    if (section === null && endOfPlan.test(line.text)) break
    const heading = enclosure.inside(line.text) ? null : readHeading(line.text)
    if (heading?.kind === 'section') {
      leave()
      section = heading.section
      level = heading.level
      found[section] ??= []
    } else if (heading?.kind === 'rule') {
      // Below a line of text, dashes make a heading of it.
      const above = readHeading(lines[index - 1]?.text ?? '')
      if (above?.kind !== 'section') section = null
    } else if (heading?.kind === 'unknown' && (section === null || heading.level <= level)) {
      leave()
      notes.push(`Left out, as it is no part of a plan: what stands under ${quoted(heading.name)}`)
      section = null
      level = 0
    } else if (section === null && !enclosure.open && !isInFront() && readTaskLine(line)?.agent) {
      leave()
      section = 'tasks'
      level = Infinity
      found.tasks = [...(found.tasks ?? []), line]
    } else if (section !== null) found[section]?.push(line)
    else if (level !== 0 && !isBlank(line.text)) outside.push(line)
  }
  leave()
  return { lines: found, notes }
}

/** What the plan comment has behind the plan begins so, below a rule. */
const endOfPlan = /^The tech lead recommends a \d+-step approach:\s*$/

/** What the plan comment has in front of the plan. */
const isOurs = (first: SourceLine | undefined): boolean =>
  /^(?:\*\*Version \d+\*\*, in place of|\*\*As given|⚠️ \*\*Before you decide\*\*, |<!-- issue-crew:)/.test(
    first?.text.trim() ?? '',
  )

const quoted = (text: string): string => `“${oneLine(text, 120)}”`
