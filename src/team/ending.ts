import { z } from 'zod'
import type { AssistantBlock, ToolSpec } from '../domain/conversation.js'
import { saysNothing } from '../domain/handoff.js'
import { withoutInvisible } from '../domain/invisible.js'
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

/** What an agent is asked whose report leaves nothing for those who build on it; null when nothing is missing. */
export function missingHandoff(ending: Ending, result: AgentResult): string | null {
  if (ending.form !== 'report' || result.form !== 'report') return null
  const { handsTo = [] } = ending
  if (handsTo.length === 0 || !saysNothing(result.report.nextSpecialistNeeds)) return null
  const tasks = handsTo.map(({ number, title }) => `task ${number} (${title})`).join(', ')
  return (
    `Your report is taken, but \`nextSpecialistNeeds\` says nothing, and ${tasks} will see nothing else of your work. ` +
    'Answer with what they must know, in words alone and without calling a tool: the paths, names and settings to build on, one a line, each behind a dash. The rest of your report stands.'
  )
}

const Handoff = z.object({ nextSpecialistNeeds: Report.shape.nextSpecialistNeeds })

/** The report with the hand-off that was asked for, or as it was when the answer holds none. */
export function withHandoff(result: AgentResult, answer: AssistantBlock[]): AgentResult {
  if (result.form !== 'report') return result
  const nextSpecialistNeeds = handoffIn(answer)
  return saysNothing(nextSpecialistNeeds) ? result : { ...result, report: { ...result.report, nextSpecialistNeeds } }
}

/** In words, as it was asked for, or in another report. */
function handoffIn(answer: AssistantBlock[]): string[] {
  const call = answer.find(block => block.type === 'tool_call' && block.name === finishTool)
  const again = Handoff.safeParse(call?.type === 'tool_call' ? call.input : null)
  if (again.success) return again.data.nextSpecialistNeeds
  const lines = answer.flatMap(block => (block.type === 'text' ? block.text.split('\n') : [])).map(line => line.trim())
  const points = lines.filter(line => /^[-*•]\s/.test(line))
  return (points.length > 0 ? points : lines)
    .map(line => line.replace(/^[-*•]\s+/, ''))
    .filter(line => line !== '')
    .slice(0, 30)
}

function readPlan(
  input: unknown,
  { roster, mayAsk }: Extract<Ending, { form: 'plan' }>,
): ReturnType<typeof readEnding> {
  // What an approver can't see must not be what a specialist reads.
  const parsed = PlanInput.safeParse(shown(input))
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

/** A model's input with only those characters that show. */
function shown(value: unknown): unknown {
  if (typeof value === 'string') return withoutInvisible(value)
  if (Array.isArray(value)) return value.map(shown)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shown(item)]))
}
