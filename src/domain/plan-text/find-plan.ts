import { closesFence, readFenceOpening } from '../fence-line.js'
import { ownSection } from './headings.js'
import { Enclosure, isBlank, type SourceLine, sourceLines, type Place } from './source-lines.js'
import { readFactLabel } from './task-facts.js'
import { brokenTaskLine, readTaskLine, readTaskStart } from './task-line.js'

export interface FoundPlan {
  lines: SourceLine[]
  /** Lines with something on them that stand around the fence or quotation that holds the plan. */
  around: SourceLine[]
}

/** Whether a text is a plan, be it a broken one, and no wish in words. */
export const looksLikePlan = (text: string): boolean => findPlan(text) !== null

/**
 * The plan in a text: all of it, or what a fence or a quotation in it holds. Null when there is none. `from` is where the
 * text begins in what its author wrote.
 */
export const findPlan = (text: string, from?: Place): FoundPlan | null => findIn(sourceLines(text, from), 3)

function findIn(lines: SourceLine[], depth: number): FoundPlan | null {
  const { blocks, open } = splitBlocks(lines)
  if (looksLikeOne(open)) return { lines, around: [] }
  if (depth === 0) return null
  for (const block of blocks) {
    const found = findIn(block.content, depth - 1)
    if (!found) continue
    const inside = new Set(block.all)
    return { ...found, around: [...lines.filter(line => !inside.has(line) && !isBlank(line.text)), ...found.around] }
  }
  return null
}

/**
 * Two of the headings that only plans have; or the assignments' heading over a task; or two tasks with their agents; or
 * one with what it may touch or when it is done.
 */
function looksLikeOne(lines: readonly SourceLine[]): boolean {
  const enclosure = new Enclosure()
  const shown = lines.filter(line => !enclosure.inside(line.text))
  const sections = new Set(shown.map(line => ownSection(line.text)).filter(section => section !== null))
  if (sections.size >= 2) return true
  const tasks = shown.filter(line => readTaskStart(line.text) ?? brokenTaskLine(line))
  if (sections.has('tasks')) return tasks.length > 0
  const assigned = shown.filter(line => readTaskLine(line)?.agent)
  const facts = shown.filter(line => ['paths', 'doneWhen'].includes(readFactLabel(line)?.fact ?? ''))
  return assigned.length >= 2 || (assigned.length === 1 && facts.length > 0)
}

interface Block {
  /** With the lines that begin and end it. */
  all: SourceLine[]
  content: SourceLine[]
}

/** Fences and quotations at the top level, and what stands outside of them. */
function splitBlocks(lines: readonly SourceLine[]): { blocks: Block[]; open: SourceLine[] } {
  const blocks: Block[] = []
  const open: SourceLine[] = []
  for (let at = 0; at < lines.length;) {
    const first = lines[at]
    if (!first) break
    const opening = readFenceOpening(first.text)
    const quoted = /^ {0,3}>/.test(first.text)
    if (!opening && !quoted) {
      open.push(first)
      at++
      continue
    }
    let end = at + 1
    if (opening) {
      while (end < lines.length && !closesFence((lines[end]?.text ?? '').trimStart(), opening)) end++
      blocks.push({ all: lines.slice(at, end + 1), content: lines.slice(at + 1, end) })
      at = end + 1
    } else {
      while (/^ {0,3}>/.test(lines[end]?.text ?? '')) end++
      const all = lines.slice(at, end)
      blocks.push({ all, content: all.map(withoutQuoteMark) })
      at = end
    }
  }
  return { blocks, open }
}

function withoutQuoteMark(line: SourceLine): SourceLine {
  const mark = /^ {0,3}> ?/.exec(line.text)?.[0].length ?? 0
  return { text: line.text.slice(mark), line: line.line, column: line.column + mark }
}
