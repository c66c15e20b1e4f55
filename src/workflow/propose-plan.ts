import type { Team } from '../domain/agent.js'
import type { ApprovalNeeds } from '../domain/approval.js'
import { cleanText, type Hidden, hiddenCharacters } from '../domain/hidden-text.js'
import { instructionsFor } from '../domain/instructions.js'
import { meetingRuns, type Neighbours } from '../domain/neighbours.js'
import { checkPlan } from '../domain/plan-check.js'
import { digestsOf, issueDigest, planId, type PlanDigests } from '../domain/plan-id.js'
import { pathsOf, type Plan, type PlanDraft } from '../domain/plan.js'
import { renderPlan } from '../domain/say/plan-comment.js'
import { replies } from '../domain/say/replies.js'
import type { IssueComment } from '../domain/issue.js'
import { GitHubRefusal } from '../ports.js'
import type { AgentWork } from '../team/agent-work.js'
import { planBrief } from '../team/briefs.js'
import { answersIn, clarify, hiddenInAnswers, hiddenInRevise, lateAnswers, mayAsk, type Answered } from './clarify.js'
import { completion, wishedPlan, type PlanWish } from './given-plan.js'
import { estimate, lookAround, lookAtRunsAgain } from './look-around.js'
import { needsOf, nobodysPaths } from './approval-needs.js'
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
  /** Who must approve it. */
  needs: ApprovalNeeds
  /** Ids of the versions that it replaces. */
  voided: string[]
}

export interface Revision {
  previous: Proposal
  /** What the maintainer wrote, or why a new version is needed. */
  feedback: string
  /** Who wrote it, when it was somebody. */
  by?: string
}

/** What a plan is made from, beside the look. */
interface Wanted {
  version: number
  revision: Revision | null
  /** What was asked and answered so far. */
  answered: Answered[]
}

/**
 * Has the tech lead make a plan, and posts it. When it must know something first, people are asked instead: that may take
 * days, so whoever called looks again before the next try.
 */
export async function proposePlan(
  run: Run,
  look: Look,
  wanted: Wanted,
): Promise<{ kind: 'proposed'; proposal: Proposal } | { kind: 'answered'; answered: Answered }> {
  await run.show({ phase: 'planning', failure: null })
  const round = `${wanted.version}-${wanted.answered.length + 1}`
  const given = { ...wanted, wish: wishOf(look, wanted), around: await lookAround(run, `plan ${round}`) }
  const { read: wished } = given.wish
  if (wished?.kind === 'complete')
    return { kind: 'proposed', proposal: await post(run, look, { ...given, draft: wished.draft, read: [] }) }
  const { result, read } = await workAlone(run, look, {
    form: 'plan',
    id: `agent:${run.id}:plan-${round}`,
    work: key => leadWork(run, look, { ...given, key }),
  })
  if ('plan' in result.answer) {
    const proposal = await post(run, look, { ...given, draft: result.answer.plan, read })
    return { kind: 'proposed', proposal }
  }
  const { version } = wanted
  return { kind: 'answered', answered: await clarify(run, look, { version, round, ...result.answer }) }
}

/** What people gave for this version that is a plan itself. */
function wishOf(look: Look, { version, revision, answered }: Wanted): PlanWish {
  const answers = answered
    .flatMap(round => (round.version === version && round.revise !== null ? [{ ...round, text: round.revise }] : []))
    .reverse()
  const feedback = revision?.by === undefined ? [] : [{ text: revision.feedback, by: revision.by }]
  return wishedPlan(look, { comments: [...answers, ...feedback], isFirst: revision === null })
}

/** What is found out before the tech lead is asked. */
interface Given extends Wanted {
  wish: PlanWish
  around: Neighbours
}

