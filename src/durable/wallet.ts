import type pg from 'pg'
import type { Limits } from '../domain/limits.js'
import type { NotYet } from '../domain/wait.js'
import type { Call, Wallet } from '../ports.js'
import { openPool } from './open-pool.js'
import { patientQuery } from './patient-query.js'
import { STILL_RUNS } from './wallet-tables.js'

/** The wallet, in the engine's database. The engine's start makes its tables. */
export function openWallet(options: {
  databaseUrl: string
  limits: Limits
  log: (line: string) => void
}): Wallet & { close(): Promise<void> } {
  const { limits } = options
  const pool = openPool({ ...options, purpose: 'wallet', max: 4 })
  const query = <Row extends pg.QueryResultRow>(text: string, values: unknown[]) =>
    patientQuery<Row>(pool, text, values)

  return {
    async hold(call) {
      const { agent, run, repository, spentUsd, usd } = call
      const { rows } = await query<Answer>('SELECT * FROM issue_crew.hold($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', [
        ...[agent, run, repository.id, repository.installationId, spentUsd, usd],
        ...[repositoryLimit(call, limits), limits.usdPerDay.installation],
        ...[limits.runsAtOnce.repository, limits.runsAtOnce.installation],
      ])
      const [answer] = rows
      if (!answer) throw new Error('the wallet gave no answer')
      return read(answer, call, limits)
    },

    async settle({ agent, repository, spentUsd }) {
      await query('SELECT issue_crew.settle($1, $2, $3, $4)', [
        agent,
        repository.id,
        repository.installationId,
        spentUsd,
      ])
    },

    async leave(run, { installationId }) {
      const { rows } = await query<{ run: string }>(
        `WITH gone AS (DELETE FROM issue_crew.place WHERE run = $1),
           others AS (SELECT * FROM issue_crew.place WHERE installation_id = $2 AND run <> $1 AND ${STILL_RUNS}),
           first AS (
             SELECT DISTINCT ON (repository_id) run, run_began, number FROM others AS place
             WHERE NOT taken AND $3 > (
               SELECT count(*) FROM others WHERE taken AND others.repository_id = place.repository_id)
             ORDER BY repository_id, run_began, number)
         SELECT run FROM first ORDER BY run_began, number LIMIT $4`,
        [run, installationId, limits.runsAtOnce.repository, calledForAPlace],
      )
      return rows.map(row => row.run)
    },

    async countPlan({ repository, issue, key }) {
      const { rows } = await query<{ again: Date | null }>(
        `WITH recent AS (
           SELECT at, row_number() OVER (ORDER BY at DESC) AS number FROM issue_crew.planned
           WHERE repository_id = $1 AND issue_number = $2 AND key <> $3 AND at > now() - interval '1 hour'
         ), counted AS (
           INSERT INTO issue_crew.planned (repository_id, issue_number, key)
           SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT FROM recent WHERE number = $4)
           ON CONFLICT DO NOTHING
         )
         SELECT (SELECT at + interval '1 hour' FROM recent WHERE number = $4) AS again`,
        [repository, issue, key, limits.plansPerHour],
      )
      return rows[0]?.again?.toISOString() ?? null
    },

    close: () => pool.end(),
  }
}

/** One place is free: whoever is called beside the first stands in for one that no longer wants it. */
const calledForAPlace = 3

interface Answer extends pg.QueryResultRow {
  refused: 'day of repository' | 'day of installation' | 'place in repository' | 'place in installation' | null
  used: number | null
  others: number | null
  renews_in_ms: number
  renews_at: Date
}

const repositoryLimit = ({ repositoryUsdPerDay }: Call, { usdPerDay }: Limits): number =>
  Math.min(usdPerDay.repository, repositoryUsdPerDay ?? Infinity)

function read({ refused, ...answer }: Answer, call: Call, limits: Limits): NotYet | null {
  const { usdPerDay, runsAtOnce } = limits
  const others = answer.others ?? 0
  const day = { usedUsd: answer.used ?? 0, renewsInMs: answer.renews_in_ms, renewsAt: answer.renews_at.toISOString() }
  switch (refused) {
    case null:
      return null
    case 'place in repository':
      return { for: 'place', where: 'repository', others, atOnce: runsAtOnce.repository }
    case 'place in installation':
      return { for: 'place', where: 'installation', others, atOnce: runsAtOnce.installation }
    case 'day of installation':
      return { for: 'day', setBy: 'installation', limitUsd: usdPerDay.installation, ...day }
    case 'day of repository': {
      const limitUsd = repositoryLimit(call, limits)
      return { for: 'day', setBy: limitUsd < usdPerDay.repository ? 'crew.yml' : 'repository', limitUsd, ...day }
    }
  }
}
