import type { DayBudget, Wait } from '../wait.js'
import { count, money } from './figures.js'
import { sections } from './lists.js'

/** What the App says where an operator's limit is in the way: which, and what to do or when it is over. */
export const walletText = {
  waitsForPlace: ({ where, others, atOnce }: Extract<Wait, { for: 'place' }>): string =>
    `Waits for ${count(others, 'other run')}: at most ${atOnce} may be at work at once in ${places[where]}. I go on by myself when it is this one’s turn.`,

  dayBudgetReached: ({ setBy, usedUsd, limitUsd, renewsAt }: Extract<Wait, { for: 'day' }>): string => {
    const { name, raise } = dayBudgets[setBy]
    return sections(
      `**Paused: ${name} for a day is used up.** Of ${money(limitUsd)}, ${money(usedUsd)} is spent or set aside for calls under way today, and the next call of the model would pass it.`,
      `I go on by myself at ${utc(renewsAt)}. ${raise}. \`/cancel\` ends the run.`,
    )
  },

  noMorePlans: (most: number, again: string): string =>
    `No new plan now: there can be ${count(most, 'plan')} for one issue within an hour. After ${utc(again)} \`/revise\` works again; until then the present plan stands.`,

  noPlanYet: (most: number, again: string): string =>
    `There can be ${count(most, 'plan')} for one issue within an hour, and this one has had them. Take the label off and put it on again after ${utc(again)}.`,

  /** As a note of the plan. */
  issueCut: (characters: number, read: number): string =>
    `The issue’s text has ${characters.toLocaleString('en-US')} characters; the first ${read.toLocaleString('en-US')} were read, the rest is unknown to the agents.`,

  olderComments: (left: number, read: number): string =>
    `The newest ${count(read, 'comment')} of the issue were read; ${left.toLocaleString('en-US')} older ${left === 1 ? 'one was' : 'ones were'} not.`,

  commentsCut: (cut: number, read: number): string =>
    `${count(cut, 'comment')} ${cut === 1 ? 'was' : 'were'} read up to ${read.toLocaleString('en-US')} characters only.`,
} as const

const places = { repository: 'this repository', installation: 'all repositories of this installation' } as const

const dayBudgets: Readonly<Record<DayBudget, { name: string; raise: string }>> = {
  'crew.yml': {
    name: 'what `.github/crew.yml` allows this repository',
    raise: 'A higher `budget_usd_per_day` there counts for runs that start after it',
  },
  repository: {
    name: 'what the App allows this repository',
    raise: 'Whoever runs the App can raise `BUDGET_USD_PER_DAY_REPOSITORY`; then `/retry` goes on at once',
  },
  installation: {
    name: 'what the App allows all repositories of this installation together',
    raise: 'Whoever runs the App can raise `BUDGET_USD_PER_DAY_INSTALLATION`; then `/retry` goes on at once',
  },
}

/** `2026-11-25 00:00 UTC`, to the next full minute. */
const utc = (iso: string): string =>
  `${new Date(Math.ceil(Date.parse(iso) / 60_000) * 60_000).toISOString().slice(0, 16).replace('T', ' ')} UTC`
