import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { answerFrom, findConversation, misplacedThinking, turnOf } from './answer.js'
import { toEvents, toMessage, type Reply } from './events.js'
import { createFaults, overloadedEvent, statusFault, tooLongFault, type FaultRule } from './faults.js'
import { createPromptCache, readPrompt } from './prompt-cache.js'
import { invalid, isRefusal, parseRequest, type MessagesRequest, type Refusal } from './request.js'
import { brokenRule } from './rules.js'
import { loadTranscripts } from './transcript.js'

export interface ScriptedModel {
  /** For `ANTHROPIC_BASE_URL`. */
  url: string
  stats(): { requests: AnsweredRequest[]; refusals: { status: number; message: string }[] }
  /** Lets a request of a conversation fail. */
  fail(rule: FaultRule): void
  stop(): Promise<void>
}

/** A request that was answered whole. Tokens are estimated, see {@link createPromptCache}. */
export interface AnsweredRequest {
  conversation: string
  turn: number
  /** Of the request's body. */
  bytes: number
  inputTokens: number
  cacheReadTokens: number
  cacheWriteTokens: number
  outputTokens: number
  /** When its body was here in full, in milliseconds of `clock`. */
  receivedAt: number
  /** When the last of the answer was handed over to the system; null until then. */
  answeredAt: number | null
}

/**
 * A local server that speaks the Messages API and answers from transcripts. It takes any key, refuses what the real API
 * refuses, and works out `usage` by the rules of the real cache, though without a tokenizer: the words and the token
 * counts are not a model's. Throws when a transcript can't be used.
 */
export async function startScriptedModel(options: {
  transcripts: string[]
  port?: number
  log?: (message: string) => void
  /** Told of every request that it could read. */
  heard?: (request: MessagesRequest) => void
  /** Milliseconds; `performance.now` unless told. */
  clock?: () => number
}): Promise<ScriptedModel> {
  const { clock = () => performance.now() } = options
  const conversations = await loadTranscripts(options.transcripts)
  const cache = createPromptCache()
  const faults = createFaults()
  const answered: AnsweredRequest[] = []
  const refusals: { status: number; message: string }[] = []

  const refuse = (response: ServerResponse, refusal: Refusal, headers: Record<string, string> = {}): void => {
    refusals.push({ status: refusal.status, message: refusal.message })
    options.log?.(`scripted model: ${refusal.status} ${refusal.message}`)
    const request_id = `req_${refusals.length.toString().padStart(24, '0')}`
    const body = { type: 'error', error: { type: refusal.type, message: refusal.message }, request_id }
    response.writeHead(refusal.status, { 'content-type': 'application/json', 'request-id': request_id, ...headers })
    response.end(JSON.stringify(body))
  }

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(incoming)
    const receivedAt = clock()
    const request = refusedHeaders(incoming) ?? parseJson(body)
    if (isRefusal(request)) return refuse(response, request)
    options.heard?.(request)
    const prompt = readPrompt(request)
    const refusal = brokenRule(request) ?? misplacedThinking(prompt)
    if (refusal) return refuse(response, refusal)
    const conversation = findConversation(conversations, request)
    if (!conversation) {
      const names = conversations.map(({ name }) => name).join(', ')
      return refuse(response, invalid(`transcript: no conversation is meant for this request; there are ${names}`))
    }
    const answer = answerFrom(conversation, { request, prompt })
    if (isRefusal(answer)) return refuse(response, answer)

    const rule = faults.next(conversation.name)
    const fault = rule?.fault
    if (typeof fault === 'number') {
      const after = rule?.retryAfter === undefined ? {} : { 'retry-after': String(rule.retryAfter) }
      return refuse(response, statusFault(fault), after)
    }
    if (answer.delayMs) await sleep(answer.delayMs)
    const reply: Reply = { answer, usage: cache.use(prompt), model: request.model }
    if (fault === 'too-long') return refuse(response, tooLongFault)
    if (fault) return breakOff(response, reply, fault)
    const record: AnsweredRequest = {
      conversation: conversation.name,
      turn: turnOf(request),
      bytes: body.length,
      ...reply.usage,
      outputTokens: answer.outputTokens,
      receivedAt,
      answeredAt: null,
    }
    answered.push(record)
    response.once('finish', () => (record.answeredAt = clock()))
    send(response, reply, request.stream === true)
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) => {
      options.log?.(`scripted model: ${String(error)}`)
      response.destroy()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stats: () => ({ requests: [...answered], refusals: [...refusals] }),
    fail: rule => faults.add(rule),
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function refusedHeaders({ method, url, headers }: IncomingMessage): Refusal | null {
  if (method !== 'POST' || url?.split('?')[0] !== '/v1/messages') {
    return { status: 404, type: 'not_found_error', message: 'Not Found' }
  }
  // The API takes the key in either header; the SDK has changed from the first to the second.
  if (!headers['x-api-key'] && !/^Bearer \S/.test(headers.authorization ?? '')) {
    return { status: 401, type: 'authentication_error', message: 'x-api-key header is required' }
  }
  if (!headers['anthropic-version']) return invalid('anthropic-version: header is required')
  return null
}

function parseJson(body: Buffer): MessagesRequest | Refusal {
  try {
    return parseRequest(JSON.parse(body.toString()))
  } catch {
    return invalid('The request body is not valid JSON.')
  }
}

const eventStream = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' }

function send(response: ServerResponse, reply: Reply, stream: boolean): void {
  const headers = { 'request-id': `req_${reply.answer.id.slice(4)}` }
  if (stream) {
    response.writeHead(200, { ...eventStream, ...headers }).end([...toEvents(reply)].join(''))
  } else {
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(toMessage(reply)))
  }
}

/** Sends the first half of an answer and then what the fault is. */
function breakOff(response: ServerResponse, reply: Reply, fault: 'overloaded' | 'cut' | 'hang'): void {
  const events = [...toEvents(reply)]
  const half = events.slice(0, Math.ceil(events.length / 2)).join('')
  response.writeHead(200, eventStream)
  if (fault === 'overloaded') response.end(half + overloadedEvent)
  else response.write(half, () => fault === 'cut' && response.destroy())
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
