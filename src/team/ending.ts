import { z } from 'zod'
import type { ToolSpec } from '../domain/conversation.js'
import { PlanDraft, PlanQuestions } from '../domain/plan.js'
import { checkPlan } from '../domain/plan-check.js'
import { Report } from '../domain/report.js'
import { Review } from '../domain/review.js'
import type { AgentResult, Ending } from './agent-work.js'
import { describeProblems, jsonSchema } from './tools.js'

/** The tool by which every agent ends. */
export const finishTool = 'finish'

const PlanInput = z.strictObject({ plan: PlanDraft.optional(), questions: PlanQuestions.shape.questions.optional() })

const DecidedInput = z.strictObject({ plan: PlanDraft })

/** What the model is told of it: its form is the form of the result. */
export function finishSpec(ending: Ending): ToolSpec {
  switch (ending.form) {
    case 'plan':
      if (!ending.mayAsk)
        return { name: finishTool, description: 'Hands in the plan.', inputSchema: jsonSchema(DecidedInput) }
      return {
        name: finishTool,
        description: 'Hands in the plan, or up to five questions without whose answers nothing can be planned.',
        inputSchema: jsonSchema(PlanInput),
      }
    case 'report':
      return {
        name: finishTool,
        description: 'Ends the task with its report. Call it alone, when all is done and verified.',
        inputSchema: jsonSchema(Report),
      }
    case 'review':
      return { name: finishTool, description: 'Hands in the review.', inputSchema: jsonSchema(Review) }
  }
}

/** Holds an answer against the form that was asked for. The problem's text is what the model is sent. */
export function readEnding(
  ending: Ending,
  input: unknown,
): { ok: true; result: AgentResult } | { ok: false; problem: string } {
  switch (ending.form) {
    case 'plan':
      return readPlan(input, ending)
    case 'report': {
      const report = Report.safeParse(input)
      return report.success
        ? { ok: true, result: { form: 'report', report: report.data } }
        : { ok: false, problem: describeProblems(report.error) }
    }
    case 'review': {
      const review = Review.safeParse(input)
      return review.success
        ? { ok: true, result: { form: 'review', review: review.data } }
        : { ok: false, problem: describeProblems(review.error) }
    }
  }
}

function readPlan(
  input: unknown,
  { roster, mayAsk }: Extract<Ending, { form: 'plan' }>,
): ReturnType<typeof readEnding> {
  const parsed = PlanInput.safeParse(input)
  if (!parsed.success) return { ok: false, problem: describeProblems(parsed.error) }
  const { plan, questions } = parsed.data
  if (plan && questions) return { ok: false, problem: 'give either `plan` or `questions`, not both' }
  if (questions && !mayAsk)
    return { ok: false, problem: 'nothing more can be asked: give `plan`, and say in `analysis` what you decided' }
  if (questions) return { ok: true, result: { form: 'plan', answer: { questions } } }
  if (!plan) return { ok: false, problem: 'give `plan`, or `questions` when nothing can be planned without an answer' }
  const checked = checkPlan(plan, roster)
  return checked.ok
    ? { ok: true, result: { form: 'plan', answer: { plan } } }
    : { ok: false, problem: checked.problems.join('; ') }
}
