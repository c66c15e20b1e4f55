import { blocksOf, invalid, type Block, type MessagesRequest, type Refusal } from './request.js'

/**
 * The rules of the Messages API that no schema holds: what a conversation must look like. Null when all are kept.
 * Sources: https://platform.claude.com/docs/en/api/messages/create, …/api/errors#common-validation-errors,
 * …/agents-and-tools/tool-use/handle-tool-calls, …/build-with-claude/prompt-caching.
 */
export function brokenRule(request: MessagesRequest): Refusal | null {
  return (
    modelRule(request) ??
    toolRule(request) ??
    breakpointRule(request) ??
    emptyRule(request) ??
    turnRule(request) ??
    pairingRule(request)
  )
}

function modelRule({ model, thinking, output_config }: MessagesRequest): Refusal | null {
  if (!model.startsWith('claude-')) return { status: 404, type: 'not_found_error', message: `model: ${model}` }
  const old = /^claude-(haiku|sonnet)-4-5/.test(model)
  if (old && thinking?.type === 'adaptive') return invalid('adaptive thinking is not supported on this model')
  if (old && output_config?.effort) return invalid('This model does not support the effort parameter.')
  if (!old && thinking?.type === 'enabled') {
    return invalid(
      '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
    )
  }
  return null
}

function toolRule({ tools, messages }: MessagesRequest): Refusal | null {
  const names = tools?.map(tool => tool.name) ?? []
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) return invalid(`tools: Tool names must be unique. Found "${twice}" twice.`)
  const usesTools = messages.some(({ content }) => blocksOf(content).some(block => block.type === 'tool_use'))
  return usesTools && names.length === 0
    ? invalid('Requests which include `tool_use` or `tool_result` blocks must define tools.')
    : null
}

function breakpointRule(request: MessagesRequest): Refusal | null {
  const all = [
    ...(request.tools ?? []),
    ...blocksOf(request.system),
    ...request.messages.flatMap(({ content }) => blocksOf(content)),
    request,
  ]
  const found = all.filter(block => 'cache_control' in block && block.cache_control).length
  return found > 4 ? invalid(`A maximum of 4 blocks with cache_control may be provided. Found ${found}.`) : null
}

function emptyRule({ system, messages }: MessagesRequest): Refusal | null {
  if (blocksOf(system).some(isEmptyText)) return invalid('system: text content blocks must be non-empty')
  for (const [index, { content }] of messages.entries()) {
    const blocks = blocksOf(content)
    if (blocks.length === 0) return invalid(`messages.${index}: all messages must have non-empty content`)
    const empty = blocks.findIndex(isEmptyText)
    if (empty !== -1) {
      return invalid(`messages.${index}.content.${empty}: text content blocks must contain non-whitespace text`)
    }
  }
  return null
}

function turnRule({ messages }: MessagesRequest): Refusal | null {
  if (messages[0]?.role !== 'user') return invalid('messages: first message must use the "user" role')
  if (messages.at(-1)?.role !== 'user') {
    return invalid(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    )
  }
  return null
}

function pairingRule({ messages }: MessagesRequest): Refusal | null {
  const seen = new Set<string>()
  const turns = mergeTurns(messages)
  for (const [index, { role, content }] of turns.entries()) {
    const results = content.flatMap(block => (block.type === 'tool_result' ? [block.tool_use_id] : []))
    const calls = content.flatMap(block => (block.type === 'tool_use' ? [block.id] : []))
    const asked = (turns[index - 1]?.content ?? []).flatMap(block => (block.type === 'tool_use' ? [block.id] : []))
    if (role === 'user' && calls.length)
      return invalid(`messages.${index}: \`tool_use\` blocks can only be in \`assistant\` messages`)
    if (role === 'assistant' && results.length) {
      return invalid(`messages.${index}: \`tool_result\` blocks can only be in \`user\` messages`)
    }
    const repeated = calls.find((id, at) => seen.has(id) || calls.indexOf(id) !== at)
    if (repeated) return invalid(`messages.${index}: \`tool_use\` ids must be unique. Found ${repeated} again.`)
    for (const id of calls) seen.add(id)
    if (role === 'assistant') continue

    const orphan = results.find(id => !asked.includes(id))
    if (orphan) {
      return invalid(
        `messages.${index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${orphan}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      )
    }
    const doubled = results.find((id, at) => results.indexOf(id) !== at)
    if (doubled) {
      return invalid(
        `messages.${index}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${doubled}`,
      )
    }
    const leading = content.findIndex(block => block.type !== 'tool_result')
    const answered = new Set(leading === -1 ? results : results.slice(0, leading))
    const unanswered = asked.filter(id => !answered.has(id))
    if (unanswered.length) {
      return invalid(
        `messages.${index - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${unanswered.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block at the beginning of the next message.`,
      )
    }
  }
  return null
}

/** Messages of one role in a row count as one. */
function mergeTurns(messages: MessagesRequest['messages']): { role: 'user' | 'assistant'; content: Block[] }[] {
  const turns: { role: 'user' | 'assistant'; content: Block[] }[] = []
  for (const { role, content } of messages) {
    const last = turns.at(-1)
    if (last?.role === role) last.content.push(...blocksOf(content))
    else turns.push({ role, content: [...blocksOf(content)] })
  }
  return turns
}

const isEmptyText = (block: Block): boolean => block.type === 'text' && block.text.trim() === ''
