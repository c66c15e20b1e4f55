import { fence, inlineCode } from './code-markdown.js'
import { closesFence, readFenceOpening } from './fence-line.js'
import { withoutInvisible } from './invisible.js'

export interface DefuseOptions {
  /** Hosts that may be linked to, e.g. `['github.com']`, which is what it is when left out. */
  hosts?: readonly string[]
}

/**
 * Markdown that a model or a stranger wrote, made harmless for a GitHub comment and still readable. What would act is
 * shown as code, which is where GitHub itself looks for nothing: `@name` → `` `@name` ``. (A zero-width character or an
 * HTML comment between `@` and the name would do as well today, but is invisible, spoils copying, and shows up inside
 * code.)
 *
 * In what comes back
 * - no mention, no reference to an issue, pull request or commit, no closing word in front of one
 * - no raw HTML and no HTML comment; entities are resolved or shown as written
 * - no image, and no link except to the allowed hosts; reference definitions and link titles are gone
 * - no line starts with a slash word, a heading or a task box, and no formula
 * - code spans and fenced blocks hold what they held, and cannot be broken out of
 * - no invisible character
 *
 * It can be applied again without further change. Tables, lists, quotations and emphasis stay.
 */
export function defuse(text: string, options: DefuseOptions = {}): string {
  const lines = withoutInvisible(text).split(/\r\n|\n|\r/)
  const out: string[] = []
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    const opening = readFenceOpening(line)
    if (!opening) {
      out.push(defuseStart(defuseSpan(line, options)))
      continue
    }
    // Written anew at column one: there GitHub takes it for a fence whatever list or quotation it was meant to be in.
    const code: string[] = []
    for (at++; at < lines.length && !closesFence((lines[at] ?? '').trimStart(), opening); at++) {
      const content = lines[at] ?? ''
      const indent = content.length - content.trimStart().length
      code.push(content.slice(Math.min(indent, opening.indent)))
    }
    out.push(fence(code.join('\n'), opening.info))
  }
  return out.join('\n')
}

/**
 * The same for a text that will stand within a line of ours. What comes back has at most `max` characters, and comes back
 * as it is when it is given again.
 */
export function defuseLine(text: string, max: number, options: DefuseOptions = {}): string {
  for (let room = max; ; room--) {
    const line = settle(oneLine(text, room), options)
    const over = [...line].length - max
    if (over <= 0 || room <= 1) return line
    // What makes it harmless takes room as well: more than that need not go.
    room -= Math.min(Math.ceil(over / 2), room - 2)
  }
}

/** An entity may stand for a blank, or for what shows as nothing: what is left is looked at again. */
function settle(text: string, options: DefuseOptions): string {
  for (let before = text; ;) {
    const line = oneLine(defuseItem(defuseSpan(before, options)), Infinity)
    if (line === before) return line
    before = line
  }
}

/** The same for a cell of a table. */
export const defuseCell = (text: string, max: number, options: DefuseOptions = {}): string =>
  defuseLine(text, max, options).replace(/(?<!\\)\|/g, '\\|')

/** White space joined to single blanks, invisible characters gone, and cut with an ellipsis to `max` characters. */
export function oneLine(text: string, max: number): string {
  const line = withoutInvisible(text).replace(/\s+/g, ' ').trim()
  const characters = [...line]
  return characters.length <= max
    ? line
    : `${characters
        .slice(0, max - 1)
        .join('')
        .trimEnd()}…`
}

/** What acts only at the start of a line. */
const defuseStart = (line: string): string =>
  line
    .replace(/^( {0,3})\/(?=[a-z])/i, '$1\\/')
    .replace(/^(\s*(?:(?:>|[-*+]|\d{1,9}[.)])\s*)*)#(?=#{0,5}(?:\s|$))/, '$1\\#')
    .replace(/^(\s*(?:>\s*)*(?:(?:>|[-*+]|\d{1,9}[.)])\s+)+)\[([ xX])\](?=\s)/, '$1\\[$2\\]')

/** A line of ours mostly is an item of a list: what acts at the start of one. */
const defuseItem = (line: string): string => defuseStart(`- ${line}`).slice(2)

