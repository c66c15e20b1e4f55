import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Anthropic from '@anthropic-ai/sdk'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { startScriptedModel, type ScriptedModel } from '../src/practice/model/start.js'

const transcript = `
conversations:
  - name: plan
    when: ["tech-lead", "JWT"]
    turns:
      - say: I look at the settings first.
        calls: [{ tool: read_files, input: { paths: [settings.py] } }]
      - expect: ["INSTALLED_APPS"]
        calls:
          - { tool: read_files, input: { paths: [a.py, b.py] } }
          - { tool: run, input: { command: pytest } }
        when_tool: run
      - say: Here is the plan.
  - name: anything
    when: ["You"]
    turns:
      - calls: [{ tool: write, input: { path: models.py, text: { $file: models.py } } }]
      - calls: [{ tool: read_files, input: { paths: "not a list" } }]
`

const readFiles: Anthropic.Tool = {
  name: 'read_files',
  description: 'Reads files.',
  input_schema: {
    type: 'object',
    properties: { paths: { type: 'array', items: { type: 'string' } } },
    required: ['paths'],
    additionalProperties: false,
  },
}
const run: Anthropic.Tool = { name: 'run', input_schema: { type: 'object' } }
const write: Anthropic.Tool = { name: 'write', input_schema: { type: 'object' } }

const request = {
  model: 'claude-opus-5-5',
  max_tokens: 4000,
  system: 'You are the tech-lead.',
  tools: [readFiles, run],
  messages: [{ role: 'user', content: 'Build JWT authentication.' }] as Anthropic.MessageParam[],
}

let folder: string
let model: ScriptedModel
let client: Anthropic

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scripted-'))
  await writeFile(join(folder, 'transcript.yaml'), transcript)
  await writeFile(join(folder, 'models.py'), 'class CustomUser: ...\n')
  model = await startScriptedModel({ transcripts: [join(folder, 'transcript.yaml')] })
  client = new Anthropic({ apiKey: 'any', authToken: null, baseURL: model.url, maxRetries: 0 })
})

afterEach(async () => {
  await model.stop()
  await rm(folder, { recursive: true })
})

const ask = (body: object) =>
  client.messages.create({ ...request, ...body } as Anthropic.MessageCreateParamsNonStreaming)

const refusalOf = async (body: object): Promise<string> => {
  const error: unknown = await ask(body).then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof Anthropic.APIError)) throw new Error('It was not refused.')
  return `${error.status} ${error.type}: ${error.apiMessage}`
}

const resultsFor = (answer: Anthropic.Message, text: string): Anthropic.MessageParam => ({
  role: 'user',
  content: answer.content.flatMap(block =>
    block.type === 'tool_use' ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: text }] : [],
  ),
})

