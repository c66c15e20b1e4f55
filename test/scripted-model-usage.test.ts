import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Message, ModelAnswer, ModelRequest } from '../src/domain/conversation.js'
import { createAnthropicModel } from '../src/model/anthropic.js'
import { toMessagesRequest } from '../src/model/messages-request.js'
import { createPromptCache, readPrompt, type PromptUsage } from '../src/practice/model/prompt-cache.js'
import type { MessagesRequest } from '../src/practice/model/request.js'
import { startScriptedModel, type ScriptedModel } from '../src/practice/model/start.js'
import { TransientError, type Model } from '../src/ports.js'

const signal = new AbortController().signal
const wide = 24

let folder: string
let scripted: ScriptedModel
let model: Model

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scripted-'))
  const reads = Array.from({ length: wide }, (_, file) => ({ tool: 'read', input: { path: `${file}.py` } }))
  const turns = [
    { calls: reads.slice(0, 2), say: 'I look.' },
    ...Array.from({ length: 12 }, () => ({ calls: reads })),
    { say: 'Done.' },
  ]
  await writeFile(
    join(folder, 't.yaml'),
    JSON.stringify({ conversations: [{ name: 'work', when: ['specialist'], turns }] }),
  )
  scripted = await startScriptedModel({ transcripts: [join(folder, 't.yaml')] })
  model = patient(60)
})

/** A model that gives up after so many seconds of silence. */
const patient = (silence: number) =>
  createAnthropicModel({ apiKey: 'any', baseUrl: scripted.url, patience: { firstPause: 0.01, silence } })

afterEach(async () => {
  await scripted.stop()
  await rm(folder, { recursive: true })
})

const request: ModelRequest = {
  model: 'claude-opus-5-5',
  effort: 'medium',
  maxTokens: 32_000,
  system: `You are a specialist. ${'Rules. '.repeat(800)}`,
  tools: [{ name: 'read', description: 'Reads a file.', inputSchema: { type: 'object' } }],
  messages: [{ role: 'user', content: [{ type: 'text', text: `The brief. ${'Map. '.repeat(300)}` }] }],
}

/** Plays the conversation to its end, as a loop would. */
async function play(first: ModelRequest): Promise<Message[]> {
  const messages = [...first.messages]
  for (;;) {
    const answer: ModelAnswer = await model.answer({ ...first, messages }, signal)
    messages.push({ role: 'assistant', content: answer.content })
    if (answer.stopReason !== 'tool_use') return messages
    messages.push({
      role: 'user',
      content: answer.content.flatMap(block =>
        block.type === 'tool_call'
          ? [
              {
                type: 'tool_result' as const,
                callId: block.id,
                text: `text of ${JSON.stringify(block.input)} `.repeat(20),
                isError: false,
              },
            ]
          : [],
      ),
    })
  }
}

