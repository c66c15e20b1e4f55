import { oneLine } from '../defuse.js'
import { type Edge, ExecutionSteps, type Manner } from './execution-steps.js'
import { orderTokens, type OrderToken } from './order-tokens.js'
import { Enclosure, indentOf, isBlank, type Place, type PlanTextProblem, type SourceLine } from './source-lines.js'

export interface ReadOrder {
  edges: Edge[]
  /** Tasks that the order names. */
  placed: ReadonlySet<number>
  notes: string[]
  problems: PlanTextProblem[]
}

/**
 * Reads the lines below "Execution Order" for the tasks of those numbers, or of numbers that aren't known. Each line is a
 * step; they follow one another.
 */
export function readOrder(lines: readonly SourceLine[], numbers: readonly number[] | null): ReadOrder {
  const steps = new ExecutionSteps(numbers)
  const notes: string[] = []
  let open = null as OpenLabel | null
  const close = (): void => {
    if (open && open.tokens.length > 0) steps.add(open.tokens, open.manner)
    open = null
  }
  const enclosure = new Enclosure()
  for (const line of lines) {
    if (enclosure.inside(line.text) || isBlank(line.text) || /^\s*(?:<!--.*-->|\[[^\]]*\])\s*$/.test(line.text))
      continue
    const { manner, from } = readLabel(line.text)
    const tokens = orderTokens(line, from)
    const names = tokens.some(token => token.kind === 'tasks' || token.kind === 'all')
    if (open && indentOf(line.text) > open.indent && from === markerLength(line.text)) {
      // What is listed below "Sequential:" is one after the other, below "Parallel:" at the same time.
      const place: Place = { line: line.line, column: line.column }
      const joint: OrderToken = { ...place, text: ',', kind: open.manner === 'parallel' ? 'comma' : 'arrow' }
      open.tokens.push(...(open.tokens.length > 0 ? [joint] : []), ...tokens)
      continue
    }
    close()
    if (names) steps.add(tokens, manner)
    else if (manner !== null && tokens.every(token => token.kind !== 'word'))
      open = { manner, indent: indentOf(line.text), tokens: [] }
    else if (!/\b(?:none|n\/a)\b/i.test(line.text))
      notes.push(`Left out, as it names no task: “${oneLine(line.text, 120)}”`)
  }
  close()
  return { edges: steps.edges(), placed: steps.placed, notes, problems: steps.problems }
}

/** A label with nothing behind it: its tasks are listed below. */
interface OpenLabel {
  manner: Manner
  indent: number
  tokens: OrderToken[]
}

const markerLength = (text: string): number => /^\s*(?:(?:[-*+]|\d{1,3}[.)])(?:\s+|$))?/.exec(text)?.[0].length ?? 0

/** `- **Parallel** (max 2):`, `Phase 1 (sequential):`, `Step 2:`; a label names no task. */
function readLabel(text: string): { manner: Manner; from: number } {
  const from = markerLength(text)
  const [whole, label = ''] = /^([^:：→]*?)[:：](?:\*\*|__)?/.exec(text.slice(from)) ?? []
  const [dashed, dashedLabel = ''] = /^((?:\*\*|__)[^*_]+(?:\*\*|__))\s*[-–—]?\s/.exec(text.slice(from)) ?? []
  const [taken, words] = whole === undefined ? [dashed ?? '', dashedLabel] : [whole, label]
  if (taken === '' || /\btasks?\s*#?\[?\d/i.test(words)) return { manner: mannerOf(''), from }
  return { manner: mannerOf(words), from: from + taken.length }
}

const mannerOf = (label: string): Manner =>
  /parallel|concurrent|simultaneous|together/i.test(label)
    ? 'parallel'
    : /sequen|serial|in order|one (?:by|after)/i.test(label)
      ? 'sequential'
      : null
