import type Anthropic from '@anthropic-ai/sdk'
import type { AssistantBlock, ModelAnswer } from '../domain/conversation.js'

/**
 * The API's answer as ours. `inputs` holds the JSON of each tool call as it was streamed, by the block's index: the SDK
 * completes what was cut off, so that half a file would look like a whole one. A call whose JSON can't be read comes
 * back with the input `{ incomplete_json: … }`, which no tool takes for its own.
 */
export function toModelAnswer(message: Anthropic.Message, inputs: ReadonlyMap<number, string>): ModelAnswer {
  if (message.stop_reason === null) throw new Error(`The answer of ${message.model} ended without a stop reason.`)
  return {
    content: message.content.flatMap((block, index) => toAssistantBlock(block, inputs.get(index))),
    stopReason: message.stop_reason,
    usage: {
      inputTokens: message.usage.input_tokens,
      outputTokens: message.usage.output_tokens,
      cacheReadTokens: message.usage.cache_read_input_tokens ?? 0,
      cacheWriteTokens: message.usage.cache_creation_input_tokens ?? 0,
    },
    model: message.model,
  }
}

function toAssistantBlock(block: Anthropic.ContentBlock, streamed: string | undefined): AssistantBlock[] {
  switch (block.type) {
    case 'text':
      return block.text.trim() ? [{ type: 'text', text: block.text }] : []
    case 'tool_use':
      return [{ type: 'tool_call', id: block.id, name: block.name, input: inputOf(block, streamed) }]
    default:
      return [{ type: 'opaque', raw: block }]
  }
}

function inputOf(block: Anthropic.ToolUseBlock, streamed: string | undefined): unknown {
  if (!streamed) return block.input
  try {
    return JSON.parse(streamed)
  } catch {
    return { incomplete_json: streamed }
  }
}
