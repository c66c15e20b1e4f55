import { EventEmitter, on } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { runPrefix, type RunEnd, type Sight } from '../workflow/world.js'
import type { CrewSight } from './crew.js'
import type { IssueText } from './issue-text.js'
import { narrate } from './narrate.js'
import { readOutcome, type Outcome } from './outcome.js'
import type { PracticeStage } from './practice-stage.js'
import type { Terminal } from './terminal.js'

type Phase = Sight['phase']

/** Phases in which the run waits for a person, with what the person may answer. */
const questions: Partial<Record<Phase, string>> = {
  'waiting-for-approval': '/approve, /revise <what should differ>, or /reject > ',
  asking: 'your answer; /approve <task> or /retry where a task asks; or /cancel > ',
  'paused-failed': '/retry or /cancel > ',
}
const over: Phase[] = ['done', 'rejected', 'cancelled', 'refused', 'stopped']

/** What the App shows of itself: given to it as `observe`, read by whoever follows. */
export class Sights extends EventEmitter<{ sight: [CrewSight]; phase: [Sight] }> {
  readonly observe = (sight: CrewSight): void => {
    this.emit('sight', sight)
    if (sight.kind === 'run') this.emit('phase', sight)
  }
}

/**
 * Plays one issue through on the practice GitHub, at the terminal: opens it, labels it, shows what happens, and asks the
 * person whenever the run waits for one (with `yes`, the first plan is approved, and any other question cancels the run).
 * Resolves with the outcome once the run is over; with `json`, that file holds it.
 */
export async function practiceRun(
  stage: PracticeStage,
  sights: Sights,
  given: {
    issue: IssueText
    author: string
    maintainer: string
    yes: boolean
    json: string | undefined
    terminal: Terminal
  },
): Promise<Outcome> {
  const { issue, author, maintainer, yes, json, terminal } = given
  const where = { owner: stage.repository.owner, repo: stage.repository.name }
  sights.on('sight', narrate(stage, terminal))
  const { data: opened } = await stage.as(author).rest.issues.create({ ...where, ...issue })
  const { rest } = stage.as(maintainer)
  const phases = on(sights, 'phase') as AsyncIterable<[Sight]>
  await rest.issues.addLabels({ ...where, issue_number: opened.number, labels: ['crew'] })
  let answers = 0
  for await (const [{ phase }] of phases) {
    if (over.includes(phase)) break
    const question = questions[phase]
    if (question === undefined) continue
    const typed = yes
      ? answers++ === 0 && phase === 'waiting-for-approval'
        ? '/approve'
        : '/cancel'
      : await terminal.ask(question)
    if (yes) terminal.say(`${maintainer} answers ${typed}`)
    await rest.issues.createComment({ ...where, issue_number: opened.number, body: typed ?? '/cancel' })
  }
  const end = await endOf(stage, opened.number)
  const outcome = await readOutcome(stage, { issueNumber: opened.number, login: maintainer, end })
  if (json !== undefined) await writeFile(json, `${JSON.stringify(outcome, null, 2)}\n`)
  return outcome
}

/** What the run's workflow returned; its last words are shown a moment before it has. */
async function endOf(stage: PracticeStage, issueNumber: number): Promise<RunEnd> {
  const prefix = runPrefix(stage.repository, issueNumber)
  for (;;) {
    const run = (await stage.crew.engine.list(prefix)).at(-1)
    if (run && run.state === 'done') return run.output as RunEnd
    if (run && run.state !== 'active') throw new Error(`The run ended as ${run.state}; the log says why.`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
