import type { AssistantBlock, Message, UserBlock } from '../domain/conversation.js'

/** Tokens of text, estimated: four bytes each. Good enough to decide when to clear and what to show. */
export const tokensOf = (value: unknown): number =>
  Math.ceil(Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value)) / 4)

const clearedText = '[cleared to save room: call the tool again if you need it]'

/**
 * Clears the oldest tool results when a conversation grows long, the newest messages left whole.
 *
 * Once anything is cleared, the model's earlier thinking goes, too: it is signed together with all that came before it,
 * and models refuse it behind a changed past.
 *
 * It clears in large strides, so that the prompt cache, which a change in the past voids, is lost once in a long while
 * and not at every turn: between two strides the result for a longer conversation begins with the result for a shorter
 * one. It depends on nothing but the messages, so that a replay clears the same.
 */
export function makeRoom(messages: Message[], { above = 120_000, stride = 60_000 } = {}): Message[] {
  const total = tokensOf(messages)
  if (total <= above) return messages
  const toClear = Math.ceil((total - above) / stride) * stride
  let cleared = 0
  return messages.map((message, index): Message => {
    if (message.role === 'assistant') return { ...message, content: withoutThinking(message.content) }
    if (index >= messages.length - 4) return message
    return { ...message, content: message.content.map(clear) }
  })

  function clear(block: UserBlock): UserBlock {
    if (block.type !== 'tool_result' || block.text.length <= clearedText.length || cleared >= toClear) return block
    cleared += tokensOf(block.text)
    return { ...block, text: clearedText }
  }
}

function withoutThinking(content: AssistantBlock[]): AssistantBlock[] {
  const said = content.filter(block => block.type !== 'opaque')
  return said.length > 0 ? said : [{ type: 'text', text: '…' }]
}
