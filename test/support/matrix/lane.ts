import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { Octokit } from '@octokit/rest'
import pg from 'pg'
import type { Example } from '../../../src/cli/example.js'
import type { Config } from '../../../src/config.js'
import { usualLimits } from '../../../src/domain/limits.js'
import { startOwnPostgres, type OwnPostgres } from '../../../src/durable/own-postgres.js'
import { createMissingDatabase } from '../../../src/durable/prepare-database.js'
import { routeOf } from '../../../src/github/endpoints.js'
import { startPracticeGitHub, type PracticeGitHub } from '../../../src/practice/github/start.js'
import { startScriptedModel, type ScriptedModel } from '../../../src/practice/model/start.js'
import { createOpenApiCheck } from '../../../src/practice/openapi/openapi-check.js'
import { openGate, type Gate } from './gate.js'
import type { Said, Told, Watch } from './watched-crew.js'

/** Everything that one case after the other needs: GitHub, the model and Postgres of its own, and the App as a process. */
export interface Lane {
  github: PracticeGitHub
  model: ScriptedModel
  gates: { github: Gate; model: Gate }
  /** The example's people, by what they are to it. */
  people: Record<'author' | 'maintainer', Octokit>
  /** What the App logged, warnings and worse, since {@link begin}. */
  readonly logged: readonly string[]
  /**
   * Has the App, which is started where it doesn't run, count its steps anew and be killed or held at one of them; `passed`
   * is told of each from now on.
   */
  begin(watch: Watch, passed?: (point: string) => void): Promise<void>
  /** Resolves when the App was killed, or held, where it should be. */
  reached(): Promise<void>
  /** Ends the App where it stands, and starts it on what it left. */
  startAgain(watch: Watch): Promise<void>
  /** Lets the App go on that is held, to the next such step. */
  goOn(watch: Watch): Promise<void>
  /** Ends the App, and all that it had under way. */
  clear(): Promise<void>
  restartDatabase(whileAway: () => Promise<void>): Promise<void>
  query<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<Row[]>
  stop(): Promise<void>
}

/** How long the App waits for GitHub's answer here. */
const gitHubTimeoutMs = 3_000

