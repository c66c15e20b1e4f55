import { withoutCiWords, withoutClosing } from '../message-words.js'
import { inlineCode } from '../code-markdown.js'
import type { Unfound } from '../asked-names.js'
import { type ChangedFile, changedFiles } from '../changed-files.js'
import { type Difference, reportDifferences } from '../compare-report.js'
import { defuseCell, defuseLine, oneLine } from '../defuse.js'
import { defusePlain } from '../defuse-plain.js'
import { dependentsOf, leftNoHandoff } from '../handoff.js'
import type { Plan, PlanTask } from '../plan.js'
import type { Report } from '../report.js'
import type { Review } from '../review.js'
import { nameTasks } from '../task-numbers.js'
import type { SetupOutcome } from '../setup.js'
import type { SensitiveChange } from '../sensitive-changes.js'
import type { Cost } from '../usage.js'
import { commentLimit, cutTo, inParts } from './cut-to.js'
import { costLine, count, shortSha } from './figures.js'
import { bullets, folded, type Links, sections } from './lists.js'
import { renderReport } from './report-text.js'
import { renderSetup } from './setup-text.js'
import { checklist, findingTitles, severityCounts } from './review-text.js'

/** One task as the pull request tells of it. */
export interface DeliveredTask {
  task: PlanTask
  /** `false`: not approved for this run. */
  approved: boolean
  /** Null when it was not carried out, or when it is a review. */
  report: Report | null
  /** Null when it changed nothing. Files as git says them. */
  commit: {
    sha: string
    files: { path: string; status: 'added' | 'modified' | 'deleted'; added: number; deleted: number }[]
    /** Lock files, and what runs by itself. */
    sensitive?: readonly SensitiveChange[]
  } | null
  /** What the host ran for it. */
  commands: readonly { command: string; exitCode: number | null }[]
  /** What the specialist made that no commit may hold. */
  leftOut?: readonly { path: string; why: string }[]
}

/** Everything that the pull request's body shows. */
export interface PullRequestView {
  /** Address of the repository, for links to commits. */
  htmlUrl: string
  issue: { number: number; title: string; body: string }
  plan: Plan
  approvedBy: readonly string[]
  tasks: readonly DeliveredTask[]
  /** Null until the reviewer has spoken. */
  review: Review | null
  cost: Cost
  /** What the briefs ask for by a name that is nowhere in what was made. */
  unfound: readonly Unfound[]
  /** Why commands can't run on this machine; null when they can. */
  commandsOff: string | null
  /** Commands ran on the machine itself, without a sandbox. */
  unboxed?: boolean
  /** What came of the repository's setup; null where it has none. */
  setup?: SetupOutcome | null
  links?: Links
}

/** The issue's title, as the pull request's. */
export const pullRequestTitle = (issue: { title: string }): string =>
  defusePlain(issue.title, 200) || 'Changes by the crew'

/** `crew/issue-12-add-jwt-login`: lower case, words joined by `-`, at most 40 characters behind the number. */
export function branchName(issueNumber: number, title: string): string {
  const words = title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
  const slug =
    words.length <= 40
      ? words
      : words
          .slice(0, 41)
          .replace(/-[^-]*$/, '')
          .slice(0, 40)
  return `crew/issue-${issueNumber}-${slug || 'work'}`
}

/** The final summary: what was asked, promised and delivered, computed from git. `Closes #N` is its only closing word. */
export function renderPullRequest(view: PullRequestView): string {
  const end = renderEnd(view)
  const body = cutTo(
    renderWhole(view),
    commentLimit - end.length - 2,
    '_The rest was too long for a pull request; plan, commits and review hold most of it, a comment below the reports._',
  )
  return `${body}\n\n${end}`
}

const renderEnd = ({ plan, approvedBy, cost, issue }: PullRequestView): string =>
  `<sub>Plan ${inlineCode(plan.id)}, version ${plan.version}, approved by ${approvedBy.map(login => inlineCode(login)).join(', ')}. Cost: ${costLine(cost, plan.budgetUsd)}.</sub>\n\nCloses #${issue.number}`

function renderWhole(view: PullRequestView): string {
  const { links = {}, review } = view
  const text = sections(
    `## What was asked\n${renderAsked(view)}`,
    `## Promised and delivered\n${renderTable(view)}`,
    renderNotDone(view),
    renderNoHandoff(view),
    view.commandsOff !== null &&
      `> [!NOTE]\n> Nothing was executed: ${defuseLine(view.commandsOff, 300)}. The specialists read and edited only.`,
    view.unboxed === true &&
      view.commandsOff === null &&
      '> [!WARNING]\n> The specialists’ commands ran **without a sandbox** (`SANDBOX=none`), with the network and the files of the machine that the App runs on.',
    view.setup && renderSetup(view.setup),
    renderDifferences(view),
    renderUnfound(view),
    renderLeftOut(view),
    renderSensitive(view),
    `## Files\n${renderFiles(view)}`,
    `## Review\n${review === null ? '_The reviewer is reading; this is a draft until it has spoken._' : renderVerdict(review, links)}`,
    review !== null && review.checklist.length > 0 && `## Action checklist\n${checklist(review.checklist, links)}`,
    renderReports(view),
  )
  // The whole may become a commit's message, where code is none.
  return withoutClosing(withoutCiWords(text))
}