/** Code spans of one line are kept, the text between them is defused, backticks without a partner are escaped. */
function defuseSpan(line: string, options: DefuseOptions): string {
  let out = ''
  let text = ''
  for (let at = 0; at < line.length;) {
    if (/^\\[!-/:-@[-`{-~]/.test(line.slice(at, at + 2))) {
      text += line.slice(at, at + 2)
      at += 2
    } else if (line[at] === '`') {
      const run = /^`+/.exec(line.slice(at))?.[0] ?? '`'
      const span = readCodeSpan(line, at, run)
      if (span !== null && !endsWithItsCell(span, options)) {
        out = append(append(out, defuseText(text, options)), span)
        text = ''
        at += span.length
      } else {
        text += '\\`'.repeat(run.length)
        at += run.length
      }
    } else text += line[at++]
  }
  return append(out, defuseText(text, options))
}

function readCodeSpan(line: string, at: number, run: string): string | null {
  for (let end = line.indexOf(run, at + run.length); end >= 0; end = line.indexOf(run, end)) {
    let stop = end
    while (line[stop] === '`') stop++
    if (stop - end === run.length) return line.slice(at, stop)
    end = stop
  }
  return null
}

/** In a table, a bar ends the cell and with it the code span: then only what has no effect outside of code may stay. */
function endsWithItsCell(span: string, options: DefuseOptions): boolean {
  if (!/(?<!\\)\|/.test(span)) return false
  const inner = span.replaceAll('`', ' ')
  return defuseText(inner, options) !== inner
}

/**
 * Puts a piece behind what is there. Code spans that touch would read as one with other limits, so a blank comes
 * between; a lone backslash would escape what begins the piece, so it is doubled; an exclamation mark would make an image
 * of a link; and "fixes `#12`" becomes "fixes issue `#12`",
 * which nobody can take for the closing form.
 */
function append(out: string, piece: string): string {
  if (out.endsWith('`') && piece.startsWith('`')) return `${out} ${piece}`
  if (/^[`<]/.test(piece) && endsInLoneBackslash(out)) return `${out}\\${piece}`
  if (piece.startsWith('[') && out.endsWith('!') && !endsInLoneBackslash(out.slice(0, -1)))
    return `${out.slice(0, -1)}\\!${piece}`
  const isReference = /^`+[^`]*(?:#|\bGH-|\/(?:issues|pull|discussions)\/)\d/i.test(piece)
  if (isReference && /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b[\s:]*$/i.test(out.slice(-40)))
    return `${out}issue ${piece}`
  return out + piece
}

function endsInLoneBackslash(text: string): boolean {
  let count = 0
  while (text[text.length - 1 - count] === '\\') count++
  return count % 2 === 1
}

/** Everything with an effect, in order of precedence: the first that matches at a place decides about all it covers. */
const effects = new RegExp(
  [
    // A link or image: its label, its destination, and a title that is dropped.
    String.raw`(?<link>!?\[(?<label>(?:[^\[\]\\]|\\.)*)\]\(\s*<?(?<target>[^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?:\s+(?:"[^"]*"|'[^']*'|\([^()]*\)))?\s*\))`,
    // An address between angle brackets, which is how the ones that may be linked to are left.
    String.raw`<(?<address>https?:\/\/[\w./:?=&%+,~#-]+)>`,
    // An address, with or without escapes in it.
    String.raw`(?<url>(?:[A-Za-z][A-Za-z0-9+.-]{0,30}\\?:\\?\/\\?\/|[Ww]{3}\\?\.)(?:[^\s<>|\x60"\\]|\\[^\s\x60|<>])+)`,
    String.raw`(?<email>(?<![\w.+-])[\w.+-]{1,64}\\?@[\w-]{1,63}(?:\\?\.[\w-]{1,63}){1,10})`,
    // @name, @organisation/team, owner/name@sha, user@host
    String.raw`(?<mention>(?:(?<![\w.+\/-])(?:[\w.-]{1,100}\/)?[\w.+-]{1,100})?\\?@[A-Za-z0-9][A-Za-z0-9-]{0,99}(?:\\?\/[\w.-]{0,100})?)`,
    // #12, owner/name#12, GH-12
    String.raw`(?<reference>(?:(?<![\w.\/-])(?:[\w.-]{1,100}\\?\/)?[\w.-]{1,100})?\\?#\d+|\b[Gg][Hh]\\?-\d+)`,
    String.raw`(?<sha>\b(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{7,40}\b)`,
    // Formulas, which hold what they please; an amount opens none without another of these behind it.
    String.raw`(?<dollar>\\?(?:\$\$+|\$(?!\d{1,12}(?:[.,]\d{1,12}){0,4}(?:[\s.,;:!?)]|$)))(?:\w{1,99}(?:[.,]\d{1,12}){0,4})?)`,
    String.raw`(?<escape>\\[!-/:-@[-\x60{-~])`,
    String.raw`(?<entity>&(?=#?[A-Za-z0-9]{1,31};))`,
    String.raw`(?<tag><(?=[A-Za-z/!?]))`,
    String.raw`(?<bracket>\](?=[(\[:]))`,
    String.raw`(?<tilde>~{3,})`,
  ].join('|'),
)

/** What every text with an effect holds somewhere: most texts are told apart by this at once. */
const trigger = /[@#<\]&~$\\]|:\/\/|www\.|gh-\d|[0-9a-f]{7}/i

function defuseText(text: string, options: DefuseOptions): string {
  if (!trigger.test(text)) return text
  let rest = resolveEntities(text)
  let out = ''
  // What follows a code span of ours begins anew: a word boundary that was none before.
  for (let match = effects.exec(rest); match; match = effects.exec(rest)) {
    out = append(out, rest.slice(0, match.index))
    const piece = replacement(match, options)
    // The text of a link that is none any more must not become the name behind an `@`.
    const joins = match.groups?.link !== undefined && /^\w/.test(piece) && /[^\s(]$/.test(out)
    out = append(out, joins ? ` ${piece}` : piece)
    rest = rest.slice(match.index + match[0].length)
  }
  return append(out, rest)
}

function replacement(match: RegExpExecArray, options: DefuseOptions): string {
  const [whole] = match
  const { link, label, target, address, url, email, mention, reference, sha, dollar, entity, tag, bracket, tilde } =
    match.groups ?? {}
  if (link !== undefined) return defuseLink(label ?? '', target ?? '', options)
  if (address !== undefined) return defuseUrl(address, options)
  if (url !== undefined) return defuseUrl(url, options)
  if ((email ?? mention ?? reference ?? sha ?? dollar) !== undefined) return asCode(whole)
  if ((entity ?? tag ?? bracket) !== undefined) return `\\${whole}`
  if (tilde !== undefined) return '\\~'.repeat(whole.length)
  return whole
}

const asCode = (text: string): string => inlineCode(text.replace(/\\(?=[!-/:-@[-`{-~])/g, ''))

/** `[label](target)` where the host is allowed; otherwise the label, and the target to read. */
function defuseLink(label: string, target: string, options: DefuseOptions): string {
  const shown = defuseText(label, options)
  if (isHarmless(target, options) && !shown.includes('<http'))
    return shown.trim() === '' ? `<${target}>` : `[${shown}](${target})`
  const code = inlineCode(target.replaceAll('|', '%7C').replaceAll('`', '%60'))
  if (code === '') return `\\[${shown}\\]()`
  return shown.trim() === '' ? code : `${shown} (${code})`
}

/**
 * What ends a sentence behind an address is not part of it. One that may be linked to goes between angle brackets: bare,
 * it would run on into whatever comes next, an escape of ours too.
 */
function defuseUrl(url: string, options: DefuseOptions): string {
  const address = url.replace(/[.,;:!?'*_~)\]]+$/, '')
  const rest = url.slice(address.length)
  return (isHarmless(address, options) ? `<${address}>` : asCode(address)) + defuseText(rest, options)
}

/** An address that may be linked to: on an allowed host, and no issue, pull request or commit, which it would notify. */
function isHarmless(address: string, { hosts = ['github.com'] }: DefuseOptions): boolean {
  if (!/^https?:\/\/[\w./:?=&%+,~#-]+$/i.test(address) || /#\d|.:\/\/.*:\/\//.test(address)) return false
  if (!URL.canParse(address)) return false
  const { hostname, pathname } = new URL(address)
  return (
    hosts.includes(hostname) &&
    !/^\/[^/]+\/[^/]+\/(?:issues|pulls?|discussions|commits?|compare)(?:\/|$)/i.test(pathname)
  )
}

const knownEntities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  mdash: '—',
  ndash: '–',
  hellip: '…',
  rarr: '→',
  larr: '←',
  times: '×',
}

/** The characters that entities stand for, escaped where they would become markup; unknown ones are left for `effects`. */
const resolveEntities = (text: string): string =>
  text.replace(
    /\\[!-/:-@[-`{-~]|&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,6});/g,
    (whole, code: string | undefined) => {
      if (code === undefined) return whole
      const number = code.startsWith('#') ? Number(code.slice(1).replace(/^x/i, '0x')) : null
      if (number !== null && number > 0x10ffff) return whole
      const character = number === null ? knownEntities[code] : withoutInvisible(String.fromCodePoint(number))
      if (character === undefined) return whole
      return /^[`*_[\]()<!|\\{}&~]$/.test(character) ? `\\${character}` : character.replace(/\s/, ' ')
    },
  )
