import { createSign } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { Octokit } from '@octokit/rest'

import { startPracticeGitHub, type PracticeGitHub, type PracticeOptions } from '../../src/practice/github/start.js'
import { createOpenApiCheck } from '../../src/practice/openapi/openapi-check.js'

export interface Setting {
  github: PracticeGitHub
  directory: string
  /** Acts as whoever the token belongs to. */
  octokit: (token?: string) => Octokit
  /** Acts as the App itself, with a token it signed; `claims` override what it says. */
  asApp: (claims?: Record<string, unknown>) => Octokit
  /** Acts as the installation. */
  asInstallation: (installationId: number, narrow?: Narrow) => Promise<Octokit>
  installationToken: (installationId: number, narrow?: Narrow) => Promise<string>
  close: () => Promise<void>
}

interface Narrow {
  permissions?: Record<string, 'read' | 'write'>
  repositories?: string[]
}

/** A practice GitHub whose requests and answers are held against GitHub's own description. */
export async function openSetting(options: Partial<PracticeOptions> = {}): Promise<Setting> {
  const directory = await mkdtemp(join(tmpdir(), 'practice-github-'))
  const github = await startPracticeGitHub({
    dataDir: join(directory, 'data'),
    check,
    ...options,
  })
  const octokit = (token?: string): Octokit =>
    new Octokit({ baseUrl: `${github.url}/api/v3`, ...(token === undefined ? {} : { auth: token }), log: SILENT })
  const asApp = (claims: Record<string, unknown> = {}): Octokit => octokit(signAppToken(github, claims))
  const installationToken = async (installationId: number, narrow: Narrow = {}): Promise<string> => {
    const { data } = await asApp().rest.apps.createInstallationAccessToken({
      installation_id: installationId,
      ...narrow,
    })
    return data.token
  }
  return {
    github,
    directory,
    octokit,
    asApp,
    installationToken,
    asInstallation: async (installationId, narrow) => octokit(await installationToken(installationId, narrow)),
    async close() {
      await github.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Writes files and returns the directory that holds them. */
export async function writeFiles(directory: string, files: Record<string, string>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), text)
  }
  return directory
}

/** The status and body of a request that is refused. */
export async function refusal(
  request: Promise<unknown>,
): Promise<{ status: number; message: string; errors: unknown; headers: Record<string, unknown> }> {
  try {
    await request
  } catch (error) {
    const { status, response } = error as {
      status: number
      response: { data: { message: string; errors?: unknown }; headers: Record<string, unknown> }
    }
    return { status, message: response.data.message, errors: response.data.errors, headers: response.headers }
  }
  throw new Error('The request was not refused')
}

export interface Received {
  headers: IncomingHttpHeaders
  raw: string
  payload: Record<string, unknown>
}

/** Somewhere for webhooks to go. `answer` says with which status each is answered. */
export async function openReceiver(answer: (received: Received) => number | Promise<number> = () => 202): Promise<{
  url: string
  received: Received[]
  close: () => Promise<void>
}> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const raw = Buffer.concat(chunks).toString('utf8')
      const one = { headers: request.headers, raw, payload: JSON.parse(raw) as Record<string, unknown> }
      received.push(one)
      void Promise.resolve(answer(one)).then(status => response.writeHead(status).end())
    })
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/api/github/webhooks`,
    received,
    close: () =>
      new Promise(done => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

function signAppToken(github: PracticeGitHub, claims: Record<string, unknown>): string {
  const now = Math.floor(Date.now() / 1000)
  const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url')
  const payload = { iss: github.app.id, iat: now - 30, exp: now + 500, ...claims }
  const unsigned = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(payload)}`
  return `${unsigned}.${createSign('RSA-SHA256').update(unsigned).sign(github.app.privateKey, 'base64url')}`
}

// Compiling GitHub's schemas takes longer than most tests.
const check = createOpenApiCheck()

const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