describe('The cache', () => {
  test('is read for all earlier turns by every turn of a loop, however many calls a turn has', async () => {
    await play(request)
    const { requests, refusals } = scripted.stats()
    expect(refusals).toEqual([])
    expect(requests.map(({ turn }) => turn)).toEqual(Array.from({ length: 14 }, (_, turn) => turn))
    expect(requests[0]?.cacheReadTokens).toBe(0)
    for (const [index, now] of requests.entries()) {
      const before = requests[index - 1]
      expect(now.inputTokens).toBe(0)
      if (before) expect(now.cacheReadTokens).toBe(before.cacheReadTokens + before.cacheWriteTokens)
    }
  })

  test('is read for all earlier turns even where an answer goes to and fro between text and calls', () => {
    const ids = Array.from({ length: 15 }, (_, index) => `toolu_${index}`)
    const before: Message[] = [
      ...request.messages,
      { role: 'assistant', content: [{ type: 'tool_call', id: 'toolu_x', name: 'read', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', callId: 'toolu_x', text: 'text', isError: false }] },
    ]
    const messages: Message[] = [
      ...before,
      {
        role: 'assistant',
        content: ids.flatMap(id => [
          { type: 'text', text: `Next: ${id}` },
          { type: 'tool_call', id, name: 'read', input: {} },
        ]),
      },
      { role: 'user', content: ids.map(callId => ({ type: 'tool_result', callId, text: 'text', isError: false })) },
    ]
    const cache = createPromptCache()
    const first = cache.use(readPrompt(toMessagesRequest({ ...request, messages: before }) as MessagesRequest))
    const second = cache.use(readPrompt(toMessagesRequest({ ...request, messages }) as MessagesRequest))
    expect(second.cacheReadTokens).toBe(first.cacheWriteTokens)
  })

  test('of tools and system serves the next conversation of the same agent', async () => {
    await model.answer(request, signal)
    const other: Message[] = [{ role: 'user', content: [{ type: 'text', text: 'Another brief.' }] }]
    await model.answer({ ...request, messages: other }, signal)
    const [first, second] = scripted.stats().requests
    expect(second?.cacheReadTokens).toBeGreaterThan(1024)
    expect(second?.cacheReadTokens).toBeLessThan(first?.cacheWriteTokens ?? 0)
  })

  test('keeps the brief when old results behind it were cleared, and the thinking there is given up', async () => {
    const messages = (await play(request)).slice(0, -1)
    const cleared = messages.map((message, index): Message => {
      if (index !== 2 || message.role !== 'user') return message
      return { ...message, content: message.content.map(block => ({ ...block, text: 'cleared' })) }
    })
    await model.answer({ ...request, messages: cleared }, signal)
    const { requests, refusals } = scripted.stats()
    expect(refusals.map(({ message }) => message)).toEqual([
      expect.stringContaining('bound to a different conversation'),
    ])
    expect(requests.at(-1)?.cacheReadTokens).toBe(requests[0]?.cacheWriteTokens)
  })
})

describe('The simulated cache', () => {
  const long = 'x'.repeat(8000)
  const mark = { cache_control: { type: 'ephemeral' as const } }
  const texts = (count: number, marked: number[], text = long) =>
    readPrompt({
      model: 'claude-opus-5-5',
      max_tokens: 1,
      messages: [
        {
          role: 'user',
          content: Array.from({ length: count }, (_, index) => ({
            type: 'text' as const,
            text: `${index} ${text}`,
            ...(marked.includes(index) && mark),
          })),
        },
      ],
    })
  const reads = ({ cacheReadTokens }: PromptUsage) => cacheReadTokens > 0

  test('looks back over 20 positions and no further', () => {
    const near = createPromptCache()
    near.use(texts(1, [0]))
    expect(reads(near.use(texts(20, [19])))).toBe(true)
    const far = createPromptCache()
    far.use(texts(1, [0]))
    expect(reads(far.use(texts(21, [20])))).toBe(false)
    expect(reads(far.use(texts(42, [20, 41])))).toBe(true)
  })

  test('keeps nothing under 1,024 tokens', () => {
    const cache = createPromptCache()
    expect(cache.use(texts(1, [0], 'short'))).toMatchObject({ cacheWriteTokens: 0 })
    expect(reads(cache.use(texts(1, [0], 'short')))).toBe(false)
  })

  test('forgets after five minutes without use', () => {
    let minutes = 0
    const cache = createPromptCache(() => minutes * 60_000)
    cache.use(texts(1, [0]))
    minutes = 4
    expect(reads(cache.use(texts(1, [0])))).toBe(true)
    minutes = 8
    expect(reads(cache.use(texts(1, [0])))).toBe(true)
    minutes = 13
    expect(reads(cache.use(texts(1, [0])))).toBe(false)
  })

  test('counts every token once: read, written or plain input', () => {
    const cache = createPromptCache()
    const whole = cache.use(texts(3, [1]))
    const again = cache.use(texts(3, [1, 2]))
    expect(whole.cacheWriteTokens + whole.inputTokens).toBe(again.cacheReadTokens + again.cacheWriteTokens)
    expect(again).toMatchObject({ cacheReadTokens: whole.cacheWriteTokens, inputTokens: 0 })
  })
})

describe('A fault that is ordered', () => {
  test.each([429, 500, 529, 'overloaded', 'cut'] as const)(
    '%s strikes once and the answer comes after it',
    async fault => {
      scripted.fail({ conversation: 'work', nth: 2, fault, retryAfter: 0 })
      await model.answer(request, signal)
      await model.answer(request, signal)
      expect(scripted.stats().requests).toHaveLength(2)
      expect(scripted.stats().refusals).toHaveLength(typeof fault === 'number' ? 1 : 0)
    },
  )

  test('hang lasts until the client gives up, and does not keep the server from stopping', async () => {
    scripted.fail({ conversation: 'work', nth: 1, fault: 'hang' })
    await expect(patient(0.3).answer(request, signal)).rejects.toThrow('sent nothing for 0.3 s')
    expect((await model.answer(request, signal)).stopReason).toBe('tool_use')
  })

  test('strikes as often as was ordered', async () => {
    scripted.fail({ conversation: 'work', nth: 1, times: 3, fault: 529 })
    await expect(model.answer(request, signal)).rejects.toThrow(TransientError)
    expect((await model.answer(request, signal)).stopReason).toBe('tool_use')
  })
})
