import { z } from 'zod'
import type { ToolName } from '../domain/agent.js'
import type { ToolSpec } from '../domain/conversation.js'

const glob = z.string().min(1).optional().describe('e.g. src/**/*.py')

/** The input of each tool, as the model must give it. */
export const toolInputs = {
  read_files: z.strictObject({
    paths: z.array(z.string().min(1)).min(1).max(40).describe('e.g. ["a.py", "b.py:200-260"]'),
  }),
  search: z.strictObject({
    pattern: z.string().min(1).describe('Extended regular expression'),
    glob,
    ignore_case: z.boolean().optional(),
  }),
  list_files: z.strictObject({ glob }),
  edit_file: z.strictObject({
    path: z.string().min(1),
    edits: z
      .array(z.strictObject({ old: z.string().min(1), new: z.string() }))
      .min(1)
      .describe('Applied in order; each `old` must occur exactly once'),
  }),
  write_files: z.strictObject({
    files: z
      .array(z.strictObject({ path: z.string().min(1), content: z.string().nullable() }))
      .min(1)
      .describe('Whole new text of each file; null deletes it'),
  }),
  run: z.strictObject({
    command: z.string().min(1),
    timeout_seconds: z.int().min(1).max(1800).optional(),
  }),
} satisfies Record<ToolName, z.ZodType>

export type ToolInput<Name extends ToolName> = z.infer<(typeof toolInputs)[Name]>

/** Tools that change nothing: several of them in one turn run at once. */
export const readsOnly = (name: string): boolean => name === 'read_files' || name === 'search' || name === 'list_files'

/** Whether a tool writes files and does nothing else. */
export const writesFiles = (name: string): boolean => name === 'edit_file' || name === 'write_files'

const descriptions: Record<ToolName, string> = {
  read_files: 'Text of several files at once, with line numbers. `path:from-to` reads a part.',
  search: 'Lines that match, as path:line:text.',
  list_files: 'Paths of the repository, all or those that match.',
  edit_file: 'Replaces exact pieces of a file (without the line numbers). All edits of a call apply, or none.',
  write_files: 'Creates, replaces or deletes several whole files at once.',
  run: 'Runs a shell command at the root of the repository. No network, no git.',
}

/** What the model is told of a tool. */
export const toolSpec = (name: ToolName): ToolSpec => ({
  name,
  description: descriptions[name],
  inputSchema: jsonSchema(toolInputs[name]),
})

/** JSON Schema as the Messages API takes it. */
export function jsonSchema(schema: z.ZodType): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  void $schema
  return bare(rest) as Record<string, unknown>
}

/** Without the bounds that zod writes for safe integers: they say nothing and cost tokens in every turn. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, item]) => !(key === 'maximum' && item === Number.MAX_SAFE_INTEGER))
      .map(([key, item]) => [key, bare(item)]),
  )
}

/** A zod error in one line that a model can act on: where, and what is allowed. */
export const describeProblems = (error: z.ZodError): string =>
  error.issues.map(issue => `${issue.path.join('.') || 'input'}: ${issue.message}`).join('; ')
