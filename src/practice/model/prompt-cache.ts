import { hash } from 'node:crypto'
import { blocksOf, type Block, type MessagesRequest } from './request.js'

/** What a prompt comes to. `inputTokens` is the part that was neither read from the cache nor written to it. */
export interface PromptUsage {
  inputTokens: number
  cacheReadTokens: number
  cacheWriteTokens: number
}

/** One block of a prompt, in the order in which the model reads it: tools, system, messages. */
export interface PromptBlock {
  type: 'tool' | Block['type']
  /** Bytes of all blocks up to and including this one. */
  bytesUpTo: number
  /** Digest of all blocks up to and including this one, thinking and breakpoints left out. */
  content: string
  /** Names this prefix in the cache: its bytes, the model and whatever else the cache depends on. */
  key: string
  isBreakpoint: boolean
  /** The signature of a thinking block that came back. */
  signature?: string
}

/**
 * A prompt cache that follows the documented rules of Anthropic's
 * (https://platform.claude.com/docs/en/build-with-claude/prompt-caching):
 * - a breakpoint writes one entry, for the prefix that ends with its block, if that has at least 1,024 tokens
 *   (the documents say 512 to 4,096, depending on the model);
 * - a request reads the longest entry found by looking back from its breakpoints, the last one first, over 20 positions
 *   each, the breakpoint itself being the first; a run of tool calls is one position, and so is a run of tool results;
 * - an entry lives for five minutes from the start of the request that wrote or last read it;
 * - an entry is of one model; in the messages it also depends on thinking, effort and tool choice.
 *
 * Tokens are estimated as a quarter of the bytes of the blocks' JSON. No tokenizer and no server is asked, so the
 * numbers are near, and their shares are what can be relied on.
 */
export function createPromptCache(now: () => number = Date.now): { use(prompt: PromptBlock[]): PromptUsage } {
  const expiries = new Map<string, number>()
  return {
    use(prompt) {
      const start = now()
      const breakpoints = prompt.flatMap((block, index) => (block.isBreakpoint ? [index] : [])).reverse()
      const found = breakpoints
        .map(from => lookBack(prompt, from, block => (expiries.get(block.key) ?? 0) > start))
        .find(index => index !== null)
      const read = found === undefined ? 0 : tokensUpTo(prompt, found)
      const written = breakpoints.filter(index => tokensUpTo(prompt, index) >= shortestEntry)
      for (const [key, expiry] of expiries) if (expiry <= start) expiries.delete(key)
      for (const index of found === undefined ? written : [...written, found]) {
        expiries.set(prompt[index]?.key ?? '', start + lifetime)
      }
      const upToNewest = Math.max(read, written[0] === undefined ? 0 : tokensUpTo(prompt, written[0]))
      return {
        inputTokens: tokensUpTo(prompt, prompt.length - 1) - upToNewest,
        cacheReadTokens: read,
        cacheWriteTokens: upToNewest - read,
      }
    },
  }
}

const shortestEntry = 1024
const lifetime = 5 * 60_000
const positions = 20

function lookBack(prompt: PromptBlock[], from: number, isCached: (block: PromptBlock) => boolean): number | null {
  let position = 0
  for (let index = from; index >= 0; index--) {
    const block = prompt[index]
    const after = index < from ? prompt[index + 1] : undefined
    if (!block) return null
    const sameRun = block.type === after?.type && (block.type === 'tool_use' || block.type === 'tool_result')
    if (!sameRun && ++position > positions) return null
    if (isCached(block)) return index
  }
  return null
}

/** The prompt of a request, block by block. */
export function readPrompt(request: MessagesRequest): PromptBlock[] {
  const blocks: PromptBlock[] = []
  let bytesUpTo = 0
  let content = ''
  let prefix = request.model
  const add = (type: PromptBlock['type'], role: string, block: object): void => {
    const { cache_control, ...rest } = block as { cache_control?: unknown }
    const json = `${role} ${JSON.stringify(rest)}`
    const digest = sha(json)
    bytesUpTo += Buffer.byteLength(json)
    prefix = sha(prefix + digest)
    if (type !== 'thinking' && type !== 'redacted_thinking') content = sha(content + digest)
    const signature = type === 'thinking' ? { signature: (block as { signature: string }).signature } : {}
    blocks.push({ type, bytesUpTo, content, key: prefix, isBreakpoint: Boolean(cache_control), ...signature })
  }
  for (const tool of request.tools ?? []) add('tool', 'tool', tool)
  for (const block of blocksOf(request.system)) add(block.type, 'system', block)
  prefix = sha(prefix + JSON.stringify([request.thinking, request.output_config, request.tool_choice]))
  for (const message of request.messages) {
    for (const block of blocksOf(message.content)) add(block.type, message.role, block)
  }
  const last = blocks.at(-1)
  if (request.cache_control && last) last.isBreakpoint = true
  return blocks
}

export const tokensOf = (bytes: number): number => Math.ceil(bytes / 4)

const tokensUpTo = (prompt: PromptBlock[], index: number): number => tokensOf(prompt[index]?.bytesUpTo ?? 0)

const sha = (text: string): string => hash('sha1', text, 'base64')
