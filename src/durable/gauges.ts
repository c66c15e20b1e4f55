import { UNDER_WAY } from './agreed-names.js'
import { openPool } from './open-pool.js'

/** How things stand on the database, over all processes that share it. */
export interface Standing {
  /** Runs by state: a phase, or how they ended. Those that retention has deleted don't count. */
  runs: { state: string; count: number }[]
  /** Deliveries that are kept and not begun yet, and for how long the first of them has waited. */
  deliveriesWaiting: number
  oldestDeliverySeconds: number
  /** Runs that wait for a place among those at work. */
  runsWaitingForPlace: number
  /** For how long the first of them has waited. */
  oldestPlaceSeconds: number
  agentsAtWork: number
}

export interface Gauges {
  /** Whether the database answers, within two seconds. */
  answers(): Promise<boolean>
  read(): Promise<Standing>
  close(): Promise<void>
}

/** Reads the engine's tables for whoever watches the App. */
export function openGauges(options: { databaseUrl: string; log: (line: string) => void }): Gauges {
  const settings = { connectionTimeoutMillis: 2_000, query_timeout: 5_000 }
  const pool = openPool({ ...options, purpose: 'gauges', max: 1, settings })

  return {
    async answers() {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<false>(resolve => (timer = setTimeout(() => resolve(false), 2_000)))
      const asked = pool.query('SELECT 1').then(
        () => true,
        () => false,
      )
      return Promise.race([asked, late]).finally(() => clearTimeout(timer))
    },

    async read() {
      const { rows: runs } = await pool.query<{ state: string; count: number }>(
        `SELECT CASE
             WHEN status IN ${UNDER_WAY} THEN coalesce(record::json #>> '{standing,phase}', 'looking')
             WHEN status = 'SUCCESS' THEN coalesce(made.output::json ->> 'kind', 'done')
             WHEN status = 'ERROR' THEN 'broken' ELSE 'halted' END AS state,
           count(*)::integer AS count
         FROM dbos.workflow_status AS status
         LEFT JOIN dbos.workflow_output AS made USING (workflow_uuid)
         LEFT JOIN issue_crew.run ON run.id = workflow_uuid
         WHERE workflow_uuid LIKE 'run:%' GROUP BY 1`,
      )
      const { rows } = await pool.query<Omit<Standing, 'runs'>>(
        `SELECT
           (SELECT count(*)::integer FROM issue_crew.intake) AS "deliveriesWaiting",
           (SELECT coalesce(extract(epoch FROM now() - min(at)), 0)::float8 FROM issue_crew.intake) AS "oldestDeliverySeconds",
           (SELECT count(*)::integer FROM issue_crew.place JOIN dbos.workflow_status ON workflow_uuid = run
            WHERE NOT taken AND status IN ${UNDER_WAY}) AS "runsWaitingForPlace",
           (SELECT coalesce(extract(epoch FROM now() - min(asked_at)), 0)::float8
            FROM issue_crew.place JOIN dbos.workflow_status ON workflow_uuid = run
            WHERE NOT taken AND status IN ${UNDER_WAY}) AS "oldestPlaceSeconds",
           (SELECT count(*)::integer FROM dbos.workflow_status
            WHERE workflow_uuid LIKE 'agent:%' AND status IN ${UNDER_WAY}) AS "agentsAtWork"`,
      )
      const [standing] = rows
      if (!standing) throw new Error('the database gave no row')
      return { runs, ...standing }
    },

    close: () => pool.end(),
  }
}