/** Comments with the reports that the body shows in part. */
export function reportsInFull(view: PullRequestView): string[] {
  const { links = {} } = view
  const isCut = renderWhole(view).length > commentLimit - renderEnd(view).length - 2
  const reports = view.tasks.flatMap(({ task, report }) => {
    if (report === null) return []
    const whole = renderReport(report, links, commentLimit)
    return isCut || whole !== shownOf(report, links) ? [folded(reportOf(task), whole)] : []
  })
  return reports.length === 0 ? [] : inParts(sections('## Reports in full', ...reports))
}

function renderAsked({ issue, plan, links = {} }: PullRequestView): string {
  const more = plan.analysis.length - mostPoints
  const points = bullets(plan.analysis.slice(0, mostPoints), links)
  return `**${defuseLine(issue.title, 200, links)}** (#${issue.number})\n\n${points}${more > 0 ? `\n- and ${more} more in the plan` : ''}`
}

/** Entries of one list of a model's: more would push out what the App itself has to say. */
const mostPoints = 15

function renderTable({ tasks, htmlUrl, review, links = {} }: PullRequestView): string {
  const rows = tasks.map(({ task, approved, report, commit }) => {
    const promised = `${task.number}. ${defuseCell(task.title, 100, links)}<br><sub>${defuseCell(task.doneWhen, 200, links)}</sub>`
    return `| ${promised} | ${task.agent} | ${delivered({ task, approved, report, commit }, review)} | ${renderCommit(commit, htmlUrl)} |`
  })
  return ['| Promised | Agent | Delivered | Commit |', '|---|---|---|---|', ...rows].join('\n')
}

function delivered({ task, approved, report, commit }: Omit<DeliveredTask, 'commands'>, review: Review | null): string {
  if (!approved) return '➖ not approved for this run'
  if (task.kind === 'review') return review === null ? '⏳ the reviewer is reading' : `🔍 ${review.assessment}`
  if (report === null) return '🔴 not delivered'
  const mark = report.notDone.length > 0 ? '🟡' : '🟢'
  const title = defuseCell(report.title, 100)
  if (commit === null) return `${mark} ${title}; nothing had to change`
  const lines = commit.files.reduce(
    (sum, file) => ({ added: sum.added + file.added, deleted: sum.deleted + file.deleted }),
    { added: 0, deleted: 0 },
  )
  return `${mark} ${title}: ${count(commit.files.length, 'file')}, +${lines.added} −${lines.deleted}`
}

const renderCommit = (commit: DeliveredTask['commit'], htmlUrl: string): string =>
  commit === null ? '–' : `[${inlineCode(shortSha(commit.sha))}](${htmlUrl}/commit/${commit.sha})`

function renderNotDone({ tasks, links = {} }: PullRequestView): string | null {
  const lines = tasks.flatMap(({ task, report }) =>
    atMost(
      (report?.notDone ?? []).map(item => `- Task ${task.number}: ${defuseLine(item, 400, links)}`),
      Math.max(3, Math.floor(60 / tasks.length)),
    ),
  )
  return lines.length > 0 ? `**Not done**\n${lines.join('\n')}` : null
}

/** So many lines, and how many more there are. */
const atMost = (lines: string[], most: number): string[] =>
  lines.length <= most ? lines : [...lines.slice(0, most), `- and ${lines.length - most} more`]

/** Who built on a task that said nothing of itself to them. */
function renderNoHandoff({ tasks }: PullRequestView): string | null {
  const approved = tasks.filter(({ approved }) => approved).map(({ task }) => task)
  const lines = tasks.flatMap(({ task, report }) => {
    if (report === null || !leftNoHandoff(task, report, approved)) return []
    const dependents = nameTasks(dependentsOf(task, approved).map(({ number }) => number))
    return `- Task ${task.number} left none for ${dependents}, though it was asked once more: its files were what they had to go by`
  })
  return lines.length > 0 ? `**No hand-off**\n${lines.join('\n')}` : null
}

