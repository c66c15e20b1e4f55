import type { ScriptedAnswer } from './answer.js'
import type { PromptUsage } from './prompt-cache.js'

export interface Reply {
  answer: ScriptedAnswer
  usage: PromptUsage
  model: string
}

/** The answer in one piece, as to a request without `stream`. */
export const toMessage = ({ answer, usage, model }: Reply) => ({
  id: answer.id,
  type: 'message',
  role: 'assistant',
  model,
  content: answer.content,
  stop_reason: answer.stopReason,
  stop_sequence: null,
  usage: { ...inputUsage(usage), output_tokens: answer.outputTokens },
})

/**
 * The answer as server-sent events, one string each, in the documented order
 * (https://platform.claude.com/docs/en/build-with-claude/streaming).
 */
export function* toEvents(reply: Reply): Generator<string> {
  const { answer } = reply
  yield event('message_start', {
    message: {
      ...toMessage(reply),
      content: [],
      stop_reason: null,
      usage: { ...inputUsage(reply.usage), output_tokens: 1 },
    },
  })
  for (const [index, block] of answer.content.entries()) {
    const delta = (change: object) => event('content_block_delta', { index, delta: change })
    switch (block.type) {
      case 'thinking':
        yield event('content_block_start', { index, content_block: { type: 'thinking', thinking: '', signature: '' } })
        if (index === 0) yield event('ping', {})
        yield delta({ type: 'signature_delta', signature: block.signature })
        break
      case 'text':
        yield event('content_block_start', { index, content_block: { type: 'text', text: '' } })
        if (index === 0) yield event('ping', {})
        for (const text of pieces(block.text)) yield delta({ type: 'text_delta', text })
        break
      case 'tool_use':
        yield event('content_block_start', { index, content_block: { ...block, input: {} } })
        if (index === 0) yield event('ping', {})
        yield delta({ type: 'input_json_delta', partial_json: '' })
        for (const partial_json of pieces(JSON.stringify(block.input)))
          yield delta({ type: 'input_json_delta', partial_json })
        break
    }
    yield event('content_block_stop', { index })
  }
  yield event('message_delta', {
    delta: { stop_reason: answer.stopReason, stop_sequence: null },
    usage: { output_tokens: answer.outputTokens },
  })
  yield event('message_stop', {})
}

export const event = (type: string, data: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`

const inputUsage = (usage: PromptUsage) => ({
  input_tokens: usage.inputTokens,
  cache_creation_input_tokens: usage.cacheWriteTokens,
  cache_read_input_tokens: usage.cacheReadTokens,
})

/** Enough pieces that whoever reads them must put them together, few enough that long files stay cheap. */
function* pieces(text: string): Generator<string> {
  const size = Math.max(24, Math.ceil(text.length / 8))
  for (let from = 0; from < text.length; from += size) yield text.slice(from, from + size)
}
