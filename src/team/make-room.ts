import type { Message, UserBlock } from '../domain/conversation.js'

/** Tokens of text, estimated: four bytes each. Good enough to decide when to clear and what to show. */
export const tokensOf = (value: unknown): number =>
  Math.ceil(Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value)) / 4)

const clearedText = '[cleared to save room: call the tool again if you need it]'

/**
 * Clears the oldest tool results when a conversation grows long, the newest messages left whole.
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
  return messages.map((message, index) => {
    if (message.role !== 'user' || index >= messages.length - 4 || cleared >= toClear) return message
    return { ...message, content: message.content.map(block => clear(block)) }
  })

  function clear(block: UserBlock): UserBlock {
    if (block.type !== 'tool_result' || block.text.length <= clearedText.length || cleared >= toClear) return block
    cleared += tokensOf(block.text)
    return { ...block, text: clearedText }
  }
}
