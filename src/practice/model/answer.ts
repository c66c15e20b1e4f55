import { createHash } from 'node:crypto'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { tokensOf, type PromptBlock } from './prompt-cache.js'
import { blocksOf, invalid, type Block, type MessagesRequest, type Refusal } from './request.js'
import type { Conversation } from './transcript.js'

/** What the scripted model says to a request. */
export interface ScriptedAnswer {
  id: string
  content: AnswerBlock[]
  stopReason: 'end_turn' | 'tool_use' | 'refusal'
  outputTokens: number
  delayMs: number
}

export type AnswerBlock =
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'text'; text: string }
  | { type: 'tool_use'; id: string; name: string; input: Record<string, unknown> }

/** The first conversation all of whose `when` occur in the system prompt and the first message together. */
export function findConversation(conversations: Conversation[], request: MessagesRequest): Conversation | null {
  const opening = [...blocksOf(request.system), ...blocksOf(request.messages[0]?.content)].map(textOf).join('\n')
  return conversations.find(({ when }) => when.every(words => opening.includes(words))) ?? null
}

/** How many of the assistant's messages a conversation holds: the index of the turn that answers it. */
export const turnOf = (request: MessagesRequest): number =>
  request.messages.filter(message => message.role === 'assistant').length

/**
 * The turn of a conversation that answers a request: it depends on the conversation alone, so that a request that is
 * made again gets the same answer, ids included. Where transcript and request don't fit each other, that is an error of
 * whoever wrote one of them, so it is refused aloud ("transcript: …").
 */
export function answerFrom(
  conversation: Conversation,
  { request, prompt }: { request: MessagesRequest; prompt: PromptBlock[] },
): ScriptedAnswer | Refusal {
  const complain = (what: string) => invalid(`transcript: conversation "${conversation.name}", ${what}`)
  const offered = new Map((request.tools ?? []).map(tool => [tool.name, tool.input_schema]))
  const turns = conversation.turns.filter(({ whenTool }) => whenTool === undefined || offered.has(whenTool))
  const index = turnOf(request)
  const turn = turns[index]
  if (!turn) {
    return complain(
      `turn ${index}: there are only ${turns.length} turns, but the conversation goes on with: ${newest(request)}`,
    )
  }

  const said = textOfMessage(request)
  const missing = turn.expect.find(words => !said.includes(words))
  if (missing !== undefined) {
    return complain(`turn ${index}: expected "${missing}" in the newest message, but it says: ${newest(request)}`)
  }
  for (const { tool, input } of turn.unruly ? [] : turn.calls) {
    const schema = offered.get(tool)
    if (!schema) {
      return complain(
        `turn ${index}: calls "${tool}", but the request offers only ${[...offered.keys()].join(', ') || 'no tools'}`,
      )
    }
    const misfit = misfitOf(schema, input)
    if (misfit) return complain(`turn ${index}: the input of "${tool}" doesn't fit its schema: ${misfit}`)
  }

  const idOf = (...parts: unknown[]) => digest([conversation.name, index, ...parts])
  const content: AnswerBlock[] = [
    // As current models do: thinking whose text is kept back, and whose signature holds only for this very conversation.
    ...(request.thinking?.type === 'adaptive'
      ? [{ type: 'thinking' as const, thinking: '', signature: signatureOf(prompt.at(-1)) }]
      : []),
    ...(turn.say === undefined ? [] : [{ type: 'text' as const, text: turn.say }]),
    ...turn.calls.map(({ tool, input }, call) => ({
      type: 'tool_use' as const,
      id: `toolu_${idOf(call, tool)}`,
      name: tool,
      input,
    })),
  ]
  const outputTokens = tokensOf(Buffer.byteLength(JSON.stringify(content)))
  if (outputTokens > request.max_tokens) {
    return complain(
      `turn ${index}: the answer has about ${outputTokens} tokens, but max_tokens is ${request.max_tokens}`,
    )
  }
  return {
    id: `msg_${idOf('message')}`,
    content,
    stopReason: turn.refuses ? 'refusal' : turn.calls.length ? 'tool_use' : 'end_turn',
    outputTokens,
    delayMs: turn.delayMs,
  }
}

/**
 * Thinking comes back only behind the conversation that it was thought in
 * (https://platform.claude.com/docs/en/build-with-claude/preserved-thinking). Null when all of it does.
 */
export function misplacedThinking(prompt: PromptBlock[]): Refusal | null {
  const misplaced = prompt.find(block => block.signature !== undefined && block.signature !== signatureOf(block))
  return misplaced
    ? invalid(
        'Invalid `signature` in `thinking` block. The block is bound to a different conversation. Remove the block, or set `thinking.block_binding.prefix_mismatch_behavior` to "drop_block".',
      )
    : null
}

const signatureOf = (block: PromptBlock | undefined): string => block?.content ?? ''

const ajv = new Ajv2020({ strict: false, validateFormats: false, validateSchema: false, allErrors: false })
const validators = new Map<string, ValidateFunction>()

function misfitOf(schema: object, input: unknown): string | null {
  // Compiling takes milliseconds, and the same few schemas come with every request.
  const key = JSON.stringify(schema)
  const validate = validators.get(key) ?? compile(schema)
  validators.set(key, validate)
  return validate(input) ? null : ajv.errorsText(validate.errors, { dataVar: 'input' })
}

/** Whatever dialect a schema names is read as 2020-12, as the API does. */
const compile = ({ $schema: _dialect, ...schema }: { $schema?: unknown }): ValidateFunction => ajv.compile(schema)

const textOf = (block: Block): string => {
  if (block.type === 'text') return block.text
  if (block.type !== 'tool_result') return ''
  return typeof block.content === 'string' ? block.content : (block.content ?? []).map(textOf).join('\n')
}

const textOfMessage = (request: MessagesRequest): string =>
  blocksOf(request.messages.at(-1)?.content).map(textOf).join('\n')

const newest = (request: MessagesRequest): string => {
  const text = textOfMessage(request)
  return JSON.stringify(text.length > 600 ? `${text.slice(0, 600)} …` : text)
}

const digest = (parts: unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24)
