import type { ApprovalNeeds } from '../approval.js'
import { inlineCode } from '../code-markdown.js'
import { defuseLine } from '../defuse.js'
import { diffPlans } from '../diff-plans.js'
import { stages } from '../execution-order.js'
import type { Estimate } from '../estimate.js'
import type { Hidden } from '../hidden-text.js'
import { namedProtected } from '../path-rules.js'
import { type Plan, planLimits, type PlanTask } from '../plan.js'
import type { Stack } from '../stack/stack.js'
import { nameTasks } from '../task-numbers.js'
import { renderApprovalNeeds } from './approval.js'
import { commentLimit, cutBesideNote, cutBriefNote, cutTo } from './cut-to.js'
import { count, money, shortSha } from './figures.js'
import { stackInFull, stackLine } from './stack-markdown.js'
import { type Given, renderGiven } from './given-plan.js'
import { bullets, folded, type Links, paths, prose, sections } from './lists.js'

/** Everything that the plan comment shows. */
export interface PlanView {
  plan: Plan
  /** Who must approve it. */
  needs?: ApprovalNeeds
  /** The version that this one replaces: the comment then begins with what differs. */
  previous: Plan | null
  /** Somebody else than the tech lead made it. */
  given?: Given | null
  /** What whoever decides should know first, in sentences of the App's own with its links. */
  notices?: readonly string[]
  stack: Stack
  /** What the tech lead read: commit, files (for their number), the issue's digest and how many comments. */
  read: { commit: string; branch: string; files: readonly string[]; issueDigest: string; comments: number }
  /** The repository's own instructions that were followed, by path. */
  instructions?: readonly string[]
  /** Agent files that can't be used, or not as they stand (`used`), with the reason. */
  agentProblems?: readonly { file: string; problem: string; used?: boolean }[]
  hidden: readonly Hidden[]
  /** Globs that the repository protects, besides those that always are. */
  protectedPaths?: readonly string[]
  /** Sentences about fallbacks and the like. */
  notes: readonly string[]
  /** What it will probably cost; nothing is claimed where nothing is known. */
  estimate?: Estimate | null
  /** What planning cost so far, US dollars. */
  spentUsd: number
  links?: Links
}

/**
 * The plan, in the form of the seed's: five headings, then the numbered approach and one question. Each task's brief is
 * folded below it, since the approval covers it. `parsePlanText` reads the same plan from it.
 */
export function renderPlan(view: PlanView): string {
  const end = sections('---', renderQuestion(view), renderRead(view))
  // What one decides by must not be what is cut; and a brief is cut before whole tasks are.
  const room = commentLimit - end.length - 2
  const whole = renderPromise(view, Infinity)
  const share = Math.floor((room - renderPromise(view, 0).length) / view.plan.tasks.length)
  const promise = whole.length <= room ? whole : cutTo(renderPromise(view, Math.max(share, 200)), room)
  const more = renderMore(view)
  const rest = room - promise.length - 2
  return sections(promise, rest >= leastOfMore && cutTo(more, rest, cutBesideNote), end)
}

/** Less of what is told beside the plan isn't worth it. */
const leastOfMore = 200

/** What is approved, in the seed's headings. */
function renderPromise(view: PlanView, briefLimit: number): string {
  const { plan, previous, links = {} } = view
  const tasks = plan.tasks.map(task => renderTask(task, { links, briefLimit, alone: plan.tasks.length === 1 }))
  return sections(
    previous && renderChanges(previous, plan),
    view.given && renderGiven(view.given, plan),
    renderNotices(view),
    `### Task Analysis\n${bullets([...plan.analysis], links)}\n- ${stackLine(view.stack)}`,
    `### SubAgent Assignments\n${tasks.join('\n\n')}`,
    `### Execution Order\n${renderOrder(plan.tasks)}`,
    `### Available Agents for This Project\n${renderAgents(plan, links)}`,
    `### Instructions to Main Agent\n${bullets(plan.instructions, links)}`,
    plan.risks.length > 0 && `**Risks**\n${bullets(plan.risks, links)}`,
  )
}

/** What was noticed beside it. */
const renderMore = (view: PlanView): string =>
  sections(
    view.notes.length > 0 && `**Note**\n${bullets(view.notes, view.links)}`,
    view.hidden.length > 0 && renderHidden(view.hidden),
    renderAgentProblems(view),
    stackInFull(view.stack),
  )

