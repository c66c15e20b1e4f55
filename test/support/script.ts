import { writeFile } from 'node:fs/promises'
import { stringify } from 'yaml'
import type { Report } from '../../src/domain/report.js'
import type { Review } from '../../src/domain/review.js'

/** One issue, and what the scripted model says on the way from its plan to its review. */
export interface Script {
  /** The title. No other script's title may be part of it. */
  title: string
  tasks: ScriptedTask[]
  review?: Partial<Review>
  /** The plan's risks. */
  risks?: string[]
  /** Milliseconds that the tech lead, and the reviewer, think. */
  planDelay?: number
  reviewDelay?: number
  /** Has the plan end with a task for the code-reviewer. */
  reviewTask?: boolean
}

export interface ScriptedTask extends ScriptedTry {
  title: string
  paths: string[]
  dependsOn?: number[]
  /** Further words that the task's system prompt or brief must hold. */
  when?: string[]
  /** Further tries, the most particular first: each is told by words of its brief that no earlier try's brief holds. */
  again?: (ScriptedTry & { when: string })[]
}

/** What a specialist does before it hands in its report. */
interface ScriptedTry {
  turns: Turn[]
  report?: Partial<Report>
  /** What it answers when its report is asked for a hand-off. */
  handoff?: string[]
  /** Words that the brief must hold when the report is asked for. */
  finishExpects?: string[]
  finishDelay?: number
}

export interface Turn {
  calls: { tool: string; input: object }[]
  say?: string
  expect?: string[]
  /** Left out where the agent has no tool of this name. */
  when_tool?: string
  delay_ms?: number
  refuses?: boolean
  /** Calls what it likes, whether there is such a tool or not. */
  unruly?: boolean
}

type Rest = Omit<Turn, 'calls'>

export const write = (files: Record<string, string | null>, rest: Rest = {}): Turn => ({
  calls: [
    {
      tool: 'write_files',
      input: { files: Object.entries(files).map(([path, content]) => ({ path, content })) },
    },
  ],
  ...rest,
})

export const edit = (path: string, [old, replacement]: [string, string], rest: Rest = {}): Turn => ({
  calls: [{ tool: 'edit_file', input: { path, edits: [{ old, new: replacement }] } }],
  ...rest,
})

export const run = (command: string, rest: Rest = {}): Turn => ({
  calls: [{ tool: 'run', input: { command } }],
  ...rest,
})

export const read = (path: string, rest: Rest = {}): Turn => ({
  calls: [{ tool: 'read_files', input: { paths: [path] } }],
  ...rest,
})

/** Says something and calls nothing, or declines. */
export const say = (text: string, rest: Rest = {}): Turn => ({ calls: [], say: text, ...rest })

/** Writes the scripts as a transcript of the scripted model. */
export async function writeTranscript(path: string, scripts: Script[]): Promise<void> {
  await writeFile(path, stringify({ conversations: scripts.flatMap(conversationsOf) }))
}

/** Name of the conversation in which the scripted model carries out a task of a script. */
export const taskConversation = (title: string, task: number): string => `${title}: task ${task}`
export const planConversation = (title: string): string => `${title}: plan`
export const reviewConversation = (title: string): string => `${title}: review`

function conversationsOf(script: Script) {
  const { title, tasks } = script
  return [
    {
      name: planConversation(title),
      when: ['You are tech-lead-orchestrator', `: ${title}\n`],
      turns: [{ ...finish({ plan: planOf(script) }), delay_ms: script.planDelay ?? 0 }],
    },
    ...tasks.flatMap((task, index) => {
      const name = taskConversation(title, index + 1)
      const when = [`# Your task: ${task.title} (task`, `: ${title}\n`, ...(task.when ?? [])]
      const again = (task.again ?? []).map((one, at) => ({
        name: `${name}, again ${at + 1}`,
        when: [...when, one.when],
        turns: turnsOf(one),
      }))
      return [...again, { name, when, turns: turnsOf(task) }]
    }),
    {
      name: reviewConversation(title),
      when: ['You are code-reviewer', `: ${title}\n`],
      turns: [{ ...finish({ ...plainReview, ...script.review }), delay_ms: script.reviewDelay ?? 0 }],
    },
  ]
}

const turnsOf = ({ turns, report, handoff, finishExpects, finishDelay }: ScriptedTry): Turn[] => [
  ...turns,
  {
    ...finish({ ...plainReport, ...report }),
    ...(finishExpects && { expect: finishExpects }),
    delay_ms: finishDelay ?? 0,
  },
  ...(handoff
    ? [say(handoff.map(point => `- ${point}`).join('\n'), { expect: ['nextSpecialistNeeds` says nothing'] })]
    : []),
]

const finish = (input: object): Turn => ({ calls: [{ tool: 'finish', input }] })

function planOf({ tasks, reviewTask, risks = [] }: Script) {
  const planned = tasks.map(({ title, paths, dependsOn = [] }) => ({
    title,
    agent: 'backend-developer',
    paths,
    doneWhen: 'a person sees it',
    brief: `Do this: ${title}.`,
    dependsOn,
  }))
  const review = {
    title: 'Look over it',
    agent: 'code-reviewer',
    paths: [],
    doneWhen: 'every finding is said',
    brief: 'Read it all.',
    dependsOn: planned.map((_, index) => index + 1),
  }
  return {
    analysis: ['A shell script that greets'],
    tasks: reviewTask ? [...planned, review] : planned,
    agents: [{ name: 'backend-developer', why: 'shell' }],
    instructions: ['Each by itself'],
    risks,
  }
}

const plainReport: Report = {
  title: 'What was asked',
  sections: [{ heading: 'Changes', items: ['as the task says'] }],
  files: [],
  checks: [],
  nextSpecialistNeeds: ['It is where its task says'],
  notDone: [],
}

const plainReview: Review = {
  assessment: 'Good',
  securityScore: 'A',
  maintainability: 'A',
  testCoverage: 'none',
  findings: [],
  highlights: ['Small'],
  checklist: [],
}
