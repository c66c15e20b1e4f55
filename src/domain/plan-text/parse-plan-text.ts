import { oneLine } from '../defuse.js'
import { type PlanDraft, planLimits } from '../plan.js'
import { cutNote } from '../say/cut-to.js'
import { orderTasks } from './dependencies.js'
import { findPlan } from './find-plan.js'
import { listItems } from './list-items.js'
import { readOrder } from './read-order.js'
import { splitSections } from './sections.js'
import { type Place, type PlanTextProblem, problemAt, type SourceLine, sourceLines } from './source-lines.js'
import { readTasks, type TextTask } from './task-blocks.js'

export type PlanReading =
  /**
   * `draft` has `''` and `[]` for what the text doesn't say (paths, "done when", brief, analysis, …). `places` tells
   * where each of its tasks stands, `notes` are sentences about what was left out or decided.
   */
  | { ok: true; draft: PlanDraft; places: Place[]; notes: string[] }
  /** Everything that can't be read, in the order of the text. */
  | { ok: false; problems: PlanTextProblem[] }

/**
 * Reads a plan in its textual form: the one in which the plan comment shows it, and those that people and other tools
 * use for it. A fence or quotation around it, and words around that, are no matter. `from` is where the text begins in
 * what its author wrote, so that problems name the lines that the author sees.
 *
 * What {@link renderPlan} writes of a plan is read as the same plan: tasks, agents, paths and dependencies are equal;
 * texts are as rendered (on one line, with what acts shown as code), and stay so from then on.
 */
export function parsePlanText(text: string, from?: Place): PlanReading {
  const found = findPlan(text, from)
  const lines = found?.lines ?? sourceLines(text, from)
  const { lines: sections, notes } = splitSections(lines)
  const read = readTasks(sections.tasks ?? [])
  const problems = [...read.problems, ...cuts(lines), ...amounts(read.tasks)]
  if (read.tasks.length === 0 && read.problems.length === 0) problems.push(noTask(lines, sections.tasks))
  // Where tasks can't be read, nobody can tell whether the order names others.
  const numbers = problems.length === 0 ? read.tasks.map(task => task.number) : null
  const order = sections.order && readOrder(sections.order, numbers)
  problems.push(...(order?.problems ?? []))
  const ordered = problems.length === 0 ? orderTasks(read.tasks, order) : null
  problems.push(...(ordered?.problems ?? []))
  if (!ordered || problems.length > 0) return { ok: false, problems: inOrder(problems) }

  const numberOf = new Map(ordered.tasks.map(({ task }, index) => [task.number, index + 1]))
  const draft: PlanDraft = {
    analysis: withoutStack(texts(sections.analysis)),
    tasks: ordered.tasks.map(({ task, needs }) => ({
      title: task.title,
      agent: task.agent ?? '',
      ...(task.standsInFor !== undefined && { insteadOf: task.standsInFor }),
      paths: task.paths ?? [],
      doneWhen: task.doneWhen ?? '',
      brief: task.brief,
      dependsOn: needs.map(number => numberOf.get(number) ?? number).sort((a, b) => a - b),
    })),
    agents: texts(sections.agents).flatMap(readReason),
    instructions: texts(sections.instructions),
    risks: texts(sections.risks),
  }
  return {
    ok: true,
    draft,
    places: ordered.tasks.map(({ task: { line, column } }) => ({ line, column })),
    notes: [...around(found?.around ?? []), ...notes, ...(order?.notes ?? []), ...ordered.notes],
  }
}

const texts = (lines: readonly SourceLine[] | null): string[] => listItems(lines ?? []).map(item => item.text)

/** The plan comment ends its analysis with the stack, which is found anew each time. */
const withoutStack = (analysis: string[]): string[] =>
  analysis.at(-1)?.startsWith('Stack: ') ? analysis.slice(0, -1) : analysis

/** `- django-orm-expert: Database schema`, also with a dash, in bold or as code. */
function readReason(text: string): PlanDraft['agents'] {
  const match = /^[`*_]*@?(?:agents?[-/])?([\p{L}\p{N}][\p{L}\p{N}_./-]*)[`*_]*(?:\s*:|\s+[-–—])[`*_]*\s*(.+)$/u.exec(
    text,
  )
  const name = match?.[1]?.replace(/^.*\//, '')
  return name === undefined || match?.[2] === undefined ? [] : [{ name, why: match[2] }]
}

function noTask(lines: readonly SourceLine[], tasks: SourceLine[] | null): PlanTextProblem {
  const first = (tasks ?? lines).find(line => line.text.trim() !== '') ?? lines[0] ?? { text: '', line: 1, column: 1 }
  return problemAt(first, 0, {
    found: first.text.trim(),
    expected: 'at least one task, `Task 1: what is done → AGENT: @agent-name`, below `### SubAgent Assignments`',
  })
}

/** A plan that was too long for its comment isn't whole. */
const cuts = (lines: readonly SourceLine[]): PlanTextProblem[] =>
  lines
    .filter(line => line.text.trim() === cutNote)
    .map(line => problemAt(line, 0, { found: cutNote, expected: 'the whole plan' }))

/** Making a text harmless for a comment may lengthen it, by twice at most: what was allowed stays allowed. */
const slack = 2

function amounts(tasks: readonly TextTask[]): PlanTextProblem[] {
  const extra = tasks[planLimits.tasks]
  const most = (number: number, what: string): string => `at most ${number.toLocaleString('en-US')} ${what}`
  return [
    ...(extra
      ? [
          {
            line: extra.line,
            column: extra.column,
            found: `task number ${planLimits.tasks + 1} of this plan`,
            expected: most(planLimits.tasks, 'tasks'),
          },
        ]
      : []),
    ...tasks.flatMap(({ line, column, title, paths, doneWhen, brief }) => {
      const told = (found: string, expected: string): PlanTextProblem => ({ line, column, found, expected })
      return [
        ...(title.length > planLimits.title * slack
          ? [told(oneLine(title, 80), `a title of ${most(planLimits.title, 'characters')}`)]
          : []),
        ...((paths?.length ?? 0) > planLimits.paths
          ? [told(`${paths?.length} paths`, `${most(planLimits.paths, 'paths')}: globs name many files at once`)]
          : []),
        ...((doneWhen?.length ?? 0) > planLimits.doneWhen * slack
          ? [told(`a “Done when” of ${doneWhen?.length} characters`, most(planLimits.doneWhen, 'characters'))]
          : []),
        ...(brief.length > planLimits.brief * slack
          ? [told(`a brief of ${brief.length} characters`, most(planLimits.brief, 'characters'))]
          : []),
      ]
    }),
  ]
}

const inOrder = (problems: readonly PlanTextProblem[]): PlanTextProblem[] =>
  [...problems].sort((a, b) => a.line - b.line || a.column - b.column)

const around = (lines: readonly SourceLine[]): string[] => {
  const [first] = lines
  return first
    ? [`Left out, as it stands around the plan: “${oneLine(first.text, 120)}”${lines.length > 1 ? ' and more' : ''}`]
    : []
}
