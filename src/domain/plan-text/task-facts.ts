import { globProblem } from '../path-rules.js'
import { readTaskNumbers } from '../task-numbers.js'
import { codeSpanText, filler, maskCode } from './code-spans.js'
import { type PlanTextProblem, problemAt, restOf, type SourceLine } from './source-lines.js'

/** What may be said of a task on lines below it. */
export type Fact = 'paths' | 'doneWhen' | 'needs' | 'brief'

const label = (words: string): RegExp =>
  new RegExp(`^\\s*(?:[-*+]\\s+)?(?:\\*\\*|__)?(?:${words})(?:\\*\\*|__)?\\s*:(?:\\*\\*|__)?\\s*`, 'i')

const labels: readonly [Fact, RegExp][] = [
  ['paths', label('may (?:touch|write|change|edit)|touches|paths?|files?|globs?')],
  ['doneWhen', label('done when|done|acceptance(?: criteria)?|definition of done|success(?: criteria)?')],
  ['needs', label('needs?|depends on|dependencies|depends|requires|after')],
  ['brief', label('brief(?: (?:of|for) task \\d+)?')],
]

/** Reads `May touch: …` and its like; the value is what stands behind the colon. */
export function readFactLabel(line: SourceLine): { fact: Fact; value: SourceLine } | null {
  for (const [fact, pattern] of labels) {
    const match = pattern.exec(line.text)
    if (match) return { fact, value: restOf(line, match[0].length) }
  }
  return null
}

const pathForm = 'paths or globs, separated by commas: `accounts/models.py`, `accounts/migrations/**`'

/** Paths as code or bare, separated by commas; "none" for none at all. */
export function readPaths(line: SourceLine): { paths: string[]; problems: PlanTextProblem[] } {
  const paths: string[] = []
  const problems: PlanTextProblem[] = []
  if (isNothing(line.text)) return { paths, problems }
  const masked = maskCode(line.text)
  for (const { 0: piece, index } of masked.matchAll(/(?:(?![,;]|\s(?:and|or|&|\+)\s).)+/g)) {
    const words = [...piece.matchAll(/\([^()]*\)|\u0000+|[^\s\u0000]+/g)]
      .map(word => ({ at: index + word.index, masked: word[0] }))
      .filter(word => !/^(?:\(.*\)|and|or|&|\+)$/.test(word.masked))
    const isProse = words.length > 1 && words.some(word => !isCode(line.text, word.at) && !/[/.*]/.test(word.masked))
    if (isProse) {
      const first = words[0]?.at ?? index
      problems.push(problemAt(line, first, { found: line.text.slice(first, index + piece.length), expected: pathForm }))
      continue
    }
    for (const word of words) {
      const written = line.text.slice(word.at, word.at + word.masked.length)
      const path = isCode(line.text, word.at) ? codeSpanText(written) : written.replace(/\.$/, '')
      const problem = globProblem(path)
      if (problem === null) paths.push(path)
      else problems.push(problemAt(line, word.at, { found: path, expected: `${pathForm}; this one ${problem}` }))
    }
  }
  return { paths, problems }
}

const isCode = (text: string, at: number): boolean => text[at] === '`' && maskCode(text)[at] === filler

/** Numbers of tasks, as "task 1" or "Tasks 1, 2 and 4"; "no other task" for none. */
export function readNeeds(line: SourceLine): number[] | PlanTextProblem {
  if (isNothing(line.text)) return []
  const plain = line.text
    .slice(0, 300)
    .replace(/\([^()]*\)/g, ' ')
    .replace(/[*_`#]|\btasks?\b/gi, ' ')
    .replace(/\b(?:and|plus)\b|[&+]/gi, ',')
    .replace(/[.;\s]+$/, '')
  const numbers = readTaskNumbers(plain)
  return (
    numbers ??
    problemAt(line, 0, {
      found: line.text,
      expected: 'the numbers of tasks: `task 1`, `tasks 1, 2 and 4`, or `no other task`',
    })
  )
}

const isNothing = (text: string): boolean =>
  /^\s*(?:none|nothing|no(?: other)? (?:tasks?|paths?|files?)|n\/a|[-–—])(?:[\s,(].*|\.)?$/i.test(text)
