import { readFenceOpening } from '../fence-line.js'
import { cutBriefNote } from '../say/cut-to.js'
import {
  Enclosure,
  indentOf,
  isBlank,
  type Place,
  placeIn,
  type PlanTextProblem,
  problemAt,
  type SourceLine,
} from './source-lines.js'
import { type Fact, readFactLabel, readNeeds, readPaths } from './task-facts.js'
import { agentForm, brokenTaskLine, readAgentLine, readTaskLine } from './task-line.js'

/** A task as the text has it; null is what the text doesn't say. */
export interface TextTask extends Place {
  number: number
  title: string
  agent: string | null
  standsInFor?: string
  paths: string[] | null
  doneWhen: string | null
  /** Everything else that stands below the task, a brief of its own included; `''` for nothing. */
  brief: string
  needs: number[] | null
  /** Where the task says what it needs. */
  needsAt: Place
}

/** Reads the assignments. Lines below a task that say nothing special are its brief. */
export function readTasks(lines: readonly SourceLine[]): {
  tasks: TextTask[]
  notes: string[]
  problems: PlanTextProblem[]
} {
  const tasks: OpenTask[] = []
  const notes: string[] = []
  const problems: PlanTextProblem[] = []
  const enclosure = new Enclosure()
  for (const line of lines) {
    const current = tasks.at(-1)
    if (enclosure.inside(line.text)) {
      current?.enclosed(line, enclosure.open)
      continue
    }
    const begun = readTaskLine(line)
    if (begun) {
      problems.push(...begun.problems)
      const twin = tasks.find(task => task.number === begun.number)
      if (twin)
        problems.push(
          problemAt(line, line.text.length - line.text.trimStart().length, {
            found: line.text.trim(),
            expected: `a number of its own for each task: task ${begun.number} stands on line ${twin.line} already`,
          }),
        )
      tasks.push(new OpenTask(line, begun, begun.problems.length > 0))
      continue
    }
    const broken = brokenTaskLine(line)
    if (broken) problems.push(broken)
    else if (current) problems.push(...current.add(line))
  }
  for (const task of tasks) problems.push(...task.close())
  return { tasks, notes, problems }
}

type Open = { fact: Fact; indent: number; empty: boolean }

class OpenTask implements TextTask {
  readonly number: number
  readonly title: string
  agent: string | null
  standsInFor?: string
  paths: string[] | null = null
  doneWhen: string | null = null
  brief = ''
  needs: number[] | null = null
  needsAt: Place
  readonly line: number
  readonly column: number
  readonly #source: SourceLine
  /** Its line is broken: what it lacks need not be said, too. */
  readonly #broken: boolean
  /** Paragraphs, lists and folded texts, each as its lines. */
  readonly #chunks: string[][] = []
  #folded: string[] | null = null
  #open: Open | null = null

  constructor(
    source: SourceLine,
    begun: { number: number; title: string; agent: { name: string; standsInFor?: string } | null },
    broken: boolean,
  ) {
    this.#source = source
    this.#broken = broken
    this.number = begun.number
    this.title = begun.title
    this.agent = begun.agent?.name ?? null
    if (begun.agent?.standsInFor !== undefined) this.standsInFor = begun.agent.standsInFor
    const { line, column } = placeIn(source, source.text.length - source.text.trimStart().length)
    this.line = line
    this.column = column
    this.needsAt = { line, column }
  }

  /** A line of a fence or of `<details>`, with the lines that begin and end it. */
  enclosed(line: SourceLine, goesOn: boolean): void {
    if (!this.#folded) {
      this.#open = null
      this.#folded = []
    }
    this.#folded.push(line.text)
    if (goesOn) return
    this.#chunks.push(readFenceOpening(this.#folded[0] ?? '') ? this.#folded : unfold(this.#folded))
    this.#folded = null
  }

  add(line: SourceLine): PlanTextProblem[] {
    if (isBlank(line.text)) {
      if (!this.#open?.empty) this.#open = null
      this.#chunks.at(-1)?.push('')
      return []
    }
    const label = readFactLabel(line)
    if (label) {
      this.#open = { fact: label.fact, indent: indentOf(line.text), empty: isBlank(label.value.text) }
      return this.#say(label.fact, label.value)
    }
    if (/^\s*(?:[-*+]\s+)?Reads the pull request, writes nothing\.?\s*$/i.test(line.text)) {
      this.paths = []
      return []
    }
    const agent = readAgentLine(line)
    if (agent && this.agent === null) {
      if ('found' in agent) return [agent]
      this.agent = agent.name
      return []
    }
    const open = this.#open
    if (open && open.fact !== 'brief' && (indentOf(line.text) > open.indent || (!open.empty && !isItem(line.text)))) {
      const marker = /^\s*(?:(?:[-*+]|\d{1,3}[.)])\s+)?(?:\[[ xX]\]\s+)?/.exec(line.text)?.[0].length ?? 0
      return this.#say(open.fact, { ...placeIn(line, marker), text: line.text.slice(marker) })
    }
    this.#open = null
    const chunk = this.#chunks.at(-1)
    if (chunk) chunk.push(line.text)
    else this.#chunks.push([line.text])
    return []
  }

  #say(fact: Fact, value: SourceLine): PlanTextProblem[] {
    const text = value.text.trim()
    switch (fact) {
      case 'paths': {
        const { paths, problems } = readPaths(value)
        this.paths = [...(this.paths ?? []), ...paths]
        return problems
      }
      case 'doneWhen': {
        const separator = this.#open?.empty ? '; ' : ' '
        this.doneWhen = this.doneWhen ? `${this.doneWhen}${separator}${text}` : text
        return []
      }
      case 'needs': {
        if (text === '') return []
        const needs = readNeeds(value)
        if (!Array.isArray(needs)) return [needs]
        this.needs = [...(this.needs ?? []), ...needs]
        this.needsAt = { line: value.line, column: value.column }
        return []
      }
      case 'brief':
        this.#chunks.push(text === '' ? [] : [text])
        return []
    }
  }

  close(): PlanTextProblem[] {
    if (this.#folded) this.#chunks.push(unfold(this.#folded))
    const texts = this.#chunks.map(dedent).filter(text => text !== '')
    // Of a brief that was cut for its comment nobody knows the rest.
    this.brief = texts.some(text => text.includes(cutBriefNote)) ? '' : texts.join('\n\n')
    if (this.agent !== null || this.#broken) return []
    return [problemAt(this.#source, this.#source.text.trimEnd().length, { found: '', expected: agentForm })]
  }
}

const isItem = (text: string): boolean => /^\s*(?:[-*+]|\d{1,3}[.)])\s/.test(text)

/** What `<details>` holds, without its tags and its summary. */
function unfold(lines: readonly string[]): string[] {
  const text = lines.join('\n')
  const inner = text
    .replace(/^\s*<details\b[^>]*>\s*(?:<summary\b[^>]*>.*?<\/summary\s*>)?/is, '')
    .replace(/<\/details\s*>\s*$/i, '')
  return inner.split('\n')
}

/** Lines as one text: without blank ones around them, and without the indent that all of them have. */
function dedent(lines: readonly string[]): string {
  const first = lines.findIndex(line => !isBlank(line))
  if (first < 0) return ''
  const kept = lines.slice(first, lines.findLastIndex(line => !isBlank(line)) + 1)
  const width = Math.min(...kept.filter(line => !isBlank(line)).map(line => line.length - line.trimStart().length))
  return kept
    .map(line => line.slice(Math.min(width, line.length - line.trimStart().length)))
    .join('\n')
    .trim()
}
