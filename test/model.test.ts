import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { ModelRequest } from '../src/domain/conversation.js'
import { createAnthropicModel } from '../src/model/anthropic.js'
import { TransientError } from '../src/ports.js'

type Answerer = (response: ServerResponse, body: string, incoming: IncomingMessage) => unknown

let server: Server
let url: string
let answers: Answerer[]
let bodies: string[]
let log: string[]

beforeEach(async () => {
  answers = []
  bodies = []
  log = []
  server = createServer((incoming, response) => {
    let body = ''
    incoming.on('data', (chunk: Buffer) => (body += chunk.toString()))
    incoming.on('end', () => {
      bodies.push(body)
      const answer = answers[Math.min(bodies.length, answers.length) - 1]
      void answer?.(response, body, incoming)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterEach(async () => {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})

const request: ModelRequest = {
  model: 'claude-opus-5-5',
  effort: 'medium',
  maxTokens: 1000,
  system: 'You test.',
  tools: [{ name: 'write', description: 'Writes a file.', inputSchema: { type: 'object' } }],
  messages: [
    { role: 'user', content: [{ type: 'text', text: 'Hello.' }] },
    {
      role: 'assistant',
      content: [
        { type: 'opaque', raw: { type: 'thinking', thinking: '', signature: 'old' } },
        { type: 'text', text: 'Yes?' },
      ],
    },
    { role: 'user', content: [{ type: 'text', text: 'Go on.' }] },
  ],
}

const ask = (signal = new AbortController().signal, patience = {}) =>
  createAnthropicModel({
    apiKey: 'sk-test',
    baseUrl: url,
    log: message => log.push(message),
    patience: { firstPause: 0.01, ...patience },
  }).answer(request, signal)

const faultOf = (answer: Promise<unknown>): Promise<Error> =>
  answer.then(
    () => {
      throw new Error('There was no fault.')
    },
    (error: unknown) => error as Error,
  )

// ---------------------------------------------------------------- what the server says

const event = (type: string, data: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`

const start = event('message_start', {
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-opus-5-5',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 11, output_tokens: 1, cache_creation_input_tokens: 7, cache_read_input_tokens: 5 },
  },
})
const block = (index: number, content_block: object, ...deltas: object[]): string =>
  event('content_block_start', { index, content_block }) +
  event('ping', {}) +
  deltas.map(delta => event('content_block_delta', { index, delta })).join('') +
  event('content_block_stop', { index })
const text = (index: number, words: string): string =>
  block(index, { type: 'text', text: '' }, { type: 'text_delta', text: words })
const call = (index: number, ...json: string[]): string =>
  block(
    index,
    { type: 'tool_use', id: 'toolu_1', name: 'write', input: {} },
    ...json.map(partial_json => ({ type: 'input_json_delta', partial_json })),
  )
const end = (stop_reason: string): string =>
  event('message_delta', { delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 42 } }) +
  event('message_stop', {})

const stream =
  (...parts: string[]): Answerer =>
  response => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(parts.join(''))
  }
const refuse =
  (status: number, type: string, message: string, headers = {}): Answerer =>
  response => {
    response
      .writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_7', ...headers })
      .end(JSON.stringify({ type: 'error', error: { type, message } }))
  }
const good = stream(start, text(0, 'Done.'), end('end_turn'))
const cut: Answerer = response => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(start + text(0, 'Do'), () => response.destroy())
}
const overloadedMidway = stream(start, event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }))

// ---------------------------------------------------------------- what we promise

describe('An answer', () => {
  test('comes whole: thinking unchanged, text, calls, and the usage of the end', async () => {
    answers = [
      stream(
        start,
        block(
          0,
          { type: 'thinking', thinking: '', signature: '' },
          { type: 'thinking_delta', thinking: 'Hm' },
          { type: 'signature_delta', signature: 'sig' },
        ),
        text(1, 'I write.'),
        call(2, '{"path": "a", ', '"text": "b"}'),
        end('tool_use'),
      ),
    ]
    expect(await ask()).toEqual({
      content: [
        { type: 'opaque', raw: { type: 'thinking', thinking: 'Hm', signature: 'sig' } },
        { type: 'text', text: 'I write.' },
        { type: 'tool_call', id: 'toolu_1', name: 'write', input: { path: 'a', text: 'b' } },
      ],
      stopReason: 'tool_use',
      usage: { inputTokens: 11, outputTokens: 42, cacheWriteTokens: 7, cacheReadTokens: 5 },
      model: 'claude-opus-5-5',
    })
  })

  test('that ends in the middle of a call never passes half an input for a whole one', async () => {
    answers = [stream(start, call(0, '{"path": "a", "text": "first ha'), end('max_tokens'))]
    expect(await ask()).toMatchObject({
      content: [{ input: { incomplete_json: '{"path": "a", "text": "first ha' } }],
      stopReason: 'max_tokens',
    })
  })

  test('is asked for again when a call is no JSON at all', async () => {
    answers = [stream(start, call(0, '{"path": ]]'), end('tool_use')), good]
    const answer = await ask()
    expect(answer.content).toEqual([{ type: 'text', text: 'Done.' }])
  })
})

describe('A short fault is waited out, and only the finished answer counts:', () => {
  test.each<[string, Answerer]>([
    ['a cut in the middle', cut],
    ['a stream that ends without its end', stream(start, text(0, 'Do'))],
    ['an overload in the middle', overloadedMidway],
    ['an overload at once', refuse(529, 'overloaded_error', 'Overloaded')],
    ['a server error', refuse(500, 'api_error', 'Internal server error')],
    ['a rate limit that soon ends', refuse(429, 'rate_limit_error', 'Slow down', { 'retry-after': '0' })],
    ['a connection that is refused', response => response.destroy()],
  ])('%s', async (_, fault) => {
    answers = [fault, fault, good]
    const answer = await ask()
    expect(answer.usage).toEqual({ inputTokens: 11, outputTokens: 42, cacheWriteTokens: 7, cacheReadTokens: 5 })
    expect(bodies).toHaveLength(3)
    expect(log).toHaveLength(2)
    expect(new Set(bodies).size).toBe(1)
  })
})

describe('A lasting fault is thrown as transient:', () => {
  test.each<[string, Answerer, number, RegExp]>([
    [
      'overload after three attempts',
      refuse(529, 'overloaded_error', 'Overloaded'),
      3,
      /can't answer now: 529 overloaded_error: Overloaded \(request req_7\)/,
    ],
    ['overload in the stream', overloadedMidway, 3, /can't answer now: in the stream overloaded_error: Overloaded/],
    ['a cut', cut, 3, /broke off/],
    [
      'a rate limit that asks for a minute, at once',
      refuse(429, 'rate_limit_error', 'Slow down', { 'retry-after': '60' }),
      1,
      /429 rate_limit_error/,
    ],
  ])('%s', async (_, answer, attempts, words) => {
    answers = [answer]
    const fault = await faultOf(ask())
    expect(fault).toBeInstanceOf(TransientError)
    expect(fault.message).toMatch(words)
    expect(bodies).toHaveLength(attempts)
    if (attempts === 1) expect((fault as TransientError).retryAfter).toBe(60)
  })

  test('a server that nobody listens at', async () => {
    const gone = createServer()
    await new Promise<void>(resolve => gone.listen(0, '127.0.0.1', resolve))
    const { port } = gone.address() as AddressInfo
    await new Promise(resolve => gone.close(resolve))
    const baseUrl = `http://127.0.0.1:${port}`
    const model = createAnthropicModel({ apiKey: 'k', baseUrl, patience: { attempts: 1 } })
    const fault = await faultOf(model.answer(request, new AbortController().signal))
    expect(fault).toBeInstanceOf(TransientError)
    expect(fault.message).toBe(
      `The model's API at ${baseUrl} can't be reached: connect ECONNREFUSED 127.0.0.1:${port}.`,
    )
  })

  test.each<[string, Answerer]>([
    ['silence before the first byte', () => {}],
    [
      'silence in the middle of a stream',
      response => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(start)
      },
    ],
  ])('%s', async (_, answer) => {
    answers = [answer]
    const fault = await faultOf(ask(undefined, { silence: 0.2 }))
    expect(fault).toBeInstanceOf(TransientError)
    expect(fault.message).toBe(`The model's API at ${url} sent nothing for 0.2 s.`)
    expect(bodies).toHaveLength(1)
  })

  test('but not a slow stream that is kept alive by pings', async () => {
    answers = [
      async response => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(start)
        for (let ping = 0; ping < 8; ping++) {
          await sleep(100)
          response.write(event('ping', {}))
        }
        response.end(text(0, 'Done.') + end('end_turn'))
      },
    ]
    expect((await ask(undefined, { silence: 0.5 })).content).toEqual([{ type: 'text', text: 'Done.' }])
  })
})

describe('What no waiting mends says what to change:', () => {
  test.each<[string, Answerer, string]>([
    [
      'a bad key',
      refuse(401, 'authentication_error', 'invalid x-api-key'),
      'ANTHROPIC_API_KEY is refused by URL (401 authentication_error: invalid x-api-key (request req_7)). Put a key into .env that is valid there and may use claude-opus-5-5.',
    ],
    ['a key without permission', refuse(403, 'permission_error', 'No.'), 'ANTHROPIC_API_KEY is refused by URL'],
    [
      'an unknown model',
      refuse(404, 'not_found_error', 'model: claude-opus-5-5'),
      'The model "claude-opus-5-5" isn\'t known at URL (404 not_found_error: model: claude-opus-5-5 (request req_7)). Name another one for this role in .github/crew.yml, or correct ANTHROPIC_BASE_URL.',
    ],
    ['an unpaid bill', refuse(402, 'billing_error', 'No credit.'), 'until its bill is paid'],
    [
      'a request that is wrong',
      refuse(400, 'invalid_request_error', 'tools.0: bad'),
      'URL refused the request to claude-opus-5-5 (400 invalid_request_error: tools.0: bad (request req_7)).',
    ],
    [
      'an error in the stream that is ours',
      stream(start, event('error', { error: { type: 'invalid_request_error', message: 'bad' } })),
      'refused the request',
    ],
  ])('%s', async (_, answer, words) => {
    answers = [answer]
    const fault = await faultOf(ask())
    expect(fault).not.toBeInstanceOf(TransientError)
    expect(fault.message.replace(url, 'URL')).toContain(words)
    expect(bodies).toHaveLength(1)
  })

  test('a conversation that is too long', async () => {
    answers = [refuse(400, 'invalid_request_error', 'prompt is too long: 1100000 tokens > 1000000 maximum')]
    const fault = await faultOf(ask())
    expect(fault.name).toBe('PromptTooLongError')
    expect(fault.message).toContain('1100000 tokens > 1000000 maximum')
  })
})

test('Thinking that the API no longer accepts is left out and the request made once more', async () => {
  const refusal = refuse(
    400,
    'invalid_request_error',
    'messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound to a different conversation.',
  )
  answers = [refusal, good]
  expect((await ask()).content).toEqual([{ type: 'text', text: 'Done.' }])
  expect(bodies.map(body => body.includes('"thinking":""'))).toEqual([true, false])
  answers = [refusal]
  expect((await faultOf(ask())).message).toContain('bound to a different conversation')
  expect(bodies).toHaveLength(4)
})

test('An abort rejects at once with its reason: before, during the stream and while waiting', async () => {
  const reason = new Error('cancelled by a person')
  answers = [good]
  expect(await faultOf(ask(AbortSignal.abort(reason)))).toBe(reason)
  expect(bodies).toHaveLength(0)

  const during = new AbortController()
  answers = [
    response => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(start)
      setTimeout(() => during.abort(reason), 50)
    },
  ]
  expect(await faultOf(ask(during.signal))).toBe(reason)

  const waiting = new AbortController()
  answers = [
    response => {
      refuse(529, 'overloaded_error', 'Overloaded')(response, '', {} as IncomingMessage)
      setTimeout(() => waiting.abort(reason), 50)
    },
  ]
  expect(await faultOf(ask(waiting.signal, { firstPause: 3600 }))).toBe(reason)
})

test('The key goes into one header, and a token of another program stays at home', async () => {
  process.env['ANTHROPIC_AUTH_TOKEN'] = 'not-ours'
  const headers: IncomingMessage['headers'][] = []
  answers = [
    (response, body, incoming) => {
      headers.push(incoming.headers)
      good(response, body, incoming)
    },
  ]
  await ask().finally(() => delete process.env['ANTHROPIC_AUTH_TOKEN'])
  expect(JSON.stringify(headers)).not.toContain('not-ours')
  expect([headers[0]?.authorization, headers[0]?.['x-api-key']].filter(Boolean)).toHaveLength(1)
})
