import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { startEngine, type Standing, type WorkflowDefinition } from '../src/durable/engine.js'
import { deleteEndedWorkflows } from '../src/durable/retention.js'
import { TransientError, type Engine, type Journal } from '../src/ports.js'
import { eventually } from './support/eventually.js'
import { startTestDatabase, type TestDatabase } from './support/test-database.js'

let database: TestDatabase
let url: string
let engine: Engine | null = null

beforeAll(async () => {
  database = await startTestDatabase()
  url = database.fresh()
})
afterAll(async () => {
  await engine?.stop()
  await database.stop()
})

/** What the workflow of the present test does; all tests share one definition, as an App does. */
let story: (input: never, journal: Journal, standing: Standing) => Promise<unknown> = async () => null
const workflows: WorkflowDefinition[] = [
  { name: 'story.v1', run: (input, journal, standing) => story(input as never, journal, standing) },
  { name: 'other.v1', run: async input => input },
  {
    name: 'teller.v1',
    run: async (input, journal) => journal.send((input as { to: string }).to, `from ${journal.id}`),
  },
]
const lines: string[] = []
const failures: string[] = []

async function running(): Promise<Engine> {
  engine ??= await startEngine({
    databaseUrl: url,
    workflows,
    log: line => lines.push(line),
    onWorkflowError: ({ id, error }) => failures.push(`${id}: ${error.message}`),
  })
  return engine
}

async function restart(): Promise<Engine> {
  await engine?.stop()
  engine = null
  return running()
}

async function ended(id: string) {
  return eventually(async () => (await (await running()).list(id)).find(found => found.state !== 'active'))
}

async function tell<Input>(
  id: string,
  input: Input,
  run: (input: Input, journal: Journal, standing: Standing) => Promise<unknown>,
) {
  story = run as typeof story
  await (await running()).start('story.v1', id, input)
}

describe('a step', () => {
  test('is done once, and its record is returned after a restart', async () => {
    const done: string[] = []
    const seen: unknown[] = []
    await tell('step-once', null, async (_, journal) => {
      seen.push(await journal.step('first', async () => void done.push('first')))
      seen.push(await journal.step('second', async () => ({ at: new Date(0), gone: undefined })))
      return journal.receive()
    })
    await eventually(() => seen.length === 2)
    const app = await restart()
    await eventually(() => seen.length === 4)
    await app.send('step-once', 'go on', 'key')

    expect(await ended('step-once')).toMatchObject({ state: 'done', output: 'go on' })
    expect(done).toEqual(['first'])
    expect(seen.slice(0, 2)).toEqual([undefined, { at: '1970-01-01T00:00:00.000Z' }])
    expect(seen.slice(2)).toEqual(seen.slice(0, 2))
  })

  test('is tried again when waiting may mend what failed', async () => {
    let attempts = 0
    await tell('transient', null, (_, journal) =>
      journal.step('ask', async () => {
        if (++attempts < 3) throw new TransientError('GitHub answered 502', { retryAfter: 0.01 })
        return attempts
      }),
    )
    expect(await ended('transient')).toMatchObject({ state: 'done', output: 3 })
    expect(lines).toContainEqual(expect.stringMatching(/transient: "ask" failed \(GitHub answered 502\); trying again/))
  })

  test('fails the workflow with any other error, of which only name and message are kept', async () => {
    class HttpError extends Error {
      override readonly name = 'HttpError'
      readonly request = { headers: { authorization: 'token ghs_secret' } }
    }
    const caught: unknown[] = []
    await tell('broken', null, async (_, journal) => {
      try {
        await journal.step('ask', async () => {
          throw new HttpError('404 Not Found')
        })
      } catch (error) {
        caught.push(error)
        throw error
      }
    })
    expect(await ended('broken')).toMatchObject({ state: 'failed', output: { error: '404 Not Found' } })
    expect(failures).toContain('broken: 404 Not Found')
    expect(caught).toEqual([expect.objectContaining({ name: 'HttpError', message: '404 Not Found' })])
    expect(await everythingStored()).not.toContain('ghs_secret')
  })

  test('of a failed kind is caught alike in the first run and after a restart', async () => {
    const caught: string[] = []
    await tell('caught', null, async (_, journal) => {
      await journal
        .step('ask', async () => {
          throw new RangeError('too much')
        })
        .catch((error: Error) => caught.push(`${error.constructor.name} ${error.name}: ${error.message}`))
      return journal.receive()
    })
    await eventually(() => caught.length === 1)
    const app = await restart()
    await eventually(() => caught.length === 2)
    await app.send('caught', null, 'key')
    await ended('caught')
    expect(caught).toEqual(['Error RangeError: too much', 'Error RangeError: too much'])
  })

  test('that is under way when the engine stops is told so, and done again at the next start', async () => {
    const story: string[] = []
    await tell('stopped', null, (_, journal) =>
      journal.step('long', async signal => {
        if (story.push('began') > 1) return 'done the second time'
        await wait(60_000, undefined, { signal }).catch(() => story.push('was told'))
        throw new Error('Broken off')
      }),
    )
    await eventually(() => story.length === 1)
    await restart()
    expect(await ended('stopped')).toMatchObject({ state: 'done', output: 'done the second time' })
    expect(story).toEqual(['began', 'was told', 'began'])
  })
})