function renderChanges(previous: Plan, plan: Plan): string {
  const changes = diffPlans(previous, plan)
  const heading = `**Version ${plan.version}**, in place of ${inlineCode(previous.id)}. What differs:`
  const more = changes.length > mostChanges ? [`- and ${changes.length - mostChanges} more`] : []
  const lines = changes.length > 0 ? bullets(changes.slice(0, mostChanges)) : '- nothing in the tasks; the wording may'
  return [heading, lines, ...more].join('\n')
}

const mostChanges = 30

/** The parser knows it by its first words. */
const renderNotices = ({ notices = [] }: PlanView): string | false =>
  notices.length > 0 && `⚠️ **Before you decide**, mind this:\n${notices.map(notice => `- ${notice}`).join('\n')}`

function renderTask(task: PlanTask, shown: { links: Links; briefLimit: number; alone: boolean }): string {
  const { links } = shown
  const stead = task.fallbackFor === undefined ? '' : ` (in place of ${inlineCode(task.fallbackFor)})`
  const needs = task.dependsOn.length > 0 ? nameTasks(task.dependsOn) : 'no other task'
  const facts = [
    task.kind === 'review'
      ? 'Reads the pull request, writes nothing'
      : `May touch: ${paths(task.paths, planLimits.paths)}`,
    `Done when: ${defuseLine(task.doneWhen, planLimits.doneWhen * 2, links)}`,
    !shown.alone && `Needs: ${needs}`,
  ].filter(fact => fact !== false)
  const title = defuseLine(task.title, planLimits.title * 2, links)
  return sections(
    `Task ${task.number}: ${title} → AGENT: ${inlineCode(`@agent-${task.agent}`)}${stead}\n${facts.map(fact => `- ${fact}`).join('\n')}`,
    task.brief.trim() !== '' && folded(`Brief of task ${task.number}`, renderBrief(task.brief, shown)),
  )
}

/** A brief with what acts taken out; rendered again, it stays as it is. */
function renderBrief(brief: string, { links, briefLimit }: { links: Links; briefLimit: number }): string {
  let text = prose(brief, links)
  while (text !== text.trim()) text = prose(text, links)
  return briefLimit === Infinity ? text : cutTo(text, briefLimit, cutBriefNote)
}

/** Waves of one task run on in a Sequential line; a wave of several is a Parallel line. */
function renderOrder(tasks: readonly PlanTask[]): string {
  const lines: string[] = []
  let row: number[] = []
  const flush = (): void => {
    if (row.length > 0) lines.push(`- **Sequential**: ${row.map(number => `Task ${number}`).join(' → ')}`)
    row = []
  }
  for (const wave of stages(tasks)) {
    if (wave.length === 1) {
      row.push(...wave)
      continue
    }
    flush()
    lines.push(`- **Parallel**: ${wave.map(number => `Task ${number}`).join(', ')}`)
  }
  flush()
  return lines.join('\n')
}

/** Agents of the tasks first; each once. */
function renderAgents(plan: Plan, links: Links): string {
  const reasons = new Map(plan.agents.map(({ name, why }) => [name, why]))
  const used = [...new Set(plan.tasks.map(task => task.agent))]
  const lines = used.map(name => {
    const titles = plan.tasks.filter(task => task.agent === name).map(task => task.title)
    const reason = defuseLine(reasons.get(name) ?? '', 300, links)
    return `- ${name}: ${reason === '' ? defuseLine(titles.join('; '), 300, links) : reason}`
  })
  return lines.join('\n')
}

/** Of each place the first ones: whoever hides much in one must not push out what is hidden in another. */
function renderHidden(hidden: readonly Hidden[]): string {
  const places = new Map<string, Hidden[]>()
  // Bare tags hide little, and are easily written by the dozen.
  for (const one of [...hidden.filter(one => !isBareTag(one)), ...hidden.filter(isBareTag)]) {
    const place = one.where.replace(/(?:, )?line \d+$/, '')
    places.set(place, [...(places.get(place) ?? []), one])
  }
  const lines = [...places].slice(0, mostHidden.places).flatMap(([place, found]) => {
    const left = found.length - mostHidden.inOne
    const more = left > 0 ? [`- ${place === '' ? 'the issue' : defuseLine(place, 300)}: and ${left} more`] : []
    return [...found.slice(0, mostHidden.inOne).map(renderOneHidden), ...more]
  })
  const left = places.size - mostHidden.places
  return folded(
    `⚠️ Text that people can’t see was kept from the model (${hidden.length})`,
    [...lines, ...(left > 0 ? [`- and more in ${left} other places`] : [])].join('\n'),
  )
}

