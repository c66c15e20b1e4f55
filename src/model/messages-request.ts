import type Anthropic from '@anthropic-ai/sdk'
import type { AssistantBlock, Message, ModelRequest, OpaqueBlock, UserBlock } from '../domain/conversation.js'
import { abilitiesOf, effortFor } from './models.js'

type Block = Anthropic.ContentBlockParam
interface Turn {
  role: 'user' | 'assistant'
  content: Block[]
}

/** Five minutes, renewed by every read: turns of a loop follow each other faster than that. */
const breakpoint = { type: 'ephemeral' } as const

/**
 * Our request as the Messages API's. Pure: the same request always gives the same bytes, and a longer conversation
 * gives the bytes of the shorter one up to where it grew, but for the breakpoints, which are no part of what is cached.
 *
 * Where the cache's breakpoints lie, and why (https://platform.claude.com/docs/en/build-with-claude/prompt-caching):
 * a prompt is tools, system and messages, in this order. A breakpoint writes one entry, for everything up to its block,
 * and a later request reads an entry only by looking back from one of its own breakpoints, over at most 20 positions
 * (a run of tool calls is one position, and so is a run of tool results). Hence, of the four that are allowed:
 * 1. the last system block: tools and system, shared by every conversation of the same agent;
 * 2. the first message, the brief: what is left to read after old tool results were cleared behind it;
 * 3. the user's message before the newest: exactly where the last request wrote its entry, so that all earlier turns
 *    are read however many blocks the last answer had;
 * 4. the newest message: written here, read by the next request at 3.
 * A breakpoint costs nothing in itself; what is written twice is paid once.
 *
 * Left out: empty text, which the API refuses, and an assistant's message in which nothing else was (two user's
 * messages in a row count as one). `withoutThinking` also leaves out all thinking, which the API allows at any time.
 */
export function toMessagesRequest(
  request: ModelRequest,
  { withoutThinking = false } = {},
): Anthropic.MessageCreateParamsNonStreaming {
  const messages = request.messages.map(message => toTurn(message, withoutThinking)).filter(turn => turn.content.length)
  markBreakpoints(messages)
  const effort = effortFor(request.model, request.effort)
  return {
    model: request.model,
    max_tokens: request.maxTokens,
    ...(abilitiesOf(request.model).adaptiveThinking && { thinking: { type: 'adaptive' as const } }),
    ...(effort && { output_config: { effort } }),
    ...(request.tools.length && {
      tools: request.tools.map(({ name, description, inputSchema }) => ({
        name,
        description,
        input_schema: inputSchema as Anthropic.Tool.InputSchema,
      })),
    }),
    ...(request.system.trim() && {
      system: [{ type: 'text' as const, text: request.system, cache_control: breakpoint }],
    }),
    messages,
  }
}

const toTurn = (message: Message, withoutThinking: boolean): Turn => ({
  role: message.role,
  content: message.content
    .filter(block => !isEmptyText(block) && !(withoutThinking && isThinking(block)))
    .map(block => toBlock(block)),
})

function toBlock(block: UserBlock | AssistantBlock): Block {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: block.text }
    case 'tool_call':
      return { type: 'tool_use', id: block.id, name: block.name, input: block.input }
    case 'tool_result':
      return {
        type: 'tool_result',
        tool_use_id: block.callId,
        content: block.text,
        ...(block.isError && { is_error: true }),
      }
    case 'opaque':
      return block.raw as Block
  }
}

function markBreakpoints(messages: Turn[]): void {
  const newest = messages.length - 1
  const beforeNewest = messages.findLastIndex((message, index) => message.role === 'user' && index < newest)
  for (const index of new Set([0, beforeNewest, newest])) {
    const content = messages[index]?.content
    const last = content?.at(-1)
    if (content && last && last.type !== 'thinking' && last.type !== 'redacted_thinking') {
      content[content.length - 1] = { ...last, cache_control: breakpoint } as Block
    }
  }
}

const isEmptyText = (block: UserBlock | AssistantBlock): boolean => block.type === 'text' && block.text.trim() === ''

const isThinking = (block: UserBlock | AssistantBlock): boolean =>
  block.type === 'opaque' && ['thinking', 'redacted_thinking'].includes(typeOf(block))

const typeOf = ({ raw }: OpaqueBlock): string =>
  typeof raw === 'object' && raw !== null && 'type' in raw ? String(raw.type) : ''