/** Where a specialist's own account and git, or the commands that ran, say different things. */
function renderDifferences({ tasks, commandsOff }: PullRequestView): string | null {
  const lines = tasks.flatMap(({ task, report, commit, commands }) => {
    if (report === null) return []
    const differences = reportDifferences(report, {
      files: commit?.files ?? [],
      commands: commandsOff === null ? commands : null,
    })
    return differences.slice(0, 8).map(difference => `- Task ${task.number}: ${describeDifference(difference)}`)
  })
  return lines.length > 0 ? `**Where the reports and the record differ**\n${lines.join('\n')}` : null
}

/** Names that were asked for and aren't there: the work may be called otherwise, or be missing. */
function renderUnfound({ unfound }: PullRequestView): string | null {
  const lines = unfound.slice(0, 24).map(({ task, name, nearest }) => {
    const near = nearest === null ? 'nothing comes near it' : `nearest is ${inlineCode(oneLine(nearest, 200))}`
    return `- Task ${task}: ${inlineCode(oneLine(name, 200))}; ${near}`
  })
  if (unfound.length > lines.length) lines.push(`- and ${unfound.length - lines.length} more`)
  return lines.length > 0 ? `**Asked for, not found under that name**\n${lines.join('\n')}` : null
}

/** One difference between a report and the record, in words. */
export function describeDifference(difference: Difference): string {
  switch (difference.kind) {
    case 'claimed-file':
      return `the report names ${inlineCode(oneLine(difference.path, 200))}, which the commit does not touch`
    case 'unnamed-file':
      return `the commit has ${inlineCode(difference.path)} (${difference.status}), which the report does not name`
    case 'check-never-ran':
      return `the report gives a result for ${inlineCode(oneLine(difference.command, 200))}, which never ran`
    case 'check-ended-otherwise':
      return (
        `the report says that ${inlineCode(oneLine(difference.command, 200))} ${difference.claimed}; ` +
        (difference.exitCode === null ? 'it did not end by itself' : `its last run ended with ${difference.exitCode}`)
      )
  }
}

function renderLeftOut({ tasks }: PullRequestView): string | null {
  const lines = tasks.flatMap(({ task, leftOut = [] }) =>
    leftOut.map(({ path, why }) => `- Task ${task.number}: ${inlineCode(oneLine(path, 200))}, ${defuseLine(why, 200)}`),
  )
  if (lines.length === 0) return null
  return `**Made, but kept out of the commits**\n${atMost(lines, 20).join('\n')}`
}

/** Each file once, with everything that is said of it. */
function renderSensitive({ tasks }: PullRequestView): string | null {
  const all = tasks.flatMap(({ commit }) => commit?.sensitive ?? [])
  const lines = [...new Set(all.map(({ path, what }) => `- ⚠️ ${inlineCode(path)}: ${what}`))]
  if (lines.length === 0) return null
  return `**Look closely: foreign code can come in through these**\n${atMost(lines, 50).join('\n')}`
}

function renderFiles({ tasks }: PullRequestView): string {
  const files = changedFiles(tasks)
  if (files.length === 0) return 'None.'
  const groups = [
    { title: 'Created', files: files.filter(file => file.status === 'added') },
    { title: 'Changed', files: files.filter(file => file.status === 'modified') },
    { title: 'Deleted', files: files.filter(file => file.status === 'deleted') },
  ].filter(group => group.files.length > 0)
  const lists = groups.map(
    ({ title, files }) =>
      `**${title}**\n${files.slice(0, 100).map(renderFile).join('\n')}${files.length > 100 ? `\n- and ${files.length - 100} more` : ''}`,
  )
  const list = lists.join('\n\n')
  return files.length <= 15 ? list : folded(count(files.length, 'file'), list)
}

const renderFile = ({ path, added, deleted }: ChangedFile): string => `- ${inlineCode(path)} (+${added} −${deleted})`

/** Characters: one report must not push the next one out. */
const longestReport = 8_000

const reportOf = ({ number, agent }: PlanTask): string => `Report of task ${number}, by ${agent}`

const shownOf = (report: Report, links: Links): string =>
  cutTo(renderReport(report, links), longestReport, '_The whole report is in a comment below._')

/** With every finding by its title: the checklist is the reviewer's choice, and may leave some out. */
function renderVerdict(review: Review, links: Links): string {
  const verdict = `**${review.assessment}** · security ${inlineCode(review.securityScore)} · maintainability ${inlineCode(review.maintainability)} · ${severityCounts(review.findings)}.`
  if (review.findings.length === 0) return verdict
  return `${verdict} They are in full in the review below.\n\n${findingTitles(review.findings, links)}`
}

function renderReports({ tasks, links = {} }: PullRequestView): string | null {
  const reports = tasks.flatMap(({ task, report }) =>
    report === null ? [] : [folded(reportOf(task), shownOf(report, links))],
  )
  return reports.length > 0 ? `## The specialists’ own reports\n${reports.join('\n\n')}` : null
}
