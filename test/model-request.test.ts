import { describe, expect, test } from '@jest/globals'
import type { Message, ModelRequest } from '../src/domain/conversation.js'
import { effortFor } from '../src/model/models.js'
import { toMessagesRequest } from '../src/model/messages-request.js'
import { priceOf } from '../src/model/prices.js'

const thinking = { type: 'thinking', thinking: '', signature: 'c2ln' }

const threeTurns: Message[] = [
  { role: 'user', content: [{ type: 'text', text: 'The brief.' }] },
  {
    role: 'assistant',
    content: [
      { type: 'opaque', raw: thinking },
      { type: 'text', text: 'I look first.' },
      { type: 'tool_call', id: 'toolu_1', name: 'read_files', input: { paths: ['a.py'] } },
    ],
  },
  { role: 'user', content: [{ type: 'tool_result', callId: 'toolu_1', text: 'A = 1', isError: false }] },
  { role: 'assistant', content: [{ type: 'tool_call', id: 'toolu_2', name: 'run', input: { command: 'pytest' } }] },
  { role: 'user', content: [{ type: 'tool_result', callId: 'toolu_2', text: 'failed', isError: true }] },
]

const request = (messages: Message[], change: Partial<ModelRequest> = {}): ModelRequest => ({
  model: 'claude-opus-5-5',
  effort: 'xhigh',
  maxTokens: 16_000,
  system: 'You are a specialist.',
  tools: [{ name: 'run', description: 'Runs a command.', inputSchema: { type: 'object', properties: {} } }],
  messages,
  ...change,
})

describe('A request to the Messages API', () => {
  test('has its cache breakpoints on the system prompt, the brief, the last message sent and the newest', () => {
    expect(toMessagesRequest(request(threeTurns))).toMatchInlineSnapshot(`
     {
       "max_tokens": 16000,
       "messages": [
         {
           "content": [
             {
               "cache_control": {
                 "type": "ephemeral",
               },
               "text": "The brief.",
               "type": "text",
             },
           ],
           "role": "user",
         },
         {
           "content": [
             {
               "signature": "c2ln",
               "thinking": "",
               "type": "thinking",
             },
             {
               "text": "I look first.",
               "type": "text",
             },
             {
               "id": "toolu_1",
               "input": {
                 "paths": [
                   "a.py",
                 ],
               },
               "name": "read_files",
               "type": "tool_use",
             },
           ],
           "role": "assistant",
         },
         {
           "content": [
             {
               "cache_control": {
                 "type": "ephemeral",
               },
               "content": "A = 1",
               "tool_use_id": "toolu_1",
               "type": "tool_result",
             },
           ],
           "role": "user",
         },
         {
           "content": [
             {
               "id": "toolu_2",
               "input": {
                 "command": "pytest",
               },
               "name": "run",
               "type": "tool_use",
             },
           ],
           "role": "assistant",
         },
         {
           "content": [
             {
               "cache_control": {
                 "type": "ephemeral",
               },
               "content": "failed",
               "is_error": true,
               "tool_use_id": "toolu_2",
               "type": "tool_result",
             },
           ],
           "role": "user",
         },
       ],
       "model": "claude-opus-5-5",
       "output_config": {
         "effort": "xhigh",
       },
       "system": [
         {
           "cache_control": {
             "type": "ephemeral",
           },
           "text": "You are a specialist.",
           "type": "text",
         },
       ],
       "thinking": {
         "type": "adaptive",
       },
       "tools": [
         {
           "description": "Runs a command.",
           "input_schema": {
             "properties": {},
             "type": "object",
           },
           "name": "run",
         },
       ],
     }
    `)
  })

  test('repeats the one before it byte for byte, but for the breakpoints', () => {
    const bytes = (messages: Message[]) =>
      JSON.stringify(toMessagesRequest(request(messages))).replaceAll(',"cache_control":{"type":"ephemeral"}', '')
    for (const turns of [1, 3]) {
      const before = bytes(threeTurns.slice(0, turns))
      expect(bytes(threeTurns.slice(0, turns + 2)).startsWith(before.slice(0, -']}'.length))).toBe(true)
    }
    expect(bytes(JSON.parse(JSON.stringify(threeTurns)) as Message[])).toBe(bytes(threeTurns))
  })

  test('leaves out empty text and messages in which nothing is left', () => {
    const { messages, system } = toMessagesRequest(
      request(
        [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Plan it.' },
              { type: 'text', text: '' },
            ],
          },
          { role: 'assistant', content: [{ type: 'text', text: ' \n' }] },
          { role: 'user', content: [{ type: 'text', text: 'You said nothing.' }] },
        ],
        { system: '', tools: [] },
      ),
    )
    expect(system).toBeUndefined()
    expect(messages.map(({ role, content }) => [role, content.length])).toEqual([
      ['user', 1],
      ['user', 1],
    ])
  })

  test('never has sampling parameters, and only what the model takes', () => {
    expect(Object.keys(toMessagesRequest(request(threeTurns, { model: 'claude-haiku-4-5-20251001' })))).toEqual([
      'model',
      'max_tokens',
      'tools',
      'system',
      'messages',
    ])
    expect(effortFor('claude-opus-4-6', 'xhigh')).toBe('high')
    expect(effortFor('claude-opus-4-6', 'max')).toBe('max')
    expect(effortFor('claude-opus-4-5-20251101', 'max')).toBe('high')
    expect(effortFor('claude-of-the-future', 'xhigh')).toBe('xhigh')
  })
})

describe('A price', () => {
  const million = { inputTokens: 1e6, outputTokens: 1e6, cacheReadTokens: 1e6, cacheWriteTokens: 1e6 }

  test('counts input, output, cache writes and cache reads each at its own rate', () => {
    expect(priceOf('claude-opus-5-5', million)).toBeCloseTo(4 + 20 + 5 + 0.2)
    expect(priceOf('claude-haiku-4-5-20251001', million)).toBeCloseTo(1 + 5 + 1.25 + 0.1)
  })

  test('of a model that nobody priced is the dearest there is', () => {
    expect(priceOf('somebody-elses-model', million)).toBeCloseTo(10 + 50 + 12.5 + 1)
  })

  test('of Haiku 5.5 rises for all tokens when the prompt is longer than 100,000', () => {
    const usage = { inputTokens: 0, outputTokens: 1000, cacheWriteTokens: 0 }
    expect(priceOf('claude-haiku-5-5', { ...usage, cacheReadTokens: 100_000 })).toBeCloseTo(0.001 + 0.0005)
    expect(priceOf('claude-haiku-5-5', { ...usage, cacheReadTokens: 100_001 })).toBeCloseTo(0.005 + 0.0025)
  })
})
