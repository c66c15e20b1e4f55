import { inlineCode } from '../code-markdown.js'
import { type Command, commandPlaces, type CommandWord, type Place } from '../command.js'
import type { CrewYmlProblem } from '../crew-yml.js'
import { defuseLine } from '../defuse.js'
import type { LoopOutcome } from '../outcome.js'
import { whyNever } from '../path-rules.js'
import type { PlanTask } from '../plan.js'
import type { GivenProblem } from '../plan-text/given-plan.js'
import { nameTasks } from '../task-numbers.js'
import { listProblems } from './given-plan.js'
import { paths as listed, sections } from './lists.js'
import type { Phase } from './status-comment.js'

/** Every short thing that the App says. Each answers what was done or not, why, and what to do now. */
export const replies = {
  // ---------------------------------------------------------------- commands

  help: (on: Place, offered?: readonly CommandWord[]): string => helpText(on, offered),

  unknown: ({ word, suggestion }: Extract<Command, { kind: 'unknown' }>): string =>
    `I don’t know ${inlineCode(`/crew ${word}`)}.${suggestion ? ` Did you mean \`/${suggestion}\`?` : ''} \`/help\` lists the commands.`,

  malformed: ({ command, problem }: Extract<Command, { kind: 'malformed' }>): string =>
    `I can’t read what follows \`/${command}\`, so I did nothing. ${problem}`,

  misplaced: ({ word, belongsOn }: Extract<Command, { kind: 'misplaced' }>): string =>
    `\`/${word}\` belongs on the ${belongsOn === 'issue' ? 'issue' : 'pull request'}; I did nothing here.`,

  planBroken: (problems: readonly GivenProblem[]): string =>
    sections(
      'This looks like a plan, but I can’t take it as it stands, so nothing has changed:',
      listProblems(problems),
      'Mend these and give the whole plan again with `/revise`. For the tech lead to make another one instead, say in words what should be different.',
    ),

  issuePlanBroken: (problem: string): string =>
    `The plan in the issue can’t be taken as it stands, so the tech lead made this one: ${problem}.`,

  lateAnswer: (login: string, url: string): string =>
    `[What ${inlineCode(login)} wrote](${url}) came while this plan was being made, and is not in it: \`/revise\` takes it in.`,

  pullRequestOpen: ({ number, url }: { number: number; url: string }): string =>
    `An earlier run of this issue has a pull request open: [pull request ${number}](${url}). This plan starts anew beside it.`,

  samePaths: (
    { issue, approved }: { issue: { number: number; title: string }; approved: boolean },
    { url, paths }: { url: string; paths: readonly string[] },
  ): string => {
    const title = defuseLine(issue.title, 80, { hosts: [] })
    const state = approved ? 'is approved and under way' : 'waits for its approval'
    return `The plan of [issue ${issue.number}](${url}), “${title}”, ${state}, and may touch the same files: ${listed(paths)}. Whichever is merged second may have conflicts to settle.`
  },

  setupPlanned: ({ commands, registries }: { commands: readonly string[]; registries: readonly string[] }): string => {
    const reach = registries.length > 0 ? `with no way out but to ${listed(registries)}` : 'without network'
    return `Before the specialists begin, setup runs ${listed(commands, 6)}, ${reach}.`
  },

  settingUp: (commands: readonly string[]): string => `Setup is running: ${listed(commands, 6)}`,

  moreSamePaths: (more: number): string =>
    `So may the plans of ${more} more ${more === 1 ? 'issue' : 'issues'} of this repository.`,

  noPermission: (login: string): string =>
    `Sorry ${inlineCode(login)}, I only take commands from people who may write to this repository. Nothing has changed.`,

  notNow: (command: Command, phase: Phase): string => `${notPossible(command)} ${nowText[phase]}`,

  nothingRuns: (label: string): string => nothingRuns(label),

  alreadyApproved: (planId: string): string =>
    `Plan ${inlineCode(planId)} is approved already, and under way. \`/status\` says how far it is.`,

  // ---------------------------------------------------------------- approvals that approve nothing

  wrongPlanId: (given: string, current: string): string =>
    `Not approved: ${inlineCode(given)} is not the plan that waits here. The present one is ${inlineCode(current)}: read it, then \`/approve ${current}\`.`,

  planVoided: (given: string, current: string): string =>
    `Not approved: plan ${inlineCode(given)} was replaced by ${inlineCode(current)}. Read the new one, then \`/approve ${current}\`.`,

  olderThanPlan: (planId: string): string =>
    `Not approved: that comment is older than the plan. When you have read it, write \`/approve ${planId}\` in a new comment.`,

  authorMayNot: (): string =>
    'Not approved: this repository’s `.github/crew.yml` leaves the approval to others than the issue’s author.',

  nothingAgreed: (approvals: readonly { login: string; tasks: readonly number[] }[]): string =>
    `Not approved: there is no task that all approved.\n${approvals.map(({ login, tasks }) => `- ${inlineCode(login)}: ${nameTasks(tasks)}`).join('\n')}`,

  outsideNeedsPlan: (): string =>
    'Not approved: this repository’s `.github/crew.yml` asks for more than one person’s word, and what the plan doesn’t name has nobody’s. `/retry` has the task done again without it; for a plan that names it, `/cancel` and start anew.',

  planChanged: (): string =>
    'Not approved: the plan’s comment was edited or deleted, so nobody can tell what would be approved. `/revise` makes a new version.',

  issueChanged: (changed: readonly string[]): string =>
    `Not approved: since the plan was made, this has changed:\n${changed.map(change => `- ${change}`).join('\n')}\n\nA new plan is needed: \`/revise\` with what should be different, or with “as the issue says now”.`,

  outdated: (planId: string, changed: readonly string[]): string =>
    `Stopped before anything was written: since plan ${inlineCode(planId)} was made, this has changed:\n${changed.map(change => `- ${change}`).join('\n')}\n\nI am making a new version of the plan. It needs an approval of its own.`,

  filesMoved: (files: readonly string[]): string =>
    `Not approved: these files, which the plan read or may touch, have changed on the default branch since:\n${listPaths(files)}\n\nI am making a new version of the plan.`,

  unknownTasks: (numbers: readonly number[], last: number): string =>
    `Not approved: there ${numbers.length === 1 ? 'is' : 'are'} no ${nameTasks(numbers)}. The plan’s tasks are numbered 1 to ${last}.`,

  missingDependencies: (missing: readonly { task: number; needs: number | readonly number[] }[]): string => {
    const lines = missing.map(
      ({ task, needs }) => `- task ${task} needs ${nameTasks(typeof needs === 'number' ? [needs] : needs)}`,
    )
    return `Not approved: something that these tasks build on would be missing.\n${lines.join('\n')}\n\nName those too, or \`/approve\` all.`
  },

  noWork: (): string => 'Not approved: a review alone has nothing to read. Name at least one task that writes.',

  branchGone: (branch: string): string =>
    `Not approved: the branch ${inlineCode(branch)} is gone. Where should the work start from?`,

  branchGoneSince: (branch: string): string =>
    `The branch ${inlineCode(branch)} is gone, so nothing was written. When it is there again, take the label off and put it on again.`,

  // ---------------------------------------------------------------- runs that don't start

  emptyIssue: (): string =>
    'This issue says too little to plan from. Add what should be different and how one would notice, then take the label off and put it on again.',

  noCode: (): string =>
    'There is no code in this repository to plan from: I found texts only. When there is some, take the label off and put it on again.',

  emptyRepository: (): string =>
    'This repository is empty: it has no commit to start from. When there is one, take the label off and put it on again.',

  archived: (): string =>
    'This repository is archived, so nothing can be written to it. Unarchive it, then take the label off and put it on again.',

  appMayNot: (missing: readonly string[]): string =>
    `The App lacks a permission here: ${missing.map(permission => inlineCode(permission)).join(', ')}. An owner can grant it in the App’s settings, under the repository’s or organisation’s “Installed GitHub Apps”. Then take the label off and put it on again.`,

  badCrewYml: (problems: readonly CrewYmlProblem[]): string => {
    const lines = problems
      .slice(0, 20)
      .map(
        ({ key, found, allowed }) =>
          `- ${inlineCode(key)}: found ${inlineCode(found)}; allowed: ${defuseLine(allowed, 300)}`,
      )
    return `\`.github/crew.yml\` is wrong, so nothing starts:\n${lines.join('\n')}\n\nMend it on the default branch, then take the label off and put it on again.`
  },

  // ---------------------------------------------------------------- while it works

  waiting: (detail: string): string => `Waiting: ${defuseLine(detail, 300)}. I go on by myself; nothing is lost.`,

  taskFailed: (task: Pick<PlanTask, 'number' | 'title'>, why: string): string =>
    `Task ${task.number} (${defuseLine(task.title, 100)}) failed: ${defuseLine(why, 500)}`,

  /** Of a task whose specialist was given both sides. */
  settles: (paths: readonly string[]): string => `settles a conflict in ${paths.join(', ')}`,

  markersLeft: (paths: readonly string[]): string =>
    `conflict markers are left in ${paths
      .slice(0, 5)
      .map(path => inlineCode(path))
      .join(', ')}${paths.length > 5 ? ` and ${paths.length - 5} more` : ''}, so nothing of it is committed`,

  /** `oneMay`: one person's word is enough to let it through. */
  outsidePaths: (
    task: Pick<PlanTask, 'number' | 'title' | 'agent'>,
    outside: readonly string[],
    oneMay = true,
  ): string => {
    const never = outside.flatMap(path => {
      const why = whyNever(path)
      return why === null ? [] : [`- ${inlineCode(path)} ${why}`]
    })
    return sections(
      `✋ Task ${task.number} (${defuseLine(task.title, 100)}) wants to change what the plan doesn’t name, or what is protected. Nothing of it is committed:`,
      listPaths(outside),
      never.length > 0 && `I can’t commit this, whoever allows it:\n\n${never.slice(0, 20).join('\n')}`,
      'It is for you to say:',
      [
        ...(oneMay && never.length === 0 ? [`- \`/approve ${task.number}\` lets it commit these too`] : []),
        `- \`/retry ${task.number}\` has it done again without them`,
        '- `/cancel` ends the run',
      ].join('\n'),
    )
  },

  budgetReached: (spent: string, budget: string): string =>
    `The budget is used up: ${spent} of ${budget}. \`/budget\` with a larger amount goes on, \`/cancel\` ends the run.`,

  // ---------------------------------------------------------------- how it ended

  branchMoved: (branch: string): string =>
    `Somebody else pushed to ${inlineCode(branch)}, so I stopped: I never overwrite other people’s commits. What is on the branch stays. For another run, take the label off and put it on again.`,

  /** `notDone` is what the specialists said of it. */
  nothingChanged: (notDone: readonly { task: number; item: string }[] = []): string =>
    sections(
      'The tasks ended without a change, so there is no pull request.',
      notDone.map(({ task, item }) => `- Task ${task}: ${defuseLine(item, 400)}`).join('\n'),
    ),

  rejected: (login: string, reason?: string): string =>
    reason === undefined
      ? `${inlineCode(login)} rejected it.`
      : `${inlineCode(login)} rejected it: ${defuseLine(reason, 500)}`,

  stopped: (login: string, how: 'cancelled' | 'unlabelled' | 'closed' | 'operator'): string => {
    if (how === 'operator') return 'Whoever runs this App ended the run. Commits that were made stay on their branch.'
    const did = { cancelled: 'cancelled it', unlabelled: 'took the label off', closed: 'closed the issue' }[how]
    return `${inlineCode(login)} ${did}. Commits that were made stay on their branch.`
  },

  broke: (detail: string): string => `Something broke that is no fault of yours: ${defuseLine(detail, 500)}`,
} as const

