import { codeSpanLength, codeSpanText, maskCode } from './code-spans.js'
import { problemAt, type PlanTextProblem, restOf, type SourceLine } from './source-lines.js'

/** `Task N: … → AGENT: @agent-name`, the agent perhaps on a line of its own further down. */
export interface TaskLine {
  number: number
  title: string
  agent: NamedAgent | null
  problems: PlanTextProblem[]
}

export interface NamedAgent {
  name: string
  /** "in place of", as the plan comment says it. */
  standsInFor?: string
}

/** What is said where an agent is missing or can't be read. */
export const agentForm = '`→ AGENT: @agent-name`, one agent for each task'
const taskForm = '`Task 1: what is done → AGENT: @agent-name`'

const start =
  /^(?<lead>\s*(?:#{1,6}\s+)?(?<item>(?:[-*+]|\d{1,3}[.)])\s+)?(?:\[[ xX]\]\s+)?)(?<bold>\*\*|__)?task(?:\s*#?\s*(?<number>\d{1,3})(?!\d))?(?<after>.*)$/is

/**
 * The beginning of a task's line: its number, and where its title begins. A line that only mentions a task ("Task 2 can
 * wait") is none, unless `loose`, which takes any line that begins with the word.
 */
export function readTaskStart(text: string): { number: number; bold: string; rest: number } | null {
  const groups = start.exec(text)?.groups
  if (groups?.['number'] === undefined) return null
  const { bold = '', after = '' } = groups
  const separator = /^(?:\*\*|__)?\s*(?::|[.)](?=\s)|[-–—|](?=\s))/.exec(after)?.[0]
  if (separator === undefined && !agentMark(after)) return null
  return { number: Number(groups['number']), bold, rest: text.length - after.length + (separator?.length ?? 0) }
}

/** A line that was probably meant as a task's, and is none. */
export function brokenTaskLine(line: SourceLine): PlanTextProblem | null {
  const groups = start.exec(line.text)?.groups
  if (!groups || groups['item'] !== undefined) return null
  const isTask =
    groups['number'] !== undefined ||
    /^\s*(?::|#|(?:one|two|three|four|five|six|[a-f])\b\s*:)/i.test(groups['after'] ?? '')
  if (!isTask) return null
  return problemAt(line, (groups['lead'] ?? '').length, {
    found: line.text.trim(),
    expected: taskForm,
  })
}

/** Reads a task's line. A numbered item counts when it names an agent. */
export function readTaskLine(line: SourceLine): TaskLine | null {
  const begun = readTaskStart(line.text) ?? readNumberedItem(line.text)
  if (!begun) return null
  const rest = restOf(line, begun.rest)
  const mark = agentMark(rest.text)
  const problems: PlanTextProblem[] = []
  let title = mark ? withoutArrow(rest.text.slice(0, mark.start)) : rest.text
  let agent: NamedAgent | null = null
  if (mark) {
    const read = readAgent(restOf(rest, mark.end), { parenthesis: mark.parenthesis })
    if ('found' in read) problems.push(read)
    else agent = read
  }
  // `**Task 1: Design** → …` and `**Task 1**: Design → …`
  if (begun.bold !== '' && !line.text.slice(0, begun.rest).replace(begun.bold, '').includes(begun.bold))
    title = title.replace(begun.bold, '')
  title = title.trim()
  if (!/[\p{L}\p{N}]/u.test(title))
    problems.push(
      problemAt(rest, rest.text.length - rest.text.trimStart().length, {
        found: rest.text,
        expected: `what the task does: ${taskForm}`,
      }),
    )
  return { number: begun.number, title, agent, problems }
}

function readNumberedItem(text: string): { number: number; bold: string; rest: number } | null {
  const [whole, number] = /^\s*(\d{1,3})[.)]\s+/.exec(text) ?? []
  if (whole === undefined || !agentMark(text.slice(whole.length))) return null
  return { number: Number(number), bold: '', rest: whole.length }
}

/** A title without the one arrow, or what people write in its stead, that leads to the agent. */
const withoutArrow = (text: string): string =>
  text.trimEnd().replace(/(?:→|⟶|➜|➔|⇒|-{1,2}>|={1,2}>|[–—]>|[|(,;–—-])$/, '')

/** Where the agent's label stands and where its name begins. The last label counts: a title may hold one of its own. */
function agentMark(text: string): { start: number; end: number; parenthesis: boolean } | null {
  for (const shown of [maskCode(text), text])
    for (const pattern of agentLabels) {
      const match = [...shown.matchAll(pattern)].at(-1)
      if (!match) continue
      const begin = match.index + (match[1] ?? '').length
      const parenthesis = /\(\s*$/.test(text.slice(0, begin))
      const end = match.index + match[0].length
      return { start: begin, end, parenthesis }
    }
  return null
}

const agentLabels: readonly RegExp[] = [
  /(^|[^\p{L}\p{N}_@-])(?:\*\*|__|`)?(?:SUB-?)?AGENT(?:\*\*|__)?\s*:(?:\*\*|__)?/gu,
  /((?:→|⟶|➜|➔|⇒|->|=>|[(|–—]|\s-)\s*)(?:\*\*|__|`)?(?:sub-?)?agent(?:\*\*|__)?\s*:(?:\*\*|__)?/giu,
  /((?:→|⟶|➜|➔|⇒|->|=>)\s*)(?=(?:\*\*|__|`)?@agents?[-/])/giu,
]

/** Reads `AGENT: name` as a line of its own. */
export function readAgentLine(line: SourceLine): NamedAgent | PlanTextProblem | null {
  const match =
    /^\s*(?:[-*+]\s+)?(?:(?:→|⟶|➜|➔|⇒|->|=>)\s*)?(?:\*\*|__|`)?(?:sub-?)?agent(?:\*\*|__)?\s*:(?:\*\*|__)?|^\s*(?:[-*+]\s+)?(?:→|⟶|➜|➔|⇒|->|=>)\s*(?=(?:\*\*|__|`)?@agents?[-/])/i.exec(
      line.text,
    )
  return match && readAgent(restOf(line, match[0].length), { parenthesis: false })
}

/** Reads the name at the beginning of a text. What follows in parentheses or behind a dash is a remark. */
function readAgent(line: SourceLine, { parenthesis }: { parenthesis: boolean }): NamedAgent | PlanTextProblem {
  const lead = line.text.length - line.text.trimStart().length
  const text = line.text.slice(lead)
  const span = codeSpanLength(text, 0)
  const [bold] = /^(\*\*|__)[^*_]+?\1/.exec(text) ?? []
  const [bare = ''] = /^@[\w./-]+|^[\p{L}\p{N}](?:[\p{L}\p{N} _./-]*[\p{L}\p{N}])?/u.exec(text.slice(0, 200)) ?? []
  const [bareName = ''] = bare.split(/ [-–—] /)
  const written = span > 0 ? text.slice(0, span) : (bold ?? bareName.trimEnd())
  const name = plainAgent(span > 0 ? codeSpanText(written) : written.replace(/^(\*\*|__)(.*)\1$/, '$2'))
  if (name === null) return problemAt(line, lead, { found: text, expected: agentForm })
  const after = text.slice(written.length).trimStart()
  const isRemark = /^`?(?:\*\*|__)?[.,;:]*\s*(?:$|\(|[–—-]\s)/.test(after) || (parenthesis && after.startsWith(')'))
  if (!isRemark) return problemAt(line, line.text.length - after.length, { found: after, expected: agentForm })
  const place = /^\(in place of (`.*`)\)/.exec(after)?.[1]
  return { name, ...(place !== undefined && { standsInFor: codeSpanText(place) }) }
}

/** `@agent-code-reviewer`, `@agents/core/code-reviewer`, `code-reviewer.` → `code-reviewer` */
function plainAgent(written: string): string | null {
  const name = written
    .trim()
    .replace(/^`|`$/g, '')
    .replace(/^@?agent-|^@/i, '')
    .replace(/^.*\//, '')
    .replace(/\.md$/i, '')
    .replace(/[.,;:]+$/, '')
    .trim()
  return /^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,79}$/u.test(name) ? name : null
}
