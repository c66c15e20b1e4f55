import { readFile, realpath } from 'node:fs/promises'
import { dirname, resolve, sep } from 'node:path'
import { LineCounter, parseDocument, type Document } from 'yaml'
import { z } from 'zod'

/** One conversation that the scripted model knows by heart. */
export interface Conversation {
  name: string
  /** All must occur in the system prompt and the first message together. */
  when: string[]
  turns: Turn[]
}

/** The answer to a conversation that holds as many of the assistant's messages as this turn's index says. */
export interface Turn {
  say: string | undefined
  calls: { tool: string; input: Record<string, unknown> }[]
  /** Each must occur in the newest message. */
  expect: string[]
  /** The turn is left out where the request offers no tool of this name; indices count the turns that remain. */
  whenTool: string | undefined
  delayMs: number
  /** The model declines, as its classifiers make it do; what it says is cut there. */
  refuses: boolean
  /** It calls what it likes: also tools that the request doesn't offer, and in a form that they don't have. */
  unruly: boolean
}

const turnSchema = z
  .strictObject({
    say: z.string().trim().min(1).optional(),
    calls: z.array(z.strictObject({ tool: z.string().min(1), input: z.record(z.string(), z.unknown()) })).default([]),
    expect: z.array(z.string().min(1)).default([]),
    when_tool: z.string().min(1).optional(),
    delay_ms: z.number().int().min(0).max(600_000).default(0),
    refuses: z.boolean().default(false),
    unruly: z.boolean().default(false),
  })
  .refine(turn => turn.say !== undefined || turn.calls.length > 0, 'a turn needs "say", "calls" or both')

const transcriptSchema = z.strictObject({
  conversations: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        when: z.array(z.string().min(1)).min(1),
        turns: z.array(turnSchema).min(1),
      }),
    )
    .min(1),
})

/**
 * Reads transcripts, in the order given; the first conversation that matches a request answers it. Inside an input,
 * `{ $file: path }` stands for the text of that file, relative to the transcript and within its folder.
 * Throws an Error with file, line and path of what is wrong.
 */
export async function loadTranscripts(paths: string[]): Promise<Conversation[]> {
  const conversations = (await Promise.all(paths.map(loadTranscript))).flat()
  const names = conversations.map(conversation => conversation.name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new Error(`Two conversations are called "${twice}" (${paths.join(', ')}); a name must be the only one.`)
  return conversations
}

async function loadTranscript(path: string): Promise<Conversation[]> {
  const text = await readFile(path, 'utf8')
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  if (document.errors[0]) throw new Error(`${path}: ${document.errors[0].message}`)
  const parsed = transcriptSchema.safeParse(document.toJS())
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new Error(
      `${path}:${lineOf(document, lines, issue?.path ?? [])} ${pathText(issue?.path ?? [])}: ${issue?.message}`,
    )
  }
  const folder = await realpath(dirname(path))
  return Promise.all(
    parsed.data.conversations.map(async ({ name, when, turns }, conversation) => ({
      name,
      when,
      turns: await Promise.all(
        turns.map(async (turn, index) => ({
          say: turn.say,
          calls: await Promise.all(
            turn.calls.map(async ({ tool, input }, call) => {
              const place = ['conversations', conversation, 'turns', index, 'calls', call, 'input']
              const fail = (file: string, why: string) =>
                new Error(`${path}:${lineOf(document, lines, place)} ${pathText(place)}: $file "${file}" ${why}`)
              return { tool, input: (await withFiles(input, { folder, fail })) as Record<string, unknown> }
            }),
          ),
          expect: turn.expect,
          whenTool: turn.when_tool,
          delayMs: turn.delay_ms,
          refuses: turn.refuses,
          unruly: turn.unruly,
        })),
      ),
    })),
  )
}

interface Files {
  folder: string
  fail: (file: string, why: string) => Error
}

async function withFiles(value: unknown, files: Files): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map(item => withFiles(item, files)))
  if (typeof value !== 'object' || value === null) return value
  if ('$file' in value) {
    if (Object.keys(value).length > 1 || typeof value.$file !== 'string') {
      throw files.fail(String(value.$file), 'must be a path, and the only key beside which nothing else stands')
    }
    return readWithin(value.$file, files)
  }
  const entries = Object.entries(value).map(async ([key, item]) => [key, await withFiles(item, files)] as const)
  return Object.fromEntries(await Promise.all(entries))
}

async function readWithin(file: string, { folder, fail }: Files): Promise<string> {
  // The real path, so that neither ".." nor a link leads out.
  const path = await realpath(resolve(folder, file)).catch(() => null)
  if (path === null) throw fail(file, "isn't there")
  if (!path.startsWith(folder + sep)) throw fail(file, "lies outside of the transcript's folder")
  return readFile(path, 'utf8')
}

function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) {
      return lines.linePos(Number(node.range[0])).line
    }
  }
  return 1
}

const pathText = (path: readonly PropertyKey[]): string =>
  path.map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index ? '.' : ''}${String(step)}`)).join('') ||
  'the file'
