import { cleanText, type Hidden } from '../domain/hidden-text.js'
import { renderQuestions } from '../domain/say/questions-comment.js'
import { replies } from '../domain/say/replies.js'
import { refusedPlan } from './given-plan.js'
import type { Look } from './look-at-repository.js'
import type { Remark } from './occurrence.js'
import type { Run } from './run.js'

/** What the tech lead asked, and how it was answered. */
export interface Answered {
  /** Of the plan that was to be made. */
  version: number
  questions: string[]
  by: string
  /** The comment that asked: what answers came after it. */
  asked: number
  /** What a `/revise` said; null where plain comments answer. */
  revise: string | null
}

/** Rounds of questions for one version of a plan. Whoever may answer makes the App look and plan again, which costs. */
const mostRounds = 3

/** Whether the tech lead may ask once more, before it must plan with what it knows. */
export const mayAsk = (answered: readonly Answered[], version: number): boolean =>
  answered.filter(round => round.version === version).length < mostRounds

/**
 * Posts the tech lead's questions and waits, for days if need be, for an answer: a new comment without a command by the
 * issue's author or by somebody who may write, or a `/revise`. Everybody else may talk there, unheard.
 *
 * Where such a comment came while the tech lead was thinking, it is taken first, and nothing is posted.
 */
export async function clarify(
  run: Run,
  look: Look,
  { version, round, questions }: { version: number; round: string; questions: string[] },
): Promise<Answered> {
  const [early] = await unread(run, look)
  if (early) return { version, questions, by: early.comment.author.login, asked: early.comment.id - 1, revise: null }

  // Before the question is seen: nobody's answer may be too quick.
  await run.entry.write(`asks ${round}`, { asking: true })
  const comment = await run.comment({
    kind: 'questions',
    id: `${run.id}:${round}`,
    text: renderQuestions(questions, { spentUsd: run.cost.usd, links: look.links }),
  })
  await run.show({ phase: 'asking' })
  for (;;) {
    const message = await run.nextOrRemark()
    const answered = { version, questions, asked: comment.id }
    if (message.kind === 'remark') {
      if (message.comment.id < comment.id || !(await mayAnswer(run, look, message))) continue
      await run.obeyed(message)
      return { ...answered, by: message.comment.author.login, revise: null }
    }
    if (message.kind !== 'command') continue
    if (message.command.kind !== 'revise') await run.notNow(message)
    else if (!(await refusedPlan(run, look, message))) {
      await run.obeyed(message)
      return { ...answered, by: message.comment.author.login, revise: message.command.feedback }
    }
  }
}

/** For the plan: comments that came too late for it, of people who may answer. */
export async function lateAnswers(run: Run, look: Look): Promise<string[]> {
  const page = `${look.facts.htmlUrl}/issues/${look.issue.number}`
  return (await unread(run, look)).map(({ comment }) =>
    replies.lateAnswer(comment.author.login, `${page}#issuecomment-${comment.id}`),
  )
}

/** Remarks that this look has not seen, by people who may answer. */
async function unread(run: Run, look: Look): Promise<Remark[]> {
  const found: Remark[] = []
  for (const remark of run.takeRemarks()) {
    if (look.comments.some(({ id }) => id === remark.comment.id)) continue
    if (await mayAnswer(run, look, remark)) found.push(remark)
  }
  return found
}

/** The issue's author may, whatever they may do otherwise: what they wrote is what the plan is made from. */
const mayAnswer = async (run: Run, { issue }: Look, { comment }: Remark): Promise<boolean> =>
  comment.author.type === 'User' && (comment.author.login === issue.author.login || run.mayCommand(comment))

/** What was asked, round by round, with the answers as this look has them, and the comments that they are. */
export function answersIn(
  look: Look,
  answered: readonly Answered[],
): { questions: string[]; text: string; comments: number[] }[] {
  return answered.map(({ questions, by, asked, revise }, round) => {
    if (revise !== null) return { questions, text: cleanText(revise).text, comments: [] }
    const before = answered[round + 1]?.asked ?? Infinity
    const said = look.comments.filter(
      ({ id, author }) => id > asked && id < before && (author === by || author === look.issue.author.login),
    )
    return {
      questions,
      text: said.map(({ author, text }) => `${author}:\n${text}`).join('\n\n'),
      comments: said.map(({ id }) => id),
    }
  })
}

/** What people can't see of the answers that were given by `/revise`; of comments the look says it. */
export const hiddenInAnswers = (answered: readonly Answered[]): Hidden[] =>
  answered.flatMap(({ revise }) => (revise === null ? [] : hiddenInRevise(revise)))

/** What people wrote to the App counts like the issue: models see of it what people see. */
export const hiddenInRevise = (text: string): Hidden[] =>
  cleanText(text).hidden.map(hidden => ({ ...hidden, where: `a \`/revise\`, ${hidden.where}` }))
