import type { AgentCard } from '../domain/agent.js'
import type { ChangedFile } from '../domain/changed-files.js'
import type { Focus } from '../domain/focus-areas.js'
import { saysNothing } from '../domain/handoff.js'
import type { InstructionText } from '../domain/instructions.js'
import type { Neighbours } from '../domain/neighbours.js'
import type { Plan, PlanTask } from '../domain/plan.js'
import type { Report } from '../domain/report.js'
import type { SensitiveChange } from '../domain/sensitive-changes.js'
import type { ProjectCommand, Stack } from '../domain/stack/stack.js'
import { nameTasks } from '../domain/task-numbers.js'
import { dataBlock } from './data-block.js'
import { describeCommands, describeStack } from './describe-stack.js'
import { repositoryMap } from './repository-map.js'

/** What every brief may draw on. Text from outside is cleaned already. */
export interface BriefSources {
  issue: { number: number; title: string; body: string }
  /** Paths of the tree that the agent works in, sorted. */
  files: string[]
  /** The repository's own instructions for this work, root first. */
  instructions: InstructionText[]
}

/** What a task that is done left for others: its report, and its files as git says them (null when nothing changed). */
export interface Handed {
  task: PlanTask
  report: Report
  commit: { files: { path: string }[] } | null
}

/** The tech lead's first message. A revision adds the last plan and what was said of it. */
export function planBrief(
  sources: BriefSources & {
    comments: { author: string; text: string }[]
    stack: Stack
    /** Instructions that hold for parts of the repository only, by path. */
    moreInstructions: string[]
    roster: AgentCard[]
    neighbours: Neighbours
    revision: { plan: string; feedback: string } | null
    /** What was asked and answered before, round by round. */
    answers: { questions: string[]; text: string }[]
    /** Questions will do in place of a plan. */
    mayAsk: boolean
  },
): string {
  const { issue, comments, stack, roster, revision, answers, mayAsk } = sources
  return joined([
    issueBlock(issue),
    ...comments.map(({ author, text }) => dataBlock('comment', `${author}:\n${text}`)),
    ...answers.map(
      ({ questions, text }) => `# Your questions\n${list(questions)}\n\n${dataBlock('feedback', text || noAnswer)}`,
    ),
    !mayAsk && 'Nothing more can be asked: decide what is still open, and say so.',
    neighboursBlock(sources.neighbours),
    dataBlock('stack', describeStack(stack)),
    roster.some(isBrought) && preferBrought,
    dataBlock(
      'roster',
      list(
        roster
          .filter(agent => agent.role !== 'lead')
          .map(agent => `${agent.name}${kindOf(agent)}: ${agent.description}`),
      ),
    ),
    instructionsBlock(sources.instructions, sources.moreInstructions),
    dataBlock('map', repositoryMap(sources.files, { lines: 250 })),
    revision &&
      `# Revise\nThis is the plan so far; a maintainer wants it changed. Change what the feedback asks for and keep the rest word for word.\n\n${dataBlock('plan', revision.plan)}\n\n${dataBlock('feedback', revision.feedback)}`,
  ])
}

/** A specialist's first message. */
export function taskBrief(
  sources: BriefSources & {
    plan: Plan
    task: PlanTask
    /** What the tasks it depends on left, in plan order. */
    handoffs: Handed[]
    /** Files that the task's paths name and that exist, with their text; null for those there was no room for. */
    named: { path: string; text: string | null }[]
    /** How what its paths lie in is tested and built. */
    commands: ProjectCommand[]
    commandsOff: boolean
    /** What came of the repository's setup; null where it has none. */
    setup: 'done' | 'failed' | null
    /** Why it is done again, when it is. */
    again: string | null
  },
): string {
  const { plan, task, handoffs, named, issue, again } = sources
  return joined([
    `# Your task: ${task.title} (task ${task.number} of ${plan.tasks.length})\n${task.brief}`,
    `Done when: ${task.doneWhen}`,
    `Paths you may write: ${task.paths.join(', ')}`,
    sources.commandsOff &&
      'Commands are off on this machine: read and edit only, and say in `checks` what was not run.',
    sources.setup && setupTexts[sources.setup],
    again && `# Again\n${again}`,
    ...handoffs.map(handed => dataBlock('handoff', account(handed, noHandoff(handed)))),
    issueBlock(issue),
    sources.commands.length > 0 && dataBlock('commands', describeCommands(sources.commands)),
    instructionsBlock(sources.instructions),
    dataBlock(
      'map',
      repositoryMap(sources.files, { near: [...task.paths, ...handoffs.flatMap(({ report }) => report.files)] }),
    ),
    named.length > 0 &&
      dataBlock(
        'files',
        named
          .map(({ path, text }) => `== ${path}\n${text ?? '(too long for the brief: read what you need of it)'}`)
          .join('\n\n'),
      ),
  ])
}

