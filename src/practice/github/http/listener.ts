import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { answerGit, matchGit } from '../git/smart-http.js'
import { answerGraphql } from '../graphql/answer-graphql.js'
import type { OpenApiCheck, Violation } from '../openapi-check.js'
import { now, type World } from '../state/world.js'
import { admit } from './access.js'
import { notFound, Refused, type Answer } from './answer.js'
import { parseJson, readBody } from './body.js'
import { identify, type Caller } from './caller.js'
import type { FaultRule, Faults } from './faults.js'
import type { RateMeter } from './rate-limits.js'
import { isContentCreating, type RequestRecord } from './record.js'
import { createRouter, type RepositoryCall, type Route } from './routes.js'

export interface Listening {
  world: World
  routes: Route[]
  faults: Faults
  meter: RateMeter
  check: OpenApiCheck | undefined
  requests: RequestRecord[]
  violations: Violation[]
  log: (line: string) => void
}

/** What is known of one request while it is answered. */
interface Exchange {
  record: RequestRecord
  caller: Caller
  url: URL
  headers: Record<string, string>
}

/** Answers every request that comes in: REST below `/api/v3`, GraphQL at `/api/graphql`, git at `/OWNER/NAME.git`. */
export function createListener(listening: Listening): (request: IncomingMessage, response: ServerResponse) => void {
  const find = createRouter(listening.routes)

  return (request, response) => {
    // A peer that hangs up while it is answered is no event here.
    request.on('error', () => undefined)
    response.on('error', () => undefined)
    void handle(request, response).catch((error: unknown) => {
      listening.log(`${request.method} ${request.url} failed: ${error instanceof Error ? error.stack : String(error)}`)
      if (!response.headersSent) send(response, { status: 500, body: { message: 'Server Error' } }, {})
      else response.destroy()
    })
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://practice')
    const method = request.method ?? 'GET'
    const record: RequestRecord = {
      at: now(),
      interface: 'rest',
      method,
      path: url.pathname,
      route: null,
      status: 0,
      by: 'anonymous',
      contentCreating: false,
      bytes: Number(request.headers['content-length'] ?? 0),
    }
    remember(listening.requests, record)
    const exchange: Exchange = { record, caller: { kind: 'anonymous' }, url, headers: {} }
    response.on('close', () => {
      if (response.writableFinished) record.status = response.statusCode
      listening.world.events.emit('request', record)
    })
    if (url.pathname.startsWith('/api/v3')) return rest(request, response, exchange)
    if (url.pathname === '/api/graphql') return graphql(request, response, exchange)
    const git = matchGit(method, url)
    if (git === null) return send(response, { status: 404, body: 'Not Found\n' }, {})
    record.interface = 'git'
    record.route = git.route
    const caller = identifyOrRefuse(request, exchange)
    const fault = listening.faults.meet(record)
    if (fault !== null) return misbehave(response, fault)
    if (caller instanceof Refused)
      return send(response, { status: caller.answer.status, body: `${caller.message}\n` }, {})
    await answerGit({ world: listening.world, caller, git, request, response })
  }

  async function rest(request: IncomingMessage, response: ServerResponse, exchange: Exchange): Promise<void> {
    const { record, url } = exchange
    const path = url.pathname.slice('/api/v3'.length) || '/'
    const answer = async (): Promise<Answer> => {
      const found = find(record.method, path)
      record.route = found?.route.template ?? null
      record.contentCreating = isContentCreating(record.method, record.route)
      const caller = identifyOrRefuse(request, exchange)
      const body = await readBody(request)
      record.bytes = body.length
      const fault = listening.faults.meet({ ...record, path })
      if (fault !== null && fault !== 'cut') return fault === 'hang' ? HANG : fault
      const result = await refusalsAsAnswers(async () => {
        const counted: Caller = caller instanceof Refused ? { kind: 'anonymous' } : caller
        exchange.headers = listening.meter.count(counted, { ...record, resource: 'core' })
        if (caller instanceof Refused) throw caller
        const json = parseJson(body)
        checkRequest(record, { path, url, body: json })
        if (found === null) throw notFound()
        const admission = await admit(listening.world, caller, found.route, found.params)
        const call = {
          world: listening.world,
          caller,
          path,
          params: found.params,
          query: url.searchParams,
          accept: request.headers.accept ?? '',
          body: found.route.parseBody(json),
          ...admission,
        } as RepositoryCall
        const run = async (): Promise<Answer> => found.route.run(call)
        return admission.repository !== null && isOrdered(record) ? admission.repository.git.inOrder(run) : run()
      })
      checkAnswer(record, path, result)
      return fault === 'cut' ? CUT : result
    }
    finish(response, await refusalsAsAnswers(answer), exchange.headers)
  }

  async function graphql(request: IncomingMessage, response: ServerResponse, exchange: Exchange): Promise<void> {
    const { record } = exchange
    record.interface = 'graphql'
    record.route = '/graphql'
    const caller = identifyOrRefuse(request, exchange)
    const answer = async (): Promise<Answer> => {
      const body = await readBody(request)
      record.bytes = body.length
      const fault = listening.faults.meet(record)
      if (fault !== null && fault !== 'cut') return fault === 'hang' ? HANG : fault
      if (caller instanceof Refused) throw caller
      exchange.headers = listening.meter.count(caller, { ...record, resource: 'graphql' })
      if (record.method !== 'POST') throw notFound()
      const result = await answerGraphql(listening.world, caller, parseJson(body))
      return fault === 'cut' ? CUT : result
    }
    finish(response, await refusalsAsAnswers(answer), exchange.headers)
  }

  function identifyOrRefuse(request: IncomingMessage, exchange: Exchange): Caller | Refused {
    try {
      exchange.caller = identify(listening.world, request.headers)
      exchange.record.by = exchange.caller.kind
      return exchange.caller
    } catch (error) {
      if (error instanceof Refused) return error
      throw error
    }
  }

  function checkRequest(record: RequestRecord, request: { path: string; url: URL; body: unknown }): void {
    if (listening.check === undefined || (record.by !== 'app' && record.by !== 'installation')) return
    const query = Object.fromEntries(request.url.searchParams)
    const { problems } = listening.check.checkRequest({
      method: record.method,
      path: request.path,
      query,
      body: request.body,
    })
    if (problems.length > 0)
      listening.violations.push({ kind: 'request', method: record.method, path: request.path, problems })
  }

  // People may use routes that the App doesn't: those are in no slice, and their answers are held against nothing.
  function checkAnswer(record: RequestRecord, path: string, answer: Answer): void {
    const { check } = listening
    if (check === undefined || record.route === null || Buffer.isBuffer(answer.body) || typeof answer.body === 'string')
      return
    const byApp = record.by === 'app' || record.by === 'installation'
    if (!byApp && check.checkRequest({ method: record.method, path, query: {}, body: undefined }).route === null) return
    const body: unknown = answer.body === undefined ? undefined : JSON.parse(JSON.stringify(answer.body))
    const problems = check.checkResponse({ method: record.method, path, status: answer.status, body })
    if (problems.length > 0) listening.violations.push({ kind: 'response', method: record.method, path, problems })
  }
}

