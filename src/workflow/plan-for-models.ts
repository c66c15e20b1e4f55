import type { Plan, PlanDraft } from '../domain/plan.js'

/** A plan in the form in which the tech lead hands one in. */
export function planForModels({ analysis, tasks, agents, instructions, risks }: Plan): string {
  const draft: PlanDraft = {
    analysis,
    tasks: tasks.map(({ title, agent, paths, doneWhen, brief, dependsOn }) => ({
      title,
      agent,
      paths,
      doneWhen,
      brief,
      dependsOn,
    })),
    agents,
    instructions,
    risks,
  }
  return JSON.stringify(draft, null, 1)
}
