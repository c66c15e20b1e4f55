import { inlineCode } from '../code-markdown.js'
import { defuseLine } from '../defuse.js'
import { diffPlans } from '../diff-plans.js'
import { stages } from '../execution-order.js'
import type { Hidden } from '../hidden-text.js'
import type { Plan, PlanTask } from '../plan.js'
import { nameTasks } from '../task-numbers.js'
import { commentLimit, cutTo } from './cut-to.js'
import { count, money, shortSha } from './figures.js'
import { bullets, folded, type Links, paths, sections } from './lists.js'

/** Everything that the plan comment shows. */
export interface PlanView {
  plan: Plan
  /** The version that this one replaces: the comment then begins with what differs. */
  previous: Plan | null
  stack: readonly { name: string; evidence: string }[]
  /** What the tech lead read: commit, files (for their number), the issue's digest and how many comments. */
  read: { commit: string; branch: string; files: readonly string[]; issueDigest: string; comments: number }
  /** The repository's own instructions that were followed, by path. */
  instructions?: readonly string[]
  /** Agent files that can't be used, or not as they stand (`used`), with the reason. */
  agentProblems?: readonly { file: string; problem: string; used?: boolean }[]
  hidden: readonly Hidden[]
  /** Sentences about fallbacks and the like. */
  notes: readonly string[]
  /** What planning cost so far, US dollars. */
  spentUsd: number
  links?: Links
}

/** The plan, in the form of the seed's: five headings, then the numbered approach and one question. */
export function renderPlan(view: PlanView): string {
  const { plan, previous, links = {} } = view
  return cutTo(
    sections(
      previous && renderChanges(previous, plan),
      `### Task Analysis\n${bullets([...plan.analysis], links)}${renderStack(view)}`,
      `### SubAgent Assignments\n${plan.tasks.map(task => renderTask(task, links)).join('\n\n')}`,
      `### Execution Order\n${renderOrder(plan.tasks)}`,
      `### Available Agents for This Project\n${renderAgents(plan, links)}`,
      `### Instructions to Main Agent\n${bullets(plan.instructions, links)}`,
      plan.risks.length > 0 && `**Risks**\n${bullets(plan.risks, links)}`,
      view.notes.length > 0 && `**Note**\n${bullets(view.notes, links)}`,
      view.hidden.length > 0 && renderHidden(view.hidden),
      renderAgentProblems(view),
      '---',
      renderQuestion(view),
      renderRead(view),
    ),
    commentLimit,
  )
}

function renderChanges(previous: Plan, plan: Plan): string {
  const changes = diffPlans(previous, plan)
  const heading = `**Version ${plan.version}**, in place of ${inlineCode(previous.id)}. What differs:`
  return `${heading}\n${changes.length > 0 ? bullets(changes) : '- nothing in the tasks; the wording may'}`
}

const renderStack = ({ stack }: PlanView): string =>
  stack.length === 0
    ? '\n- Stack: no manifest that the App knows'
    : `\n- Stack: ${stack.map(({ name, evidence }) => `${defuseLine(name, 60)} (${inlineCode(evidence)})`).join(', ')}`

function renderTask(task: PlanTask, links: Links): string {
  const stead = task.fallbackFor === undefined ? '' : ` (in place of ${inlineCode(task.fallbackFor)})`
  const facts = [
    task.kind === 'review' ? 'Reads the pull request, writes nothing' : `May touch: ${paths(task.paths)}`,
    `Done when: ${defuseLine(task.doneWhen, 400, links)}`,
    task.dependsOn.length > 0 && `Needs: ${nameTasks(task.dependsOn)}`,
  ].filter(fact => fact !== false)
  const title = `Task ${task.number}: ${defuseLine(task.title, 100, links)} → AGENT: ${inlineCode(`@agent-${task.agent}`)}${stead}`
  return `${title}\n${facts.map(fact => `- ${fact}`).join('\n')}`
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
    return `- ${name}: ${defuseLine(reasons.get(name) ?? titles.join('; '), 300, links)}`
  })
  return lines.join('\n')
}

function renderHidden(hidden: readonly Hidden[]): string {
  const lines = hidden.slice(0, 20).map(({ what, where, sample }) => {
    const shown = sample === undefined || sample === '' ? '' : `: ${inlineCode(sample)}`
    return `- ${where}: ${what}${shown}`
  })
  const more = hidden.length > 20 ? [`- and ${hidden.length - 20} more`] : []
  return folded(
    `⚠️ Text that people can’t see was kept from the model (${hidden.length})`,
    [...lines, ...more].join('\n'),
  )
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

function renderQuestion({ plan, links = {} }: PlanView): string {
  const steps = plan.tasks.map((task, index) => `${index + 1}. ${defuseLine(task.title, 100, links)} (${task.agent})`)
  const some = plan.tasks.length > 1 ? `, or \`/approve ${plan.id} 1\` for some of the tasks` : ''
  return [
    `The tech lead recommends a ${plan.tasks.length}-step approach:`,
    ...steps,
    '',
    '**Shall I proceed?**',
    '',
    `- \`/approve ${plan.id}\` starts the work${some}`,
    '- `/revise …` makes another version: say what should be different',
    '- `/reject` ends it here',
    '',
    `The whole run may cost at most **${money(plan.budgetUsd)}**. Nothing is written to the repository before the approval.`,
  ].join('\n')
}

function renderRead({ plan, read, spentUsd, instructions = [] }: PlanView): string {
  const followed = instructions.length > 0 ? ` Follows ${paths(instructions)}.` : ''
  return (
    `<sub>Plan ${inlineCode(plan.id)}, version ${plan.version}. Read: ${inlineCode(read.branch)} at ${inlineCode(shortSha(read.commit))} ` +
    `(${count(read.files.length, 'file')} in full or part), the issue (digest ${inlineCode(read.issueDigest)}) and ${count(read.comments, 'comment')}.` +
    `${followed} Planning cost ${money(spentUsd)}.</sub>`
  )
}
