import { setTimeout as wait } from 'node:timers/promises'
import type { Example } from '../../../src/cli/example.js'
import type { RunRecord } from '../../../src/domain/run-record.js'
import { runPrefix, type RunEnd } from '../../../src/workflow/world.js'
import type { Lane } from './lane.js'

/** One issue of the example, in a repository of its own. */
export interface Place {
  id: number
  gitDir: string
  owner: string
  repo: string
  issue: number
}

/** One try of the crew at the issue: a label leads to one. */
export interface RunSeen {
  id: string
  state: string
  end: RunEnd | null
  standing: RunRecord['standing'] | null
}

/** What people saw on the way, and what they had to do beyond approving. */
export interface Played {
  /** Milliseconds since 1970. */
  begun: number
  runs: RunSeen[]
  /** What the App said when it needed somebody, each followed by the `/retry` or the label that was given. */
  needed: { how: 'retry' | 'label' | 'approve'; said: string }[]
}

export async function prepare(lane: Lane, example: Example, number: number): Promise<Place> {
  const owner = `shop-${String(number).padStart(4, '0')}`
  const repo = example.repository.name
  const { id, fullName, gitDir } = await lane.github.createRepository({
    owner,
    name: repo,
    from: { directory: example.start },
  })
  for (const { login, permission } of example.people) lane.github.setPermission(fullName, login, permission)
  const { data } = await lane.people.author.rest.issues.create({ owner, repo, ...example.issue })
  return { id, gitDir, owner, repo, issue: data.number }
}

/**
 * Does what people do: puts the label on, approves the plan, and, where the crew says that it needs them, answers
 * `/retry`, or puts the label on anew where it has given up. Resolves when the pull request is ready for review and nothing
 * is under way any more.
 *
 * @throws Error that says what stands still, or what the crew did not say.
 */
