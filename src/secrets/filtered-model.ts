import type { AssistantBlock, Message } from '../domain/conversation.js'
import type { SecretFilter } from '../domain/secret.js'
import type { Model } from '../ports.js'
import { redactDeep } from './secret-filter.js'

/** A model that is sent no secret, and that says none: what it writes into a tool's input comes out withheld, too. */
export function filteredModel(model: Model, filter: SecretFilter): Model {
  // A conversation is sent again with every turn; each message is looked through once.
  const clean = new WeakMap<Message, Message>()
  const cleanMessage = (message: Message): Message => {
    const known = clean.get(message)
    if (known) return known
    const made = message.role === 'user' ? redactDeep(message, filter) : { ...message, content: said(message.content) }
    clean.set(message, made)
    return made
  }
  const said = (content: AssistantBlock[]): AssistantBlock[] =>
    content.flatMap(block => {
      const redacted = redactDeep(block, filter)
      // A block that must come back unchanged can't be changed, only left out.
      return block.type === 'opaque' && redacted !== block ? [] : [redacted]
    })
  let system = { given: '', clean: '' }

  return {
    ...model,
    async answer(request, signal) {
      if (request.system !== system.given) system = { given: request.system, clean: filter.redact(request.system) }
      const answer = await model.answer(
        { ...request, system: system.clean, messages: request.messages.map(cleanMessage) },
        signal,
      )
      return { ...answer, content: said(answer.content) }
    },
  }
}
