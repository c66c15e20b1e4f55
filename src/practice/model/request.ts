import { z } from 'zod'

/** A refusal as the Messages API words it (https://platform.claude.com/docs/en/api/errors). */
export interface Refusal {
  status: number
  type: string
  message: string
}

const cacheControl = z.strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() }).nullish()

const text = z.strictObject({
  type: z.literal('text'),
  text: z.string(),
  cache_control: cacheControl,
  citations: z.unknown().optional(),
})
const image = z.strictObject({ type: z.literal('image'), source: z.looseObject({}), cache_control: cacheControl })
const toolUse = z.strictObject({
  type: z.literal('tool_use'),
  id: z.string().regex(/^[a-zA-Z0-9_-]+$/),
  name: z.string().min(1),
  input: z.record(z.string(), z.unknown()),
  caller: z.unknown().optional(),
  cache_control: cacheControl,
})
const toolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string().regex(/^[a-zA-Z0-9_-]+$/),
  content: z.union([z.string(), z.array(z.discriminatedUnion('type', [text, image]))]).optional(),
  is_error: z.boolean().optional(),
  cache_control: cacheControl,
})
const thinking = z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() })
const redactedThinking = z.strictObject({ type: z.literal('redacted_thinking'), data: z.string() })

const block = z.discriminatedUnion('type', [text, image, toolUse, toolResult, thinking, redactedThinking])

const tool = z.strictObject({
  type: z.literal('custom').optional(),
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal('object') }),
  strict: z.boolean().optional(),
  cache_control: cacheControl,
})

const requestSchema = z.strictObject({
  model: z.string().min(1),
  max_tokens: z.int().min(1),
  messages: z
    .array(z.strictObject({ role: z.enum(['user', 'assistant']), content: z.union([z.string(), z.array(block)]) }))
    .min(1),
  system: z.union([z.string(), z.array(text)]).optional(),
  tools: z.array(tool).optional(),
  tool_choice: z.looseObject({ type: z.enum(['auto', 'any', 'tool', 'none']) }).optional(),
  thinking: z.looseObject({ type: z.enum(['adaptive', 'enabled', 'disabled', 'between_tools']) }).optional(),
  output_config: z
    .strictObject({
      effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullish(),
      format: z.unknown().optional(),
    })
    .optional(),
  cache_control: cacheControl,
  metadata: z.strictObject({ user_id: z.string().nullish() }).optional(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
  stop_sequences: z.array(z.string()).optional(),
  stream: z.boolean().optional(),
})

export type MessagesRequest = z.infer<typeof requestSchema>
export type Block = z.infer<typeof block>

/** The request, or why its form is refused. The value is the parsed body itself, with the key order that came. */
export function parseRequest(body: unknown): MessagesRequest | Refusal {
  for (const name of ['temperature', 'top_p', 'top_k']) {
    if (typeof body === 'object' && body !== null && name in body) {
      return invalid(`${name}: this parameter is not supported by this model. Leave it out.`)
    }
  }
  const parsed = requestSchema.safeParse(body)
  return parsed.success ? (body as MessagesRequest) : invalid(describe(parsed.error))
}

export const isRefusal = (value: object): value is Refusal => 'status' in value

export const invalid = (message: string): Refusal => ({ status: 400, type: 'invalid_request_error', message })

/** Content is always a list from here on: a string is short for one text block. */
export const blocksOf = (content: string | Block[] | undefined): Block[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? [])

function describe(error: z.ZodError): string {
  const issue = innermost(error.issues[0] as z.core.$ZodIssue)
  const place = issue.path.join('.')
  if (issue.code === 'unrecognized_keys') {
    return `${[...issue.path, issue.keys[0]].join('.')}: Extra inputs are not permitted`
  }
  const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined')
  return `${place || 'body'}: ${missing ? 'Field required' : issue.message}`
}

/** Of a union's branches, the one that came furthest is the one that was meant. */
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue
  const deepest = issue.errors
    .flat()
    .reduce((best, candidate) => (candidate.path.length > best.path.length ? candidate : best))
  return innermost({ ...deepest, path: [...issue.path, ...deepest.path] })
}
