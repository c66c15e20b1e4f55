import { LineCounter, parseDocument } from 'yaml'
import { isDeepYaml } from '../../domain/nesting.js'

export type FrontMatter =
  /** `mended` are sentences about what was not as it should be and was understood all the same. */
  | { ok: true; keys: Record<string, unknown>; body: string; mended: string[] }
  /** `absent`: there is none at all, so that the file may be meant for people. */
  | { ok: false; absent: boolean; problem: string }

/**
 * Splits a Markdown file into its YAML front matter and what follows it.
 *
 * Files that people share are often not quite in form. Blank lines before the opening dashes, more than three dashes, and
 * front matter that is no YAML because of a colon or a quote in a text are read all the same: each key for itself, a text
 * as it stands.
 */
export function splitFrontMatter(text: string): FrontMatter {
  const opening = /^((?:[ \t]*\n)*)(-{3,})[ \t]*\n/.exec(text)
  if (!opening) return { ok: false, absent: true, problem: 'begins with no front matter: its first line must be `---`' }
  const [before = '', blank = '', dashes = ''] = opening
  const rest = text.slice(before.length)
  const closing = /^(-{3,})[ \t]*(?:\n|$)/m.exec(rest)
  if (!closing) return { ok: false, absent: false, problem: 'its front matter has no closing line of `---`' }
  const mended: string[] = []
  if (blank !== '') mended.push('begins with blank lines: `---` must be its first line')
  if (dashes.length > 3 || (closing[1]?.length ?? 0) > 3)
    mended.push('has more than three dashes around its front matter')
  const source = rest.slice(0, closing.index)
  const line = before.split('\n').length
  const { keys, mended: how } = readKeys(source, line)
  return { ok: true, keys, body: rest.slice(closing.index + closing[0].length), mended: [...mended, ...how] }
}

function readKeys(source: string, firstLine: number): { keys: Record<string, unknown>; mended: string[] } {
  const whole = readYaml(source)
  if ('value' in whole && (whole.value === null || isRecord(whole.value)))
    return { keys: whole.value ?? {}, mended: [] }
  const fault = 'fault' in whole ? `line ${firstLine + whole.line - 1}: ${whole.fault}` : 'it holds no keys'
  const { keys, plain } = readEachKey(source)
  const how =
    plain.length > 0
      ? `${plain.map(key => `\`${key}\``).join(' and ')} read as plain text`
      : 'each key was read for itself'
  return { keys, mended: [`its front matter is no YAML (${fault}); ${how}. Put texts with colons in quotes`] }
}

function readYaml(source: string): { value: unknown } | { fault: string; line: number } {
  if (isDeepYaml(source)) return { fault: 'it is nested too deeply', line: 1 }
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines, logLevel: 'silent', version: '1.2' })
  const error = document.errors[0]
  if (error)
    return {
      fault: error.message.replace(/ at line \d+, column \d+:[\s\S]*$/, ''),
      line: lines.linePos(error.pos[0]).line,
    }
  try {
    return { value: document.toJS({ maxAliasCount: 50 }) }
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error), line: 1 }
  }
}

/** Keys that may begin a line of broken front matter. What begins with another word belongs to the key above it. */
const knownKeys =
  /^(name|description|tools|allowed[-_]?tools|disallowed[-_]?tools|model|max[-_]?turns|color|permission[-_]?mode|mcp[-_]?servers|hooks|memory|skills|background|effort|isolation|initialprompt|target|argument[-_]?hint|handoffs|agents|infer|disable[-_]model[-_]invocation|user[-_]invoc?able|disabled|metadata|version|author|category|tags)$/i

function readEachKey(source: string): { keys: Record<string, unknown>; plain: string[] } {
  const entries: { key: string; lines: string[] }[] = []
  for (const line of source.split('\n')) {
    const key = /^([A-Za-z][\w-]*)[ \t]*:(?:\s|$)/.exec(line)?.[1]
    if (key !== undefined && knownKeys.test(key)) entries.push({ key, lines: [line] })
    else entries.at(-1)?.lines.push(line)
  }
  const keys: Record<string, unknown> = {}
  const plain: string[] = []
  for (const { key, lines } of entries) {
    const alone = readYaml(lines.join('\n'))
    if ('value' in alone && isRecord(alone.value)) keys[key] = alone.value[key]
    else {
      keys[key] = plainText(lines)
      plain.push(key)
    }
  }
  return { keys, plain }
}

function plainText([first = '', ...more]: string[]): string {
  const text = [first.slice(first.indexOf(':') + 1), ...more.map(line => line.trim())].join('\n').trim()
  const quoted = /^(["'])([\s\S]*)\1$/.exec(text)
  return (quoted?.[2] ?? text.replace(/^[|>][+-]?\s*\n/, '')).trim()
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