/** Why an agent's loop ended without a result, as the end of "… failed: ". */
export function describeOutcome(outcome: LoopOutcome<unknown>): string {
  switch (outcome.kind) {
    case 'finished':
      return 'ended with a result of another kind than was asked for'
    case 'limit':
      return `reached its limit of ${outcome.limit}: ${outcome.detail}`
    case 'bad-answer':
      return `the model’s answer did not fit its form, even after being asked again: ${outcome.detail}`
    case 'refused':
      return `the model declined: ${outcome.detail}`
  }
}

/** For a command where no run is under way. */
const nothingRuns = (label: string): string =>
  `Nothing is under way here. Put the label ${inlineCode(label)} on the issue to start; if it is on, take it off first.`

/** `/skip` is understood, and not obeyed by this version. */
const obeyed = (Object.keys(commandPlaces) as CommandWord[]).filter(word => word !== 'skip')

/** The commands of a place, each with what it does. */
function helpText(on: Place, offered: readonly CommandWord[] = obeyed): string {
  const lines = offered
    .filter(word => (commandPlaces[word] as readonly Place[]).includes(on))
    .map(word => `- ${commandHelp[word]}`)
  return [
    'Write a command at the start of a line, in a new comment; people who may write to this repository can.',
    '',
    ...lines,
    '',
    'Where another bot answers to one of these, write `/crew` in front: `/crew approve`.',
  ].join('\n')
}