describe('an effect', () => {
  test('is made without being looked for in the ordinary case', async () => {
    const asked: string[] = []
    await tell('ordinary', null, (_, journal) =>
      journal.effect('comment', {
        find: async () => {
          asked.push('find')
          return null
        },
        create: async () => asked.push('create'),
      }),
    )
    await ended('ordinary')
    expect(asked).toEqual(['create'])
  })

  test('whose answer was lost is looked for before it is made again', async () => {
    const asked: string[] = []
    await tell('lost-answer', null, (_, journal) =>
      journal.effect('comment', {
        find: async () => {
          asked.push('find')
          return asked.length > 3 ? 'found' : null
        },
        create: async () => {
          asked.push('create')
          throw new TransientError('The connection was cut', { retryAfter: 0.01 })
        },
      }),
    )
    expect(await ended('lost-answer')).toMatchObject({ output: 'found' })
    expect(asked).toEqual(['create', 'find', 'create', 'find'])
  })
})

describe('messages', () => {
  test('come in the order in which they were sent, even those sent before anybody listened', async () => {
    const received: unknown[] = []
    await tell('mail', null, async (_, journal) => {
      await journal.step('look around first', () => wait(300))
      while (received.length < 40) received.push(await journal.receive())
    })
    const app = await running()
    for (let number = 0; number < 40; number++) await app.send('mail', { number }, `key ${number}`)
    await ended('mail')
    expect(received).toEqual(Array.from({ length: 40 }, (_, number) => ({ number })))
  })

  test('with the same key are delivered once', async () => {
    const received: unknown[] = []
    await tell('twice', null, async (_, journal) => {
      for (let count = 0; count < 2; count++) received.push(await journal.receive())
    })
    const app = await running()
    await app.send('twice', 'first', 'delivery-1')
    await eventually(() => received.length === 1)
    await app.send('twice', 'first', 'delivery-1')
    await app.send('twice', 'second', 'delivery-2')
    await ended('twice')
    expect(received).toEqual(['first', 'second'])
  })

  test('to a workflow that nobody started are refused', async () => {
    const app = await running()
    await expect(app.send('nobody', 'hello', 'key')).rejects.toThrow('No workflow has the id "nobody"')
  })

  test('reach a parent from the workflows that it started', async () => {
    await tell('parent', null, async (_, journal) => {
      for (const number of [1, 2]) await journal.start('teller.v1', `child/${number}`, { to: 'parent' })
      return [await journal.receive<string>(), await journal.receive<string>()].sort((a, b) => a.localeCompare(b))
    })
    expect(await ended('parent')).toMatchObject({ output: ['from child/1', 'from child/2'] })
  })
})

describe('a workflow', () => {
  test('that sleeps goes on with the rest of its sleep after a restart', async () => {
    const events: string[] = []
    await tell('sleeper', null, async (_, journal) => {
      await journal.step('before', async () => events.push('before'))
      await journal.sleep(1_500)
      events.push('after')
    })
    await eventually(() => events.length === 1)
    await restart()
    expect(events).toEqual(['before'])
    expect(await ended('sleeper')).toMatchObject({ state: 'done' })
    expect(events).toEqual(['before', 'after'])
  })

  test('is started once under its id', async () => {
    let runs = 0
    await tell('once', { issue: 7 }, async input => {
      runs++
      return input
    })
    await ended('once')
    await (await running()).start('story.v1', 'once', { issue: 8 })
    expect(await ended('once')).toEqual({ id: 'once', state: 'done', input: { issue: 7 }, output: { issue: 7 } })
    expect(runs).toBe(1)
  })

  test('that nobody knows can not be started', async () => {
    await expect((await running()).start('story.v2', 'unknown', null)).rejects.toThrow(
      'There is no workflow "story.v2". There are: story.v1, other.v1, teller.v1.',
    )
  })

  test('that is cancelled ends so: its running step is told, and nothing more of it is done', async () => {
    const events: string[] = []
    await tell('cancelled', null, async (_, journal) => {
      await journal
        .step('long', async signal => {
          events.push('began')
          await wait(60_000, undefined, { signal })
        })
        .catch(() => events.push('broken off'))
      await journal.step('after', async () => events.push('after'))
    })
    await eventually(() => events.length === 1)
    story = async (_, journal) => journal.cancel('cancelled')
    await (await running()).start('story.v1', 'canceller', null)

    await eventually(() => events.length === 2)
    await wait(200)
    expect(events).toEqual(['began', 'broken off'])
    expect(await ended('cancelled')).toMatchObject({ state: 'cancelled', output: null })
    await restart()
    expect(await ended('cancelled')).toMatchObject({ state: 'cancelled' })
  })

  test('that waits for a message can be cancelled too', async () => {
    const events: string[] = []
    await tell('waiting', null, async (_, journal) => {
      events.push('listens')
      await journal.receive().catch(() => events.push('broken off'))
    })
    await eventually(() => events.length === 1)
    story = async (_, journal) => journal.cancel('waiting')
    await (await running()).start('story.v1', 'canceller-2', null)
    await eventually(() => events.length === 2)
    expect(await ended('waiting')).toMatchObject({ state: 'cancelled' })
  })

  test('is listed by the beginning of its id, oldest first', async () => {
    const app = await running()
    for (const id of ['acme/a_b#2', 'acme/axb#1', 'acme/a_b#1']) await app.start('other.v1', id, { id })
    await ended('acme/a_b#1')
    expect((await app.list('acme/a_b')).map(({ id }) => id)).toEqual(['acme/a_b#2', 'acme/a_b#1'])
  })

  test('of a version that is gone stands still, and the log says so', async () => {
    workflows.push({ name: 'old.v1', run: async (_, journal) => journal.receive() })
    await (await restart()).start('old.v1', 'left-over', null)
    workflows.pop()
    lines.length = 0
    const app = await restart()
    expect(lines).toContainEqual(expect.stringContaining('1 run(s) of "old.v1" stand still'))
    expect(await app.list('left-over')).toMatchObject([{ state: 'active' }])
  })
})