export async function play(
  lane: Lane,
  place: Place,
  trouble: { came(): number; isUnderWay(): boolean },
): Promise<Played> {
  const { owner, repo, issue } = place
  const where = { owner, repo, issue_number: issue }
  const { rest } = lane.people.maintainer
  const needed: Played['needed'] = []
  const answered = new Set<string>()
  const comment = (body: string) => rest.issues.createComment({ ...where, body })
  const label = () => rest.issues.addLabels({ ...where, labels: ['crew'] })

  const begun = Date.now()
  await label()
  let runs: RunSeen[] = []
  let last = ''
  let since = Date.now()
  for (;;) {
    const seen = await lookAt(lane, place).catch(() => null)
    const disturbed = trouble.isUnderWay()
    // Postgres is away, or the App is just being killed and started.
    const now = JSON.stringify([seen, disturbed, trouble.came()])
    if (now !== last) since = Date.now()
    last = now
    if (seen && !disturbed) {
      runs = seen.runs
      const newest = runs.at(-1)
      if (newest?.end?.kind === 'done' && !seen.underWay) return { begun, runs, needed }
      await answer(newest, seen.underWay)
    }
    if (Date.now() - since > patienceMs)
      throw new Error(`Nothing happened for ${patienceMs / 1000} s: ${standing(runs.at(-1))}; ${await stuck()}`)
    await wait(50)
  }

  async function answer(newest: RunSeen | undefined, underWay: boolean): Promise<void> {
    const phase = newest?.standing?.phase
    const isOver = newest ? newest.state !== 'PENDING' && newest.state !== 'ENQUEUED' : true
    if (!isOver && phase === 'waiting-for-approval') {
      const said = await repliesSince(newest?.id ?? '')
      if (!answered.has(`${newest?.id} approve ${said.length}`)) {
        answered.add(`${newest?.id} approve ${said.length}`)
        if (said.length > 0) need('approve', said.at(-1) ?? '')
        await comment('/approve')
      }
    } else if (!isOver && phase === 'paused-failed') {
      if (answered.has(`${newest?.id} retry`)) return
      answered.add(`${newest?.id} retry`)
      need('retry', await status())
      await comment('/retry')
    } else if (isOver && !underWay && newest?.end?.kind !== 'done' && !(await settling())) {
      need('label', newest ? await status() : '')
      await rest.issues.removeLabel({ ...where, name: 'crew' })
      await label()
    }
    if (phase !== 'paused-failed') answered.delete(`${newest?.id} retry`)
  }

  function need(how: Played['needed'][number]['how'], said: string): void {
    needed.push({ how, said })
    if (needed.length > 5) throw new Error(`It needs people again and again: ${said}`)
  }

  async function settling(): Promise<boolean> {
    await lane.github.settled()
    const { runs: now, underWay } = await lookAt(lane, place)
    return underWay || now.length !== runs.length || JSON.stringify(now) !== JSON.stringify(runs)
  }

  async function ownComments(): Promise<string[]> {
    const { data } = await rest.issues.listComments({ ...where, per_page: 100 })
    return data.filter(({ user }) => user?.type === 'Bot').map(({ body }) => body ?? '')
  }

  async function repliesSince(run: string): Promise<string[]> {
    const own = await ownComments()
    const plan = own.findLastIndex(body => body.includes(`<!-- issue-crew:plan:${run}`))
    return own.slice(plan + 1).filter(body => body.includes('<!-- issue-crew:reply:'))
  }

  async function status(): Promise<string> {
    return (await ownComments()).findLast(body => body.includes('<!-- issue-crew:status:')) ?? ''
  }

  async function stuck(): Promise<string> {
    const rows = await lane
      .query<{ id: string; status: string; executor: string; step: string }>(
        `SELECT workflow_uuid AS id, status, executor_id AS executor, (SELECT function_name FROM dbos.operation_outputs AS steps
           WHERE steps.workflow_uuid = underway.workflow_uuid ORDER BY function_id DESC LIMIT 1) AS step
         FROM (${underWayQuery}) AS underway`,
        [],
      )
      .catch((error: Error) => [{ id: 'Postgres', status: error.message, executor: '', step: '' }])
    return rows.map(row => Object.values(row).join(' ')).join(', ')
  }
}

/** Longer than any pause that the App makes here. */
const patienceMs = 90_000

const standing = (run: RunSeen | undefined): string =>
  run ? `${run.id} is ${run.state}, ${run.standing?.phase}, ${run.standing?.notice ?? ''}` : 'there is no run'

const underWayQuery = `SELECT workflow_uuid, status, executor_id FROM dbos.workflow_status
  WHERE status IN ('PENDING', 'ENQUEUED', 'DELAYED') AND name <> 'alarm.v1'`

async function lookAt(lane: Lane, { id, issue }: Place): Promise<{ runs: RunSeen[]; underWay: boolean }> {
  const rows = await lane.query<{ id: string; state: string; output: string | null; record: string | null }>(
    `SELECT workflow_uuid AS id, status AS state, coalesce(made.output, status.output) AS output, record
     FROM dbos.workflow_status AS status LEFT JOIN dbos.workflow_output AS made USING (workflow_uuid)
     LEFT JOIN issue_crew.run ON run.id = workflow_uuid WHERE workflow_uuid LIKE $1 ORDER BY created_at`,
    [`${runPrefix({ id }, issue)}%`],
  )
  const waiting = await lane.query<{ count: number }>(
    `SELECT (SELECT count(*) FROM (${underWayQuery}) AS workflows)::integer
       + (SELECT count(*) FROM issue_crew.intake)::integer AS count`,
    [],
  )
  return {
    runs: rows.map(({ id: run, state, output, record }) => ({
      id: run,
      state,
      end: output === null ? null : (JSON.parse(output) as RunEnd),
      standing: record === null ? null : (JSON.parse(record) as RunRecord).standing,
    })),
    underWay: (waiting[0]?.count ?? 0) > 0,
  }
}
