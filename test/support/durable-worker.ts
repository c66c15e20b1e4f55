/**
 * A process with an engine, to be killed: `node durable-worker.js DATABASE_URL WORLD`. What its workflows do outside is
 * a line each in files of the directory WORLD, so that it outlives the process; a step named in `hang` stands still
 * until that file is gone. Says `ready` on stdout, then answers every command (a line of JSON) with a line.
 */
import { appendFile, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { startEngine } from '../../src/durable/engine.js'
import type { Journal } from '../../src/ports.js'

export type WorkerCommand =
  | { do: 'start'; workflow: string; id: string }
  | { do: 'send'; id: string; message: unknown; key: string }
  | { do: 'stop' }

const [databaseUrl = '', world = ''] = process.argv.slice(2)

const note = (line: string) => appendFile(join(world, 'log'), `${line}\n`)
const pass = async (gate: string) => {
  const shut = () =>
    stat(join(world, `hang-${gate}`)).then(
      () => true,
      () => false,
    )
  while (await shut()) await wait(10)
}

async function threeSteps(_: unknown, journal: Journal): Promise<string> {
  for (const name of ['one', 'two', 'three']) {
    await journal.step(name, async () => {
      await note(`${journal.id} ${name} begins`)
      await pass(name)
      await note(`${journal.id} ${name} ends`)
    })
  }
  return `done by ${process.argv[4] ?? 'a worker'}`
}

async function comment(_: unknown, journal: Journal): Promise<string> {
  return journal.effect('comment', {
    find: async () => {
      await note('looked for')
      const log = await readFile(join(world, 'log'), 'utf8')
      return log.includes('created\n') ? 'the one that was there' : null
    },
    create: async () => {
      await note('created')
      await pass('create')
      return 'a new one'
    },
  })
}

async function letters(_: unknown, journal: Journal): Promise<unknown[]> {
  const received: unknown[] = []
  while (received.length < 3) {
    received.push(await journal.receive())
    await note(`received ${JSON.stringify(received.at(-1))}`)
  }
  return received
}

const engine = await startEngine({
  databaseUrl,
  log: line => process.stderr.write(`${line}\n`),
  workflows: [
    { name: 'three-steps.v1', run: threeSteps },
    { name: 'comment.v1', run: comment },
    { name: 'letters.v1', run: letters },
  ],
})
process.stdout.write('ready\n')
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line) as WorkerCommand
  if (command.do === 'start') await engine.start(command.workflow, command.id, null)
  if (command.do === 'send') await engine.send(command.id, command.message, command.key)
  if (command.do === 'stop') break
  process.stdout.write('done\n')
}
await engine.stop()
// An open pipe would keep the process; the engine must not.
process.stdin.destroy()
