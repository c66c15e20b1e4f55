import type { Usage } from './usage.js'

/** A conversation with a model, in our own words; src/model turns it into the Messages API's. Survives JSON. */
export type Message = { role: 'user'; content: UserBlock[] } | { role: 'assistant'; content: AssistantBlock[] }

export type UserBlock = TextBlock | ToolResult
export type AssistantBlock = TextBlock | ToolCall | OpaqueBlock

export interface TextBlock {
  type: 'text'
  text: string
}

export interface ToolCall {
  type: 'tool_call'
  id: string
  name: string
  input: unknown
}

export interface ToolResult {
  type: 'tool_result'
  callId: string
  text: string
  isError: boolean
}

/** A block that must go back to the model unchanged (its thinking, with the signature) and is none of our business. */
export interface OpaqueBlock {
  type: 'opaque'
  raw: unknown
}

export interface ToolSpec {
  name: string
  description: string
  /** JSON Schema of the input, `type: 'object'`. */
  inputSchema: Record<string, unknown>
}

export type Effort = 'low' | 'medium' | 'high' | 'xhigh' | 'max'

export interface ModelRequest {
  model: string
  effort: Effort
  maxTokens: number
  system: string
  tools: ToolSpec[]
  messages: Message[]
}

export interface ModelAnswer {
  content: AssistantBlock[]
  /** `max_tokens` and `refusal` are outcomes for the loop to handle, never errors. */
  stopReason:
    | 'end_turn'
    | 'tool_use'
    | 'max_tokens'
    | 'stop_sequence'
    | 'refusal'
    | 'pause_turn'
    | 'model_context_window_exceeded'
  usage: Usage
  /** The model that answered, for the price. */
  model: string
}
