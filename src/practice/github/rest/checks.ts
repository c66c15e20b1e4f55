import { z } from 'zod'

import { created, notFound, ok, Refused, unprocessable, type Answer } from '../http/answer.js'
import { listed, numberIn } from '../http/pages.js'
import { repositoryRoute, type RepositoryCall } from '../http/routes.js'
import { shapeCheckRun } from '../shapes/check-run.js'
import type { CheckRun } from '../state/types.js'
import { nodeId, now } from '../state/world.js'

const Conclusion = z.enum([
  'action_required',
  'cancelled',
  'failure',
  'neutral',
  'success',
  'skipped',
  'stale',
  'timed_out',
])
const Annotation = z.looseObject({
  path: z.string(),
  start_line: z.int(),
  end_line: z.int(),
  annotation_level: z.enum(['notice', 'warning', 'failure']),
  message: z.string(),
})
const Output = z.object({
  title: z.string().optional(),
  summary: z.string().max(65_535).optional(),
  text: z.string().max(65_535).optional(),
  annotations: z.array(Annotation).max(50).optional(),
})
const RunChange = z.object({
  name: z.string().optional(),
  details_url: z.string().optional(),
  external_id: z.string().optional(),
  status: z.enum(['queued', 'in_progress', 'completed']).optional(),
  started_at: z.string().optional(),
  conclusion: Conclusion.optional(),
  completed_at: z.string().optional(),
  output: Output.optional(),
})
const NewRun = RunChange.extend({ name: z.string(), head_sha: z.string() })

/** Check runs. Only Apps make them. */
export const checkRoutes = [
  repositoryRoute({
    method: 'POST',
    template: '/check-runs',
    app: 'checks',
    person: 'write',
    body: NewRun,
    run: async call => {
      onlyApps(call)
      const { world, repository, body } = call
      if ((await repository.git.commit(body.head_sha)) === null)
        throw unprocessable(`No commit found for SHA: ${body.head_sha}`)
      const id = world.nextId()
      const run: CheckRun = {
        id,
        nodeId: nodeId('CR', id),
        suiteId: world.nextId(),
        name: body.name,
        headSha: body.head_sha,
        externalId: null,
        detailsUrl: null,
        status: 'queued',
        conclusion: null,
        startedAt: now(),
        completedAt: null,
        title: null,
        summary: null,
        text: null,
        annotations: [],
      }
      change(run, body)
      repository.checkRuns.set(id, run)
      return created(shapeCheckRun(world, repository, run))
    },
  }),
  repositoryRoute({
    method: 'GET',
    template: '/check-runs/{check_run_id}',
    app: 'checks',
    person: 'read',
    run: call => ok(shapeCheckRun(call.world, call.repository, runOf(call))),
  }),
  repositoryRoute({
    method: 'PATCH',
    template: '/check-runs/{check_run_id}',
    app: 'checks',
    person: 'write',
    body: RunChange,
    run: call => {
      onlyApps(call)
      const run = runOf(call)
      change(run, call.body)
      return ok(shapeCheckRun(call.world, call.repository, run))
    },
  }),
  repositoryRoute({
    method: 'GET',
    template: '/check-runs/{check_run_id}/annotations',
    app: 'checks',
    person: 'read',
    run: call => listed(call, runOf(call).annotations, annotation => annotation),
  }),
  repositoryRoute({
    method: 'GET',
    template: '/commits/{ref}/check-runs',
    app: 'checks',
    person: 'read',
    run: listForCommit,
  }),
]

async function listForCommit(call: RepositoryCall<'ref'>): Promise<Answer> {
  const { world, repository, params, query } = call
  const commit = await repository.git.resolve(params.ref)
  if (commit === null) throw unprocessable(`No commit found for SHA: ${params.ref}`)
  const name = query.get('check_name')
  const runs = [...repository.checkRuns.values()]
    .filter(run => run.headSha === commit.sha && (name === null || run.name === name))
    .toReversed()
  return listed(
    call,
    runs,
    run => shapeCheckRun(world, repository, run),
    shapes => ({ total_count: runs.length, check_runs: shapes }),
  )
}

function onlyApps({ byApp }: RepositoryCall): void {
  if (!byApp) throw new Refused(403, 'You must authenticate via a GitHub App.')
}

function runOf(call: RepositoryCall<'check_run_id', unknown>): CheckRun {
  const run = call.repository.checkRuns.get(numberIn(call.params.check_run_id))
  if (run === undefined) throw notFound()
  return run
}

/** A conclusion completes a run; annotations are added to those that it has. */
function change(run: CheckRun, wish: z.infer<typeof RunChange>): void {
  if (wish.status === 'completed' && wish.conclusion === undefined && run.conclusion === null) {
    throw unprocessable('Invalid request.\n\n"conclusion" wasn\'t supplied.')
  }
  run.name = wish.name ?? run.name
  run.detailsUrl = wish.details_url ?? run.detailsUrl
  run.externalId = wish.external_id ?? run.externalId
  run.startedAt = wish.started_at ?? run.startedAt
  run.status = wish.conclusion === undefined ? (wish.status ?? run.status) : 'completed'
  run.conclusion = wish.conclusion ?? run.conclusion
  run.completedAt = wish.completed_at ?? (run.status === 'completed' ? (run.completedAt ?? now()) : null)
  run.title = wish.output?.title ?? run.title
  run.summary = wish.output?.summary ?? run.summary
  run.text = wish.output?.text ?? run.text
  run.annotations.push(...(wish.output?.annotations ?? []))
}