describe('An answer', () => {
  test('is chosen by the conversation, whatever came before, and is the same each time', async () => {
    const first = await ask({})
    const messages = [
      ...request.messages,
      { role: 'assistant', content: first.content },
      resultsFor(first, 'INSTALLED_APPS = []'),
    ]
    const second = await ask({ messages })
    expect(await ask({})).toEqual(first)
    expect((await ask({ messages })).content).toEqual(second.content)
    expect(second.content.map(block => block.type === 'tool_use' && block.name)).toEqual(['read_files', 'run'])
    expect(first.stop_reason).toBe('tool_use')
    const ids = [...first.content, ...second.content]
      .map(block => block.type === 'tool_use' && block.id)
      .filter(Boolean)
    expect(new Set(ids).size).toBe(3)
  })

  test('is the same streamed and in one piece', async () => {
    const whole = await ask({})
    const events: string[] = []
    const stream = client.messages.stream(request)
    stream.on('streamEvent', event => events.push(event.type))
    const streamed = await stream.finalMessage()
    expect(streamed.content).toEqual(whole.content)
    expect(streamed.stop_reason).toBe(whole.stop_reason)
    expect([...new Set(events)]).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
  })

  test('leaves out a turn for a tool that is not offered', async () => {
    const first = await ask({ tools: [readFiles] })
    const second = await ask({
      tools: [readFiles],
      messages: [...request.messages, { role: 'assistant', content: first.content }, resultsFor(first, 'x')],
    })
    expect(second.content).toEqual([{ type: 'text', text: 'Here is the plan.' }])
    expect(second.stop_reason).toBe('end_turn')
  })

  test('holds the text of a file where the transcript names one', async () => {
    const answer = await ask({ system: 'You write.', tools: [write] })
    expect(answer.content).toMatchObject([{ input: { path: 'models.py', text: 'class CustomUser: ...\n' } }])
  })

  test('that does not fit the request is refused with what was expected and what came', async () => {
    expect(await refusalOf({ tools: [run] })).toBe(
      '400 invalid_request_error: transcript: conversation "plan", turn 0: calls "read_files", but the request offers only run',
    )
    const first = await ask({})
    const messages = [
      ...request.messages,
      { role: 'assistant', content: first.content },
      resultsFor(first, 'DEBUG = 1'),
    ]
    expect(await refusalOf({ messages })).toContain(
      'turn 1: expected "INSTALLED_APPS" in the newest message, but it says: "DEBUG = 1"',
    )
    const other = [
      { role: 'user', content: 'x' },
      { role: 'assistant', content: 'y' },
      { role: 'user', content: 'z' },
    ]
    expect(await refusalOf({ system: 'You', messages: other })).toContain(
      'the input of "read_files" doesn\'t fit its schema: input/paths must be array',
    )
    expect(await refusalOf({ system: 'You', messages: [...other, ...other.slice(1)] })).toContain(
      'there are only 2 turns',
    )
    expect(await refusalOf({ system: 'nobody' })).toContain('no conversation is meant for this request')
    expect(await refusalOf({ max_tokens: 5 })).toContain('but max_tokens is 5')
  })
})

