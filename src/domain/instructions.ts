import { parse as parseYaml } from 'yaml'
import { isDeepYaml } from './nesting.js'
import { globsMayMeet } from './glob-overlap.js'
import { cleanFile, type Hidden } from './hidden-text.js'

/**
 * What a repository says to agents itself: AGENTS.md in any folder, CLAUDE.md with what it imports, and GitHub's
 * instructions in `.github/`. Advice below the App's own rules.
 *
 * Sources: agents.md (the nearest file to the edited one wins), code.claude.com/docs (imports `@path`, five hops),
 * docs.github.com (`.github/copilot-instructions.md`, `*.instructions.md` with `applyTo`).
 */
export interface Instruction {
  path: string
  text: string
  /** Globs of the paths that it is for. */
  appliesTo: string[]
  /** Folders between the top and what it is for: the deeper, the nearer to the edited files. */
  depth: number
  /** Those that review only, or those that write only, are to read it; null for everybody. */
  onlyFor: 'writers' | 'reviewers' | null
}

/** A text as it goes into a brief. */
export interface InstructionText {
  path: string
  text: string
}

/** Characters of instructions that one brief holds: they are advice, and every turn pays for them. */
const limit = 12_000
/** Characters of one text that are kept at all, its imports included. */
const most = 2 * limit
/** Less of a text than this helps nobody. */
const least = 200

/** Files read at most, of each kind; the nearest to the top first. */
const mostFiles = 40

/** Files that hold instructions for all of a repository as soon as they are there. */
export const mainInstructions = ['AGENTS.md', 'CLAUDE.md', '.claude/CLAUDE.md', '.github/copilot-instructions.md']

/** The files of a tree that hold instructions, imports aside; nearest the top first. */
function instructionFiles(paths: readonly string[]): string[] {
  const found = paths.filter(
    path =>
      kindOf(path) !== null && !/(^|\/)(node_modules|vendor|third_party|fixtures|__fixtures__|testdata)\//.test(path),
  )
  return found.sort((a, b) => depthOf(a) - depthOf(b) || (a < b ? -1 : 1)).slice(0, mostFiles)
}

/** Imports go no further than that many files from the first. */
const mostHops = 5

/**
 * Reads what {@link instructionFiles} names and what is imported from there. `read` gives texts of the commit, null for
 * a path that isn't there; `sources` are all files that were read. Only files of the repository are imported, none twice, and five hops at most. What
 * their pages don't show ({@link cleanFile}) is taken out, and told of.
 */
export async function readInstructions(
  paths: readonly string[],
  read: (paths: string[]) => Promise<ReadonlyMap<string, string | null>>,
): Promise<{ instructions: Instruction[]; sources: string[]; hidden: Hidden[] }> {
  const files = instructionFiles(paths)
  const there = new Set(paths)
  const texts = new Map<string, string>()
  const hidden: Hidden[] = []
  let wanted = files
  for (let hop = 0; hop <= mostHops && wanted.length > 0; hop++) {
    for (const [path, text] of await read(wanted)) {
      const cleaned = cleanFile((text ?? '').replace(/^\uFEFF/, '').slice(0, most))
      texts.set(path, cleaned.text)
      hidden.push(...cleaned.hidden.map(one => ({ ...one, where: `${path}, ${one.where}` })))
    }
    const imports = wanted
      .filter(path => hop > 0 || kindOf(path) === 'claude')
      .flatMap(path => importsOf(path, texts.get(path) ?? ''))
    wanted = [...new Set(imports.map(({ path }) => path))]
      .filter(path => there.has(path) && !texts.has(path))
      .slice(0, mostFiles)
  }
  const instructions = files.map(path => instruction(path, texts)).filter(found => found !== null)
  return { instructions, sources: [...texts.keys()], hidden }
}

/**
 * What a task on those paths (or globs) is to read, root first, so that what comes later is nearer and wins. `paths`
 * null: what holds for the whole repository. When all of it is longer than the limit, the nearest texts are kept whole
 * and those farther off are cut, which their texts then say; `more` names texts that hold elsewhere.
 */
export function instructionsFor(
  instructions: readonly Instruction[],
  paths: readonly string[] | null,
  reader: 'writer' | 'reviewer' = 'writer',
): { texts: InstructionText[]; more: string[] } {
  const readable = instructions.filter(({ onlyFor }) => onlyFor === null || onlyFor === `${reader}s`)
  const applies = ({ appliesTo }: Instruction): boolean =>
    appliesTo.some(glob =>
      paths === null ? glob === '**' || glob === '**/*' : paths.some(path => globsMayMeet(path, glob)),
    )
  const chosen = readable.filter(applies).sort((a, b) => a.depth - b.depth)
  const known = new Set<string>()
  const distinct = chosen.filter(({ text }) => !known.has(text) && known.add(text))
  return {
    texts: cut(distinct),
    more: paths === null ? readable.filter(one => !applies(one)).map(({ path }) => path) : [],
  }
}

/** The nearest first in line for the room there is. */
function cut(chosen: Instruction[]): InstructionText[] {
  let room = limit
  const kept: InstructionText[] = []
  for (const { path, text } of chosen.toReversed()) {
    const whole = text.length <= room
    const shown = whole
      ? text
      : room < least
        ? ''
        : text.slice(0, text.lastIndexOf('\n', room) > least ? text.lastIndexOf('\n', room) : room)
    room -= shown.length
    const left = text.length - shown.length
    kept.push({
      path,
      text: whole
        ? text
        : `${shown}\n[${left} of ${text.length} characters left out: read ${path} for the rest]`.trim(),
    })
  }
  return kept.reverse()
}