/** The reviewer's first message. */
export function reviewBrief(
  sources: BriefSources & {
    plan: string
    tasks: PlanTask[]
    reports: Handed[]
    /** What this review is for. */
    focus: string[]
    /** What to mind, for what changed. */
    areas: Focus[]
    /** Lock files that changed, and what runs by itself. */
    sensitive: readonly SensitiveChange[]
    /** Every file of the diff, and which tasks touched it. */
    changed: ChangedFile[]
    diff: string
  },
): string {
  const { issue, plan, reports, focus, areas, sensitive, changed, diff } = sources
  return joined([
    `# Review\n${list(focus)}`,
    areas.length > 0 && `# Look closely at\n${dataBlock('areas', list(areas.map(describeFocus)))}`,
    sensitive.length > 0 &&
      `# What can bring in foreign code\nDoes the plan call for each change, and is nothing else in it?\n${dataBlock('changes', list(sensitive.map(({ path, what }) => `${path}: ${what}`)))}`,
    issueBlock(issue),
    dataBlock('plan', plan),
    ...reports.map(handed => dataBlock('report', account(handed))),
    instructionsBlock(sources.instructions),
    changed.length > 0 && dataBlock('files', list(changed.map(describeChanged))),
    dataBlock('diff', diff),
  ])
}

function describeFocus({ what, files }: Focus): string {
  const more = files.length > 3 ? ` and ${files.length - 3} more` : ''
  return `${what} (${files.slice(0, 3).join(', ')}${more})`
}

const describeChanged = ({ path, status, added, deleted, tasks }: ChangedFile): string =>
  `${path} ${status} +${added} -${deleted}${tasks.length > 0 ? `, ${nameTasks(tasks)}` : ''}`

/** What one specialist leaves: its report in the seed's form, the files and the hand-off first. */
function account({ task, report }: Handed, without = ''): string {
  return [
    `Task ${task.number}, ${task.title} (${task.agent}): completed "${report.title}"`,
    `Files: ${report.files.join(', ') || 'none'}`,
    saysNothing(report.nextSpecialistNeeds) ? without : `Next specialist needs:\n${list(report.nextSpecialistNeeds)}`,
    ...report.sections.map(({ heading, items }) => `${heading}:\n${list(items)}`),
    report.checks.length > 0
      ? `Checks:\n${list(report.checks.map(({ command, result }) => `${command}: ${result}`))}`
      : '',
    report.notDone.length > 0 ? `Not done:\n${list(report.notDone)}` : '',
  ]
    .filter(Boolean)
    .join('\n')
}

const setupTexts = {
  done: 'Dependencies are installed in your tree and stay out of commits; commands reach no network for more.',
  failed: 'Installing the dependencies failed: do without, and say in `checks` what could not run.',
}

const noAnswer = '(Nothing that can be read: the comment was deleted, or shows nothing.)'

const noHandoff = ({ task, commit }: Handed): string =>
  `Task ${task.number} left no hand-off; read what you need of the files that it changed instead: ${commit?.files.map(({ path }) => path).join(', ') ?? 'none'}`

const issueBlock = ({ number, title, body }: BriefSources['issue']): string =>
  dataBlock('issue', `#${number}: ${title}\n\n${body}`)

/** `more`: paths of those that go to the tasks of their parts. */
const instructionsBlock = (instructions: BriefSources['instructions'], more: string[] = []): string | false =>
  instructions.length + more.length > 0 &&
  dataBlock(
    'instructions',
    [
      instructions.length > 1 && 'Where they disagree, the later one is nearer to the files, and holds.',
      ...instructions.map(({ path, text }) => `== ${path}\n${text}`),
      more.length > 0 && `Instructions for parts of it, which go to the tasks there: ${more.join(', ')}`,
    ]
      .filter(Boolean)
      .join('\n\n'),
  )

/** What is under way already; most of it is none of this plan's business. */
function neighboursBlock({ pullRequests, runs }: Neighbours): string | false {
  const lines = [
    ...pullRequests.map(({ number }) => `Pull request ${number} of an earlier run of this issue is open.`),
    ...runs
      .slice(-20)
      .map(
        ({ issue, paths, approved }) =>
          `Issue ${issue.number}, ${issue.title}: its plan, ${approved ? 'approved' : 'not approved yet'}, may touch ${paths.slice(0, 20).join(', ')}`,
      ),
  ]
  return lines.length > 0 && dataBlock('runs', lines.join('\n'))
}

const isBrought = (agent: AgentCard): boolean => agent.role !== 'lead' && agent.origin === 'repository'

const preferBrought = 'Where one of the repository’s own fits a task as well as another, choose it.'

function kindOf(agent: AgentCard): string {
  const kinds = [
    agent.role === 'reviewer' && 'reviewer, writes nothing',
    agent.universal && 'universal',
    isBrought(agent) && 'the repository’s own',
  ].filter(kind => kind !== false)
  return kinds.length > 0 ? ` (${kinds.join('; ')})` : ''
}

const list = (items: string[]): string => items.map(item => `- ${item}`).join('\n')

const joined = (parts: (string | false | null)[]): string => parts.filter(part => part).join('\n\n')