/** `crewProcess` is the compiled watched-crew.ts. */
export async function openLane(example: Example, crewProcess: string): Promise<Lane> {
  const home = await mkdtemp(join(tmpdir(), 'crew-lane-'))
  const startDatabase = (): Promise<OwnPostgres> =>
    startOwnPostgres({ dataDir: join(home, 'postgres'), log: () => undefined })
  const [github, model, database] = await Promise.all([
    startPracticeGitHub({ dataDir: join(home, 'github'), check: createOpenApiCheck() }),
    startScriptedModel({ transcripts: [await quickTranscript(example, join(home, 'words'))] }),
    startDatabase(),
  ])
  let postgres = database
  const gates = {
    github: await openGate(github.url, gitHubOperation),
    model: await openGate(model.url, modelCall),
  }
  await createMissingDatabase(postgres.databaseUrl)
  const pool = new pg.Pool({ connectionString: postgres.databaseUrl, max: 2 })
  pool.on('error', () => undefined)
  // What dies here is the App, or Postgres in order: nothing depends on what a disk has at that moment.
  for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes'])
    await pool.query(`ALTER SYSTEM SET ${setting} = off`)
  await pool.query('SELECT pg_reload_conf()')
  const secret = 'the secret of the webhooks of this lane'
  const config: Config = {
    app: { id: github.app.id, privateKey: github.app.privateKey, webhookSecret: secret },
    github: { baseUrl: `${gates.github.url}/api/v3`, writeSpacingMs: 0, timeoutMs: gitHubTimeoutMs },
    model: { apiKey: 'scripted', baseUrl: gates.model.url },
    databaseUrl: postgres.databaseUrl,
    crewLabel: 'crew',
    limits: usualLimits,
    home: join(home, 'crew'),
    server: { host: '127.0.0.1', port: 0, webhookProxyUrl: undefined, log: { level: 'info', pretty: false } },
  }
  const person = (role: 'author' | 'maintainer'): Octokit => {
    const login = example.people.find(one => one.role === role)?.login ?? ''
    const { token } = github.createUser(login)
    return new Octokit({ auth: token, baseUrl: `${github.url}/api/v3` })
  }

  let crew: { process: ChildProcess; ended: Promise<unknown> } | null = null
  let passed: (point: string) => void = () => undefined
  let logged: string[] = []
  let wanted: string | null = null
  let arrive: () => void = () => undefined
  let arrived: Promise<void> = Promise.resolve()
  let heard: () => void = () => undefined
  const tell = async (told: Told): Promise<void> => {
    const isHeard = new Promise<void>(resolve => (heard = resolve))
    crew?.process.stdin?.write(`${JSON.stringify(told)}\n`)
    await isHeard
  }
  /** Whether the App is where it should be killed, also while it is still starting. */
  let isThere = false
  const expect = ({ at }: Watch): void => {
    wanted = at
    isThere = false
    arrived = new Promise(resolve => {
      arrive = () => {
        isThere = true
        resolve()
      }
    })
  }
  const start = async (watch: Watch): Promise<void> => {
    const child = spawn(process.execPath, [crewProcess, JSON.stringify(config), JSON.stringify(watch)], {
      env: { PATH: process.env['PATH'], NODE_ENV: 'production' },
    })
    // Not `exit`: what it said last must have been heard.
    const ended = once(child, 'close')
    crew = { process: child, ended }
    child.stdin.on('error', () => undefined)
    child.once('exit', (code, signal) => {
      if (signal !== 'SIGKILL') logged.push(`The App ended by itself: ${code ?? signal}`)
      heard()
    })
    createInterface({ input: child.stderr }).on('line', line => logged.push(line))
    const url = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', line => {
        const said = JSON.parse(line) as Said
        if ('webhookUrl' in said) resolve(said.webhookUrl)
        else if ('heard' in said) heard()
        else {
          passed(said.at)
          if (said.at === wanted) arrive()
        }
      })
      // One that is killed again while it starts never says where it is.
      void ended.then(() => (isThere ? resolve('') : reject(new Error(`The App did not start:\n${logged.join('\n')}`))))
    })
    if (url !== '') github.sendWebhooksTo({ url, secret })
  }
  const kill = async (): Promise<void> => {
    crew?.process.kill('SIGKILL')
    await crew?.ended
    crew = null
  }
  const lane: Lane = {
    github,
    model,
    gates,
    people: { author: person('author'), maintainer: person('maintainer') },
    get logged() {
      return logged
    },
    async begin(watch, tellPassed = () => undefined) {
      expect(watch)
      if (!crew) await start(watch)
      await tell({ watch, anew: true })
      passed = tellPassed
      logged = []
    },
    reached: () => arrived,
    async startAgain(watch) {
      await kill()
      expect(watch)
      await start(watch)
    },
    async goOn(watch) {
      expect(watch)
      await tell({ watch, goOn: true })
    },
    async clear() {
      await kill()
      // Which may be away just then.
      postgres = await startDatabase()
      await lane.query(
        `UPDATE dbos.workflow_status SET status = 'CANCELLED' WHERE status IN ('PENDING', 'ENQUEUED', 'DELAYED')`,
        [],
      )
      await lane.query('DELETE FROM issue_crew.intake', [])
    },
    async restartDatabase(whileAway) {
      await postgres.stop()
      try {
        await whileAway()
      } finally {
        postgres = await startDatabase()
      }
    },
    async query<Row extends pg.QueryResultRow>(text: string, values: unknown[]) {
      return (await pool.query<Row>(text, values)).rows
    },
    async stop() {
      await kill()
      await pool.end()
      await Promise.all([gates.github.stop(), gates.model.stop()])
      await Promise.all([github.stop(), model.stop(), postgres.stop()])
      await rm(home, { recursive: true, force: true })
    },
  }
  return lane
}

/** The example's words, but that specialists don't have Django's tests run, which takes longer than all the rest. */
async function quickTranscript({ transcript }: Example, folder: string): Promise<string> {
  await cp(dirname(transcript), folder, { recursive: true })
  const quick = join(folder, basename(transcript))
  await writeFile(quick, (await readFile(quick, 'utf8')).replaceAll('python3 manage.py', 'echo manage.py'))
  return quick
}

/** As in GitHub's description; GraphQL by the field that is asked for. */
function gitHubOperation({ method, url, body }: { method: string; url: string; body: string }): string {
  const route = routeOf(method, `http://github${url}`)
  if (!route.endsWith('/graphql')) return route
  const field = /"query":\s*"[^{]*\{(?:\s|\\n)*(\w+)/.exec(body)?.[1] ?? ''
  return `graphql ${field}`
}

/** By the agent's first words, so that each of a conversation's turns is one more of its kind. */
function modelCall({ body }: { body: string }): string {
  const { system } = JSON.parse(body) as { system: string | { text: string }[] }
  const text = typeof system === 'string' ? system : system.map(block => block.text).join('\n')
  return /# You are ([\w-]+)/.exec(text)?.[1] ?? 'model'
}