type Kind = 'agents' | 'claude' | 'copilot' | 'scoped'

function kindOf(path: string): Kind | null {
  if (/(^|\/)AGENTS\.md$/.test(path)) return 'agents'
  if (/(^|\/)(\.claude\/)?CLAUDE\.md$/.test(path)) return 'claude'
  if (path === '.github/copilot-instructions.md') return 'copilot'
  return /^\.github\/instructions\/.+\.instructions\.md$/.test(path) ? 'scoped' : null
}

function instruction(path: string, texts: ReadonlyMap<string, string>): Instruction | null {
  const kind = kindOf(path)
  const text = (texts.get(path) ?? '').trim()
  if (text === '' || kind === null) return null
  const everywhere = { path, appliesTo: ['**'], depth: 0, onlyFor: null }
  if (kind === 'copilot') return { ...everywhere, text }
  if (kind === 'scoped') return scoped(path, text)
  const folder = folderOf(path).replace(/(^|\/)\.claude$/, '')
  const whole = (kind === 'claude' ? withImports(path, texts, new Set([path])) : text).trim().slice(0, most)
  if (/^(@\S+\s*)+$/.test(whole)) return null
  return {
    ...everywhere,
    text: whole,
    appliesTo: [folder === '' ? '**' : `${folder}/**`],
    depth: folder === '' ? 0 : folder.split('/').length,
  }
}

/** Without `applyTo`, GitHub applies such a file to nothing. */
function scoped(path: string, text: string): Instruction | null {
  const front = /^---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(text)
  if (!front || isDeepYaml(front[1] ?? '')) return null
  let meta: unknown
  try {
    meta = parseYaml((front[1] ?? '').replace(/^(applyTo:\s*)(\*.*)$/m, '$1"$2"'), {
      maxAliasCount: 0,
      logLevel: 'error',
    })
  } catch {
    return null
  }
  const value = (key: string): unknown =>
    typeof meta === 'object' && meta !== null && key in meta ? meta[key as keyof typeof meta] : undefined
  const applyTo = value('applyTo')
  const globs = (Array.isArray(applyTo) ? applyTo : typeof applyTo === 'string' ? outsideBraces(applyTo) : []).filter(
    (glob): glob is string => typeof glob === 'string' && glob.trim() !== '',
  )
  const body = text.slice(front[0].length).trim()
  if (globs.length === 0 || body === '') return null
  const excluded = JSON.stringify(value('excludeAgent') ?? '')
  return {
    path,
    text: body,
    appliesTo: globs.slice(0, 30).map(glob => glob.trim()),
    // Narrower than what holds for the whole repository, wider than a file in the very folder.
    depth: globs.every(glob => /^\s*\*\*(\/\*)?\s*$/.test(glob)) ? 0 : 0.5,
    onlyFor: /code-review/.test(excluded) ? 'writers' : /coding-agent|cloud-agent/.test(excluded) ? 'reviewers' : null,
  }
}

/** Commas between globs, not those inside braces. */
const outsideBraces = (list: string): string[] => list.match(/(?:\{[^{}]*\}|[^,{]|\{)+/g) ?? []

/** A text with each import's content behind it, once. */
function withImports(path: string, texts: ReadonlyMap<string, string>, seen: Set<string>): string {
  const text = texts.get(path) ?? ''
  const parts = [text.trim()]
  for (const { path: imported } of importsOf(path, text)) {
    if (seen.has(imported) || !texts.has(imported) || isReadAnyway(imported, path)) continue
    seen.add(imported)
    const inner = withImports(imported, texts, seen)
    if (inner.trim() !== '') parts.push(`== ${imported} (imported by ${path})\n${inner}`)
  }
  return parts.join('\n\n')
}

/** What a file imports that goes into the same briefs by itself: often all that CLAUDE.md says is `@AGENTS.md`. */
function isReadAnyway(imported: string, by: string): boolean {
  const kind = kindOf(imported)
  const folder = folderOf(imported)
  return kind === 'copilot' || (kind === 'agents' && (folder === '' || `${by}/`.startsWith(`${folder}/`)))
}

/** `@path` outside code, at the beginning of a line or behind a blank. Home directories and what lies outside don't count. */
function importsOf(path: string, text: string): { path: string }[] {
  const plain = text
    .replace(/^ {0,3}(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^ {0,3}\1[`~]*[ \t]*$|$(?![\s\S]))/gm, '')
    .replace(/(`+)[^`\n]*\1/g, '')
  const found: { path: string }[] = []
  for (const [, written = ''] of plain.matchAll(/(?:^|[\s(])@([^\s@,;:)'"<>]+)/g)) {
    const at = resolved(folderOf(path), written.replace(/[.!?]+$/, ''))
    if (at !== null) found.push({ path: at })
  }
  return found
}

/** A relative path from a folder, inside the repository; null for one that leaves it. */
function resolved(folder: string, written: string): string | null {
  if (written.startsWith('~') || written.startsWith('/') || written.includes('\\')) return null
  const segments = folder === '' ? [] : folder.split('/')
  for (const segment of written.split('/')) {
    if (segment === '..') {
      if (segments.pop() === undefined) return null
    } else if (segment !== '.' && segment !== '') segments.push(segment)
  }
  return segments.length === 0 ? null : segments.join('/')
}

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))
const depthOf = (path: string): number => path.split('/').length