const HANG: Answer = { status: -1 }
const CUT: Answer = { status: -2 }
const REQUESTS_KEPT = 20_000

function remember(requests: RequestRecord[], record: RequestRecord): void {
  requests.push(record)
  if (requests.length > REQUESTS_KEPT) requests.splice(0, requests.length - REQUESTS_KEPT)
}

/** Objects of git never conflict; whatever else writes to a repository takes its turn. */
const isOrdered = (record: RequestRecord): boolean =>
  record.method !== 'GET' && !/\/git\/(blobs|trees|commits)$/.test(record.route ?? '')

async function refusalsAsAnswers(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Refused) return error.answer
    throw error
  }
}

/** For git, whose exchanges take several requests, a cut connection just ends. */
function misbehave(response: ServerResponse, fault: FaultRule['answer']): void {
  if (fault === 'cut') response.destroy()
  else if (fault !== 'hang') send(response, fault, {})
}

function finish(response: ServerResponse, answer: Answer, headers: Record<string, string>): void {
  if (answer === HANG) return
  if (answer === CUT) response.destroy()
  else send(response, answer, headers)
}

function send(response: ServerResponse, answer: Answer, headers: Record<string, string>): void {
  const isText = Buffer.isBuffer(answer.body) || typeof answer.body === 'string'
  const body = answer.body === undefined ? '' : isText ? (answer.body as Buffer | string) : JSON.stringify(answer.body)
  response.writeHead(answer.status, {
    server: 'practice-github',
    'x-github-request-id': randomUUID(),
    'x-github-media-type': 'github.v3; format=json',
    'cache-control': 'no-cache',
    ...(answer.body === undefined
      ? {}
      : { 'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8' }),
    ...headers,
    ...answer.headers,
    ...(answer.status === 204 ? {} : { 'content-length': Buffer.byteLength(body) }),
  })
  response.end(body)
}