async function leadWork(run: Run, look: Look, given: Given & { key: string }): Promise<AgentWork> {
  const { journal, workspaces } = run.world
  const { agents } = look.team
  const lead = agents.find(agent => agent.role === 'lead')
  if (!lead) throw new Error('the team has no tech lead')
  const { answered, revision, wish } = given
  const instructions = instructionsFor(look.instructions, null)
  const answers = answersIn(look, answered)
  const isAnswer = (id: number): boolean => answers.some(({ comments }) => comments.includes(id))
  const mayAskMore = mayAsk(answered, given.version)
  const brief = await journal.step(`brief of ${given.key}`, async () =>
    planBrief({
      issue: look.clean,
      comments: look.comments.filter(({ id }) => !isAnswer(id)),
      files: (await workspaces.files(look.source, look.commit)).map(file => file.path),
      instructions: instructions.texts,
      moreInstructions: instructions.more,
      stack: look.stack,
      roster: agents,
      neighbours: given.around,
      answers,
      mayAsk: mayAskMore,
      revision:
        completion(wish) ??
        (revision && {
          plan: planForModels(revision.previous.plan),
          feedback: cleanText(revision.feedback).text,
        }),
    }),
  )
  return agentWork(run, look, {
    title: 'plan',
    role: 'lead',
    agent: lead,
    brief,
    ending: { form: 'plan', roster: agents, mayAsk: mayAskMore },
    key: given.key,
    tree: look.commit,
    paths: [],
    protectedPaths: [],
  })
}

async function post(
  run: Run,
  look: Look,
  { version, revision, answered, wish, around, draft, read }: Given & { draft: PlanDraft; read: string[] },
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
    budgetUsd: run.budgetUsd,
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
  // What is said from here on is no answer any more. And of two plans made at once, one at least sees the other.
  await run.entry.write(`plan ${version}`, { asking: false, plan: { paths: pathsOf(plan.tasks), approved: false } })
  const notices = [
    ...around.pullRequests.map(replies.pullRequestOpen),
    ...(await meetings(run, look, plan)),
    ...(await lateAnswers(run, look)),
  ]
  const needs = await needsOf(run, look, plan)
  const text = renderPlan({
    plan,
    needs,
    stack: look.stack,
    hidden: [
      ...look.hidden,
      ...hiddenInAnswers(answered),
      ...(revision ? hiddenInRevise(revision.feedback) : []),
      ...(await hiddenInFiles(run, look, { version, read })),
    ],
    read: {
      commit: look.commit,
      branch: look.facts.defaultBranch,
      files: read,
      issueDigest: issueDigest(look.issue),
      comments: look.comments.length,
    },
    instructions: look.instructions.map(({ path }) => path),
    agentProblems: look.team.problems,
    protectedPaths: look.config.protected_paths,
    links: look.links,
    notes: [
      ...look.unread,
      ...wish.notes,
      ...checked.notes,
      ...broughtAgents(plan, look.team),
      ...nobodysPaths(look, needs),
      ...(look.config.setup ? [replies.setupPlanned(look.config.setup)] : []),
    ],
    notices,
    estimate: await estimate(run, plan),
    spentUsd: run.cost.usd,
    previous: revision?.previous.plan ?? null,
    given: wish.given,
  })
  const comment = await run.comment({ kind: 'plan', id: `${run.id}:${version}`, text })
  if (revision) await fold(run, revision.previous)
  const voided = revision ? [...revision.previous.voided, revision.previous.plan.id] : []
  return { plan, comment, digests: digestsOf(covered), read, needs, voided }
}

/** What the tech lead was only told to be there, of the files that it read. */
const hiddenInFiles = (
  run: Run,
  look: Look,
  { version, read }: { version: number; read: string[] },
): Promise<Hidden[]> =>
  run.world.journal.step(`hidden in what plan ${version} read`, async () => {
    const texts = await run.world.workspaces.readMany(look.source, look.commit, read)
    return [...texts].flatMap(([path, text]) =>
      hiddenCharacters(text ?? '').map(one => ({ ...one, where: `${path}, ${one.where}` })),
    )
  })

/** Which other plans this one meets, as they are now. */
async function meetings(run: Run, look: Look, { version, tasks }: Plan): Promise<string[]> {
  const met = meetingRuns(tasks, await lookAtRunsAgain(run, `plan ${version}`))
  const shown = met
    .slice(0, mostMeetings)
    .map(({ run: other, paths }) =>
      replies.samePaths(other, { url: `${look.facts.htmlUrl}/issues/${other.issue.number}`, paths }),
    )
  return met.length > mostMeetings ? [...shown, replies.moreSamePaths(met.length - mostMeetings)] : shown
}

/** Meetings that are told one by one. */
const mostMeetings = 8

/** Folds the comment of a plan that another one replaces. */
async function fold(run: Run, { plan, comment }: Proposal): Promise<void> {
  const { journal, github } = run.world
  await journal.step(`fold plan ${plan.version}`, async () => {
    try {
      await github.foldComment(comment.nodeId)
    } catch (error) {
      // Somebody has deleted it, and that serves, too.
      if (!(error instanceof GitHubRefusal)) throw error
    }
  })
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
