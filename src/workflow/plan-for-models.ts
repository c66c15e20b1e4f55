import type { Plan, PlanDraft } from '../domain/plan.js'

/** A plan in the form in which the tech lead hands one in. */
export function planForModels({ analysis, tasks, agents, instructions, risks }: PlanDraft | Plan): string {
  const draft: PlanDraft = {
    analysis,
    tasks: tasks.map(({ title, agent, paths, doneWhen, brief, dependsOn, ...task }) => ({
      title,
      agent,
      insteadOf: 'fallbackFor' in task ? task.fallbackFor : 'insteadOf' in task ? task.insteadOf : undefined,
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

/** A plan as a reviewer reads it: what was decided, and each task with what it promised. */
export function planForReview({ analysis, tasks, risks }: Plan): string {
  const list = (items: string[]): string => items.map(item => `- ${item}`).join('\n')
  return [
    `Analysis:\n${list(analysis)}`,
    ...tasks
      .filter(task => task.kind === 'work')
      .map(task => `Task ${task.number}: ${task.title} (${task.agent})\nDone when: ${task.doneWhen}\n${task.brief}`),
    risks.length > 0 ? `Risks:\n${list(risks)}` : '',
  ]
    .filter(Boolean)
    .join('\n\n')
}
