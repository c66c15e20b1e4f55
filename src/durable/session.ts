import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { CHANNEL, LOCK_SPACE } from './agreed-names.js'

export interface Session {
  /**
   * Number that no other process on this database has at the same time, the lowest that is free: one process alone
   * always gets 0, so that it finds its own work again after a restart.
   */
  readonly slot: number
  /** Whether the process that had a slot is gone. While `work` runs nobody else can take the slot. */
  ifFree(slot: number, work: () => Promise<void>): Promise<boolean>
  /** @throws when this process doesn't hold its slot at the moment. */
  confirm(): Promise<void>
  close(): Promise<void>
}

/** What is heard. `reconnected` says that anything may have been missed. */
type Heard = { kind: 'mail' | 'cancel'; workflow: string } | { kind: 'reconnected' }

/**
 * One connection that lasts as long as the engine: it holds the slot's lock, which PostgreSQL frees the moment the
 * process is gone, and hears what other processes tell. When the connection is lost it is made anew, with the same slot.
 */
export async function openSession(options: {
  databaseUrl: string
  heard: (what: Heard) => void
  log: (line: string) => void
}): Promise<Session> {
  let client = await connect(options)
  let closed = false
  const slot = await takeLowestSlot(client)
  const lost = () => {
    if (!closed) void reconnect()
  }
  client.once('end', lost)

  const reconnect = async (): Promise<void> => {
    options.log('The database connection that holds this process’s place was lost; connecting again')
    for (let attempt = 0; !closed; attempt++) {
      await wait(attempt === 0 ? 0 : 1000)
      const next = await connect(options).catch(() => null)
      if (next === null) continue
      // Until the server notices that the old connection is gone, the lock is still that one's.
      if (!closed && (await tryLock(next, slot).catch(() => false))) {
        client = next
        client.once('end', lost)
        options.heard({ kind: 'reconnected' })
        return
      }
      await next.end().catch(() => {})
      if (attempt % 30 === 10) {
        options.log(`Another process holds place ${slot}, which this one had. Restart this process to give it another.`)
      }
    }
  }

  return {
    slot,
    ifFree: async (other, work) => {
      if (!(await tryLock(client, other))) return false
      try {
        await work()
      } finally {
        await client.query('SELECT pg_advisory_unlock($1, $2)', [LOCK_SPACE, other])
      }
      return true
    },
    confirm: async () => {
      // Answered only by the connection that holds the lock.
      await client.query('SELECT 1')
    },
    close: async () => {
      closed = true
      await client.end().catch(() => {})
    },
  }
}

async function connect(options: { databaseUrl: string; heard: (what: Heard) => void }): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: options.databaseUrl,
    connectionTimeoutMillis: 8_000,
    keepAlive: true,
    application_name: 'issue-crew session',
  })
  // A connection that breaks is reported here and then ends, which is what reconnects.
  client.on('error', () => {})
  client.on('notification', ({ channel, payload }) => {
    if (payload === undefined) return
    if (channel === CHANNEL.mail) options.heard({ kind: 'mail', workflow: payload })
    if (channel === CHANNEL.cancel) options.heard({ kind: 'cancel', workflow: payload })
  })
  try {
    await client.connect()
    // A machine that vanishes without a word frees its slot within a minute, not after the two hours that are usual.
    await client.query('SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3')
    await client.query(`LISTEN ${CHANNEL.mail}; LISTEN ${CHANNEL.cancel}`)
    return client
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
}

async function takeLowestSlot(client: pg.Client): Promise<number> {
  for (let slot = 0; ; slot++) if (await tryLock(client, slot)) return slot
}

async function tryLock(client: pg.Client, slot: number): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS locked', [
    LOCK_SPACE,
    slot,
  ])
  return rows[0]?.locked === true
}