describe('A malformed request is refused as the real API does:', () => {
  const call = { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'run', input: {} }] }
  const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'ok' }
  const hello = { role: 'user', content: 'You, tech-lead: JWT' }
  const marked = (text: string) => ({ type: 'text', text, cache_control: { type: 'ephemeral' } })

  test.each<[string, object, string]>([
    ['no max_tokens', { max_tokens: undefined }, 'max_tokens: Field required'],
    ['a max_tokens of zero', { max_tokens: 0 }, 'max_tokens: '],
    ['no model', { model: undefined }, 'model: Field required'],
    ['no messages', { messages: [] }, 'messages: '],
    ['an empty text', { messages: [{ role: 'user', content: [{ type: 'text', text: ' ' }] }] }, 'non-whitespace text'],
    ['an empty message', { messages: [hello, { role: 'assistant', content: [] }, hello] }, 'non-empty content'],
    [
      'an assistant first',
      { messages: [{ role: 'assistant', content: 'x' }, hello] },
      'first message must use the "user" role',
    ],
    ['an assistant last', { messages: [hello, { role: 'assistant', content: 'x' }] }, 'must end with a user message'],
    ['an orphan result', { messages: [{ role: 'user', content: [result] }] }, 'unexpected `tool_use_id`'],
    [
      'a call without its result',
      { messages: [hello, call, hello] },
      'without `tool_result` blocks immediately after: toolu_1',
    ],
    [
      'a result behind other content',
      { messages: [hello, call, { role: 'user', content: [{ type: 'text', text: 'x' }, result] }] },
      'at the beginning of the next message',
    ],
    [
      'two results of one call',
      { messages: [hello, call, { role: 'user', content: [result, result] }] },
      'a single result',
    ],
    [
      'the same call twice',
      { messages: [hello, call, { role: 'user', content: [result] }, call, hello] },
      'ids must be unique',
    ],
    ['a temperature', { temperature: 1 }, 'temperature: '],
    ['top_p', { top_p: 1 }, 'top_p: '],
    ['top_k', { top_k: 1 }, 'top_k: '],
    ['an unknown field', { effort: 'high' }, 'effort: Extra inputs are not permitted'],
    [
      'an unknown field of a block',
      { system: [{ type: 'text', text: 'x', id: 1 }] },
      'id: Extra inputs are not permitted',
    ],
    ['five breakpoints', { system: ['a', 'b', 'c', 'd', 'e'].map(marked) }, 'A maximum of 4 blocks'],
    [
      'a schema that is no object',
      { tools: [{ name: 'run', input_schema: { type: 'array' } }] },
      'tools.0.input_schema.type: ',
    ],
    ['two tools of one name', { tools: [run, run] }, 'Tool names must be unique'],
    [
      'calls without tools',
      { tools: [], messages: [hello, call, { role: 'user', content: [result] }] },
      'must define tools',
    ],
    ['an unknown model', { model: 'gpt' }, 'model: gpt'],
    [
      'adaptive thinking of an old model',
      { model: 'claude-haiku-4-5', thinking: { type: 'adaptive' } },
      'adaptive thinking',
    ],
    ['the effort of an old model', { model: 'claude-haiku-4-5', output_config: { effort: 'low' } }, 'effort parameter'],
  ])('%s', async (_, body, words) => {
    expect(await refusalOf(body)).toContain(words)
    expect(model.stats().requests).toEqual([])
    expect(model.stats().refusals).toHaveLength(1)
  })

  test('no key, no version, another path, no JSON', async () => {
    const post = (path: string, headers: Record<string, string>, body = '{}') =>
      fetch(`${model.url}${path}`, { method: 'POST', headers, body })
    const version = { 'anthropic-version': '2023-06-01' }
    const answers = await Promise.all([
      post('/v1/messages', version),
      post('/v1/messages', { 'x-api-key': 'k' }),
      post('/v1/elsewhere', { 'x-api-key': 'k', ...version }),
      post('/v1/messages', { 'x-api-key': 'k', ...version }, '{'),
    ])
    expect(answers.map(({ status }) => status)).toEqual([401, 400, 404, 400])
    expect(await answers[0]?.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } })
  })

  test('thinking behind a conversation that was changed', async () => {
    const body = { thinking: { type: 'adaptive' } }
    const first = await ask(body)
    expect(first.content[0]?.type).toBe('thinking')
    const rest = [{ role: 'assistant', content: first.content }, resultsFor(first, 'INSTALLED_APPS')]
    await ask({ ...body, messages: [...request.messages, ...rest] })
    expect(await refusalOf({ ...body, messages: [{ role: 'user', content: 'Build JWT.' }, ...rest] })).toContain(
      'bound to a different conversation',
    )
  })
})

describe('A transcript that cannot be used is named with file, line and place:', () => {
  const turns = (text: string) => `conversations: [{ name: a, when: [x], turns: [${text}] }]`
  const withFile = (file: string) => turns(`{ calls: [{ tool: t, input: { a: { $file: ${file} } } }] }`)

  test.each([
    ['no conversation', 'conversations: []', 'transcript.yaml:1 conversations: '],
    ['a misspelt key', turns('\n  { calls: [{ tol: t, input: {} }] }'), ':2 conversations[0].turns[0].calls[0]'],
    ['an empty turn', turns('{ delay_ms: 1 }'), 'a turn needs "say", "calls" or both'],
    ['broken YAML', 'conversations: [', 'transcript.yaml: '],
    ['a missing file', withFile('none.py'), 'conversations[0].turns[0].calls[0].input: $file "none.py" isn\'t there'],
    ['a file outside', withFile('../../etc/passwd'), '$file "../../etc/passwd"'],
    ['a link outside', withFile('link'), '$file "link" lies outside'],
    [
      'two of one name',
      `${turns('{ say: b }').slice(0, -1)}, { name: a, when: [y], turns: [{ say: b }] }]`,
      'called "a"',
    ],
  ])('%s', async (_, text, words) => {
    await writeFile(join(folder, 'transcript.yaml'), text)
    await symlink('/etc/passwd', join(folder, 'link'))
    await expect(startScriptedModel({ transcripts: [join(folder, 'transcript.yaml')] })).rejects.toThrow(words)
  })
})