const isBareTag = ({ what }: Hidden): boolean => what.endsWith('that does not show')

const mostHidden = { places: 20, inOne: 12 }

function renderOneHidden({ what, where, sample }: Hidden): string {
  const shown = sample === undefined || sample === '' ? '' : `: ${inlineCode(sample)}`
  return `- ${defuseLine(where, 300)}: ${defuseLine(what, 300)}${shown}`
}

function renderAgentProblems({ agentProblems = [] }: PlanView): string | null {
  const unused = agentProblems.filter(({ used = false }) => !used)
  const mended = agentProblems.filter(({ used = false }) => used)
  return sections(
    unused.length > 0 && folded(`⚠️ ${count(unused.length, 'agent file')} can’t be used`, renderProblems(unused)),
    mended.length > 0 &&
      folded(`${count(mended.length, 'agent file')} used, but not wholly as written`, renderProblems(mended)),
  )
}

function renderProblems(problems: readonly { file: string; problem: string }[]): string {
  const lines = problems.slice(0, 40).map(({ file, problem }) => `- ${inlineCode(file)}: ${defuseLine(problem, 400)}`)
  const more = problems.length - lines.length
  return [...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n')
}

function renderQuestion(view: PlanView): string {
  const { plan, needs, estimate, links = {} } = view
  const steps = plan.tasks.map((task, index) => `${index + 1}. ${defuseLine(task.title, 100, links)} (${task.agent})`)
  const some = plan.tasks.length > 1 ? `, or \`/approve ${plan.id} 1\` for some of the tasks` : ''
  const approval = needs ? renderApprovalNeeds(needs) : null
  return [
    `The tech lead recommends a ${plan.tasks.length}-step approach:`,
    ...steps,
    ...renderProtected(view),
    '',
    '**Shall I proceed?**',
    '',
    `- \`/approve ${plan.id}\` starts the work${some}`,
    '- `/revise …` makes another version: say what should be different, or give a whole plan in this form',
    '- `/reject` ends it here',
    '',
    ...(approval === null ? [] : [approval, '']),
    `The whole run may cost at most **${money(plan.budgetUsd)}**. Nothing is written to the repository before the approval.`,
    ...(estimate ? [renderEstimate(estimate, plan)] : []),
  ].join('\n')
}

function renderEstimate({ runs, task, usd }: Estimate, { budgetUsd }: Plan): string {
  const range = task.from === task.to ? '' : ` (from ${money(task.from)} to ${money(task.to)})`
  const over = usd > budgetUsd ? '. That is more than the budget: `/budget` raises it' : ''
  return `Runs of this repository so far: ${runs}; a task cost ${money(task.middle)} in the middle${range}, so this plan is estimated at about ${money(usd)}, planning included${over}.`
}

/** A line for each protected file that the approval would open. It stands with the question, which is never cut. */
function renderProtected({ plan, protectedPaths = [] }: PlanView): string[] {
  const lines = plan.tasks.flatMap(task =>
    namedProtected(task.paths, protectedPaths).map(
      path => `- ⚠️ protected: ${inlineCode(path)}, which task ${task.number} may write once this is approved`,
    ),
  )
  return lines.length > 0 ? ['', ...lines] : []
}

function renderRead({ plan, read, spentUsd, instructions = [] }: PlanView): string {
  const files = read.files.length > 0 ? ` (${count(read.files.length, 'file')} in full or part)` : ''
  const followed = instructions.length > 0 ? ` Follows ${paths(instructions)}.` : ''
  return (
    `<sub>Plan ${inlineCode(plan.id)}, version ${plan.version}. Read: ${inlineCode(read.branch)} at ${inlineCode(shortSha(read.commit))}` +
    `${files}, the issue (digest ${inlineCode(read.issueDigest)}) and ${count(read.comments, 'comment')}.` +
    `${followed} Planning cost ${money(spentUsd)}.</sub>`
  )
}
