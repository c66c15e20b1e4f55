import type { Team } from '../domain/agent.js'
import { checkPlan } from '../domain/plan-check.js'
import { digestsOf, issueDigest, planId, type PlanDigests } from '../domain/plan-id.js'
import type { Plan, PlanDraft } from '../domain/plan.js'
import { renderPlan } from '../domain/say/plan-comment.js'
import { renderQuestions } from '../domain/say/questions-comment.js'
import type { IssueComment } from '../domain/issue.js'
import type { AgentWork } from '../team/agent-work.js'
import { planBrief } from '../team/briefs.js'
import type { Look } from './look-at-repository.js'
import type { Run } from './run.js'
import { planForModels } from './plan-for-models.js'
import { agentWork, workAlone } from './work.js'

/** A plan as people see it, with what its approval is held against. */
export interface Proposal {
  plan: Plan
  comment: IssueComment
  digests: PlanDigests
  /** Files the tech lead read: when one changes before the approval, the plan may be wrong. */
  read: string[]
}

export interface Revision {
  previous: Proposal
  /** What the maintainer wrote, or why a new version is needed. */
  feedback: string
}

/** What the tech lead asked, and what a maintainer said to it. */
export interface Answers {
  questions: string[]
  text: string
}

/**
 * Has the tech lead make a plan, and posts it. When it needs answers first, its questions are posted and the next
 * `/revise` answers them.
 */
export async function proposePlan(
  run: Run,
  look: Look,
  given: { version: number; revision: Revision | null },
): Promise<Proposal> {
  await run.show({ phase: 'planning', failure: null })
  let answers: Answers | null = null
  for (let round = 1; ; round++) {
    const id = `agent:${run.id}:plan-${given.version}-${round}`
    const asked: Answers | null = answers
    const work = (key: string): Promise<AgentWork> => leadWork(run, look, { ...given, key, answers: asked })
    const { result, read } = await workAlone(run, look, { form: 'plan', id, work })
    if ('questions' in result.answer) {
      const { questions } = result.answer
      await run.comment({
        kind: 'questions',
        id: `${run.id}:${given.version}:${round}`,
        text: renderQuestions(questions, { spentUsd: run.cost.usd, links: look.links }),
      })
      await run.show({ phase: 'asking' })
      answers = { questions, text: await answer(run) }
      await run.show({ phase: 'planning' })
      continue
    }
    return post(run, look, { ...given, draft: result.answer.plan, read })
  }
}

async function leadWork(
  run: Run,
  look: Look,
  given: { key: string; revision: Revision | null; answers: Answers | null },
): Promise<AgentWork> {
  const { journal, workspaces } = run.world
  const { agents } = look.team
  const lead = agents.find(agent => agent.role === 'lead')
  if (!lead) throw new Error('the team has no tech lead')
  const brief = await journal.step(`brief of ${given.key}`, async () =>
    planBrief({
      issue: look.clean,
      comments: look.comments,
      files: (await workspaces.files(look.source.repository, look.commit)).map(file => file.path),
      instructions: look.instructions,
      stack: look.stack,
      roster: agents,
      answers: given.answers,
      revision: given.revision && {
        plan: planForModels(given.revision.previous.plan),
        feedback: given.revision.feedback,
      },
    }),
  )
  return agentWork(run, look, {
    title: 'plan',
    role: 'lead',
    agent: lead,
    brief,
    ending: { form: 'plan', roster: agents },
    key: given.key,
    tree: look.commit,
    paths: [],
    protectedPaths: [],
  })
}

async function post(
  run: Run,
  look: Look,
  { version, revision, draft, read }: { version: number; revision: Revision | null; draft: PlanDraft; read: string[] },
): Promise<Proposal> {
  const checked = checkPlan(draft, look.team.agents)
  if (!checked.ok) throw new Error(`a plan that was checked does not hold: ${checked.problems.join('; ')}`)
  const unnamed = {
    version,
    analysis: draft.analysis,
    tasks: checked.tasks,
    agents: draft.agents,
    instructions: draft.instructions,
    risks: draft.risks,
    budgetUsd: look.config.budget_usd,
  }
  const covered = {
    plan: unnamed,
    issue: look.issue,
    comments: look.comments,
    baseCommit: look.commit,
    crewYml: look.crewYml,
    agents: look.team.agents,
  }
  const plan: Plan = { ...unnamed, id: planId(covered) }
  const text = renderPlan({
    plan,
    stack: look.stack,
    hidden: look.hidden,
    read: {
      commit: look.commit,
      branch: look.facts.defaultBranch,
      files: read,
      issueDigest: issueDigest(look.issue),
      comments: look.comments.length,
    },
    instructions: look.instructions.map(({ path }) => path),
    agentProblems: look.team.problems,
    links: look.links,
    notes: [...checked.notes, ...broughtAgents(plan, look.team)],
    spentUsd: run.cost.usd,
    previous: revision?.previous.plan ?? null,
  })
  const comment = await run.comment({ kind: 'plan', id: `${run.id}:${version}`, text })
  if (revision)
    await run.world.journal.step(`fold plan ${version - 1}`, () =>
      run.world.github.foldComment(revision.previous.comment.nodeId),
    )
  return { plan, comment, digests: digestsOf(covered), read }
}

/** Whom of the repository's own agents the plan has work for, so that nobody takes them for the App's. */
function broughtAgents({ tasks }: Plan, { agents }: Team): string[] {
  return agents
    .filter(({ name, origin }) => origin === 'repository' && tasks.some(task => task.agent === name))
    .map(({ name, source, replaces }) => {
      const place = replaces === undefined ? '' : ', in place of the App’s own'
      return `${name} is this repository’s, from ${source}${place}.`
    })
}

/** Questions are answered by `/revise`, which says what the plan must know. */
async function answer(run: Run): Promise<string> {
  for (;;) {
    const message = await run.next()
    if (message.kind !== 'command') continue
    if (message.command.kind === 'revise') {
      await run.obeyed(message)
      return message.command.feedback
    }
    await run.notNow(message)
  }
}
