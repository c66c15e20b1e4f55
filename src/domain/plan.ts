import { z } from 'zod'

/**
 * How much a plan may hold. A maintainer approves what the plan's comment shows, and GitHub bounds comments: within these
 * amounts nothing of a plan need be cut from it. Texts are counted in characters, `shown` those of all of it as it is shown.
 */
export const planLimits = { tasks: 12, title: 100, paths: 40, doneWhen: 800, brief: 4000, shown: 48_000 } as const

/** What the tech lead hands in. Tasks are numbered from 1 in the order given; `dependsOn` uses those numbers. */
export const PlanDraft = z.strictObject({
  analysis: z
    .array(z.string().min(1))
    .min(1)
    .describe('What is asked and what the repository has for it, one point a line'),
  tasks: z
    .array(
      z.strictObject({
        title: z.string().min(3).max(planLimits.title).describe('What is done, as a short imperative'),
        agent: z.string().min(1).describe('Name of an agent of the roster'),
        insteadOf: z
          .string()
          .min(1)
          .max(100)
          .optional()
          .describe('Only where the roster has nobody for exactly this: who is missing, as in vue-state-expert'),
        paths: z
          .array(z.string().min(1))
          .max(planLimits.paths)
          .describe(
            'Globs of the files it may create or change; a protected one (.github, CODEOWNERS) only by its whole name; [] for a task that writes nothing',
          ),
        doneWhen: z.string().min(1).max(planLimits.doneWhen).describe('How one will know that it is done'),
        brief: z.string().min(1).max(planLimits.brief).describe('What the specialist must know and do'),
        dependsOn: z.array(z.int().min(1)).describe('Numbers of the tasks whose result it needs'),
      }),
    )
    .min(1)
    .max(planLimits.tasks),
  agents: z
    .array(z.strictObject({ name: z.string().min(1), why: z.string().min(1) }))
    .describe('Each agent used: what it does in this project'),
  instructions: z.array(z.string().min(1)).describe('How the work flows from one specialist to the next'),
  risks: z.array(z.string().min(1)),
})
export type PlanDraft = z.infer<typeof PlanDraft>

/** Instead of a plan: what the tech lead must know first. */
export const PlanQuestions = z.strictObject({ questions: z.array(z.string().min(5)).min(1).max(5) })

export interface PlanTask {
  number: number
  title: string
  agent: string
  /** The agent that the roster lacks, when this one stands in for it. */
  fallbackFor?: string
  paths: string[]
  doneWhen: string
  brief: string
  dependsOn: number[]
  /** A review writes nothing: it is carried out on the pull request, after every other task. */
  kind: 'work' | 'review'
}

/** Everything that these tasks may touch, each glob once. */
export const pathsOf = (tasks: readonly PlanTask[]): string[] => [...new Set(tasks.flatMap(task => task.paths))]

/** A checked plan, as posted. */
export interface Plan {
  /** Short hash over everything that the approval covers. */
  id: string
  version: number
  analysis: string[]
  tasks: PlanTask[]
  agents: { name: string; why: string }[]
  instructions: string[]
  risks: string[]
  /** What the run may spend at most, US dollars. */
  budgetUsd: number
}