const commandHelp: Readonly<Record<CommandWord, string>> = {
  approve: '`/approve [plan-id] [tasks]` starts the work, or only some tasks: `/approve 1,3-4`',
  revise:
    '`/revise …` makes a new version of the plan, or answers its questions: say what should be different, or give a whole plan',
  reject: '`/reject [reason]` drops the plan and ends the run',
  skip: '`/skip tasks` leaves tasks out: `/skip 2`',
  retry: '`/retry [task]` tries again what failed',
  budget: '`/budget amount` sets what the run may cost, in US dollars: `/budget 20`',
  cancel: '`/cancel` ends the run; commits that were made stay',
  status: '`/status` says where the run is',
  help: '`/help` shows this',
}

function notPossible(command: Command): string {
  switch (command.kind) {
    case 'unknown':
      return `${inlineCode(`/crew ${command.word}`)} is no command.`
    case 'misplaced':
      return `\`/${command.word}\` does nothing here.`
    case 'malformed':
      return `\`/${command.command}\` does nothing now.`
    default:
      return `\`/${command.kind}\` does nothing now.`
  }
}

const nowText: Readonly<Record<Phase, string>> = {
  looking: 'I am still looking at the repository; the plan comes next.',
  planning: 'The tech lead is making the plan; it is yours to judge when it is posted.',
  'waiting-for-approval': 'The plan waits for `/approve`, `/revise …` or `/reject`.',
  asking: 'I wait for an answer to what I asked above.',
  working: 'The approved tasks are under way. `/status` says how far they are, `/cancel` stops them.',
  'paused-failed': 'Something failed: `/retry` tries again, `/cancel` ends the run.',
  'opening-pull-request': 'The pull request is being opened.',
  reviewing: 'The reviewer is reading the pull request.',
  done: 'This run is done; its pull request is yours.',
  rejected: 'The plan was rejected. To start anew, take the label off and put it on again.',
  cancelled: 'The run was cancelled. To start anew, take the label off and put it on again.',
  refused: 'The run did not start, for the reason in the status comment.',
  stopped: 'The run has stopped, for the reason in the status comment.',
}

const listPaths = (list: readonly string[]): string => {
  const lines = list.slice(0, 20).map(path => `- ${inlineCode(path)}`)
  return [...lines, ...(list.length > 20 ? [`- and ${list.length - 20} more`] : [])].join('\n')
}
