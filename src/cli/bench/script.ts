import type { PlanDraft } from '../../domain/plan.js'
import type { Report } from '../../domain/report.js'
import type { Review } from '../../domain/review.js'
import { fileOf, markOf } from './project.js'

/** What one answer of the model calls for. */
export interface ScriptedTurn {
  calls: { tool: string; input: object }[]
  delay_ms?: number
}

export interface ScriptedTask {
  title: string
  paths: string[]
  turns: ScriptedTurn[]
}

/** An issue, by its title, and the tasks that its plan will have; none of them needs another. */
export interface ScriptedIssue {
  title: string
  tasks: ScriptedTask[]
}

/** The text of a transcript in which these issues are planned, carried out and reviewed. JSON is YAML, too. */
export function transcriptOf(issues: ScriptedIssue[]): string {
  const conversations = issues.flatMap(issue => [
    {
      name: `plan: ${issue.title}`,
      // As the issue itself is quoted: other plans that are under way are named in another way.
      when: ['You plan the work', `: ${issue.title}\n`],
      turns: [finish({ plan: planOf(issue) })],
    },
    ...issue.tasks.map(({ title, turns }) => ({ name: title, when: [`# Your task: ${title} (task`], turns })),
  ])
  const review = { name: 'review', when: ['You review the finished work'], turns: [finish(cleanReview)] }
  return JSON.stringify({ conversations: [...conversations, review] })
}

/** How a task ends that changed these files. */
export const finishTask = (title: string, files: string[]): ScriptedTurn => {
  const report: Report = {
    title,
    sections: [{ heading: 'Limits Changed', items: files.length > 0 ? files : ['none'] }],
    files,
    checks: [],
    nextSpecialistNeeds: [],
    notDone: [],
  }
  return finish(report)
}

/**
 * Nine turns of usual work on a few files of the project that no other `number` touches: reading, searching, listing,
 * editing and writing, no commands.
 */
export function nineTurns(title: string, number: number, delay = 0): ScriptedTask {
  const [a, b, c, d] = [0, 1, 2, 3].map(n => number * 4 + n) as [number, number, number, number]
  const made = `shop/made/rules_${number}.py`
  const edit = (file: number, to: string) => ({
    tool: 'edit_file',
    input: { path: fileOf(file), edits: [{ old: markOf(file), new: to }] },
  })
  const turns: ScriptedTurn[] = [
    { calls: [read(a, b, c), search(`LIMIT_[0-9]+ = ${a}$`)] },
    { calls: [search('def price_00[0-9]+_3', 'shop/area_0*/**'), read(d)] },
    { calls: [edit(a, `${markOf(a)}  # in euros`)] },
    { calls: [read(a), { tool: 'list_files', input: { glob: 'shop/area_00/*.py' } }] },
    { calls: [edit(b, `${markOf(b)}  # in euros`)] },
    { calls: [{ tool: 'write_files', input: { files: [{ path: made, content: rules(0) }] } }] },
    { calls: [read(b, c, d)] },
    { calls: [{ tool: 'write_files', input: { files: [{ path: made, content: rules(1) }] } }] },
    finishTask(title, [fileOf(a), fileOf(b), made]),
  ]
  return {
    title,
    paths: [fileOf(a), fileOf(b), made],
    turns: turns.map(turn => ({ ...turn, delay_ms: delay })),
  }
}

export const read = (...numbers: number[]): ScriptedTurn['calls'][number] => ({
  tool: 'read_files',
  input: { paths: numbers.map(fileOf) },
})

const search = (pattern: string, glob?: string): ScriptedTurn['calls'][number] => ({
  tool: 'search',
  input: { pattern, ...(glob && { glob }) },
})

const rules = (version: number): string =>
  Array.from({ length: 60 }, (_, n) => `RULE_${n} = "version ${version} of rule ${n}"\n`).join('')

const finish = (input: object): ScriptedTurn => ({ calls: [{ tool: 'finish', input }] })

const planOf = ({ title, tasks }: ScriptedIssue): PlanDraft => ({
  analysis: [title],
  tasks: tasks.map(task => ({
    title: task.title,
    agent: 'backend-developer',
    paths: task.paths,
    doneWhen: 'the limits are changed',
    brief: 'Change the limits of these parts.',
    dependsOn: [],
  })),
  agents: [{ name: 'backend-developer', why: 'changes the parts' }],
  instructions: ['One part after the other.'],
  risks: [],
})

const cleanReview: Review = {
  assessment: 'Good',
  securityScore: 'A',
  maintainability: 'A',
  testCoverage: 'none',
  findings: [],
  highlights: ['Small changes.'],
  checklist: [],
}