describe('an execution whose workflow another one has taken', () => {
  /** What whoever takes a workflow over does, but that nobody goes on with it. */
  async function takeAway(id: string): Promise<void> {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(`UPDATE dbos.workflow_status SET owner_xid = 'another' WHERE workflow_uuid = $1`, [id])
    await client.end()
  }

  test('is told so before it does what can not be taken back, and does nothing any more', async () => {
    const events: string[] = []
    let goOn: () => void = () => {}
    await tell('taken-before-effect', null, async (_, journal, { confirm }) => {
      try {
        await journal.step('effect', async () => {
          await confirm()
          events.push('may')
          await new Promise<void>(resolve => (goOn = resolve))
          await confirm()
          events.push('did it')
        })
        events.push('went on')
      } catch {
        events.push('handled an error')
      } finally {
        events.push('tidied up')
      }
    })
    await eventually(() => events.length === 1)
    await takeAway('taken-before-effect')
    goOn()
    await wait(300)
    expect(events).toEqual(['may'])
    expect(failures.filter(line => line.startsWith('taken'))).toEqual([])
  })

  test('can record no step, and goes no further', async () => {
    const events: string[] = []
    let goOn: () => void = () => {}
    await tell('taken-before-record', null, async (_, journal) => {
      await journal
        .step('work', async () => {
          events.push('began')
          await new Promise<void>(resolve => (goOn = resolve))
        })
        .catch(() => events.push('handled an error'))
      events.push('went on')
    })
    await eventually(() => events.length === 1)
    await takeAway('taken-before-record')
    goOn()
    await wait(300)
    expect(events).toEqual(['began'])
    expect(await (await running()).list('taken-before-record')).toMatchObject([{ state: 'active' }])
  })
})

test('what ended long ago is deleted with all it recorded, what is under way stays', async () => {
  const app = await running()
  await app.start('other.v1', 'retention/ended', 'secret plan')
  await tell('retention/active', null, (_, journal) => journal.receive())
  await ended('retention/ended')
  const pool = new pg.Pool({ connectionString: url })
  await deleteEndedWorkflows(1, pool)
  expect(await app.list('retention/')).toHaveLength(2)
  await pool.query(`UPDATE dbos.workflow_status SET completed_at = completed_at - 2 * 86400000, created_at = 0`)
  await deleteEndedWorkflows(1, pool)
  await pool.end()
  expect(new Set((await app.list('')).map(({ state }) => state))).toEqual(new Set(['active']))
  expect(await app.list('retention/')).toMatchObject([{ id: 'retention/active' }])
})

test('a second engine in the same process is refused', async () => {
  await running()
  await expect(startEngine({ databaseUrl: url, workflows: [], log: () => {} })).rejects.toThrow(/runs in this process/)
})

test.each([
  ['postgresql://crew:hunter2@127.0.0.1:1/crew', 'Cannot use the database "crew" of user "crew" at 127.0.0.1:1'],
  ['localhost/crew?password=hunter2', 'DATABASE_URL is not the address of a PostgreSQL database'],
])('a database that can not be used is named without its password: %s', async (databaseUrl, text) => {
  await engine?.stop()
  engine = null
  const failure = await startEngine({ databaseUrl, workflows: [], log: () => {} }).then(
    () => 'It started.',
    (error: Error) => error.message,
  )
  expect(failure).toContain(text)
  expect(failure).not.toContain('hunter2')
})

async function everythingStored(): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ text: string }>(
    `SELECT coalesce(output, '') || coalesce(error, '') AS text FROM dbos.operation_outputs
     UNION ALL SELECT coalesce(output, '') || coalesce(error, '') FROM dbos.workflow_output`,
  )
  await client.end()
  return rows.map(({ text }) => text).join('\n')
}
