import { type Place, restOf, type SourceLine } from './source-lines.js'

/** What an execution order is made of. `text` is as it stands there. */
export type OrderToken = Place & { text: string } & (
    | { kind: 'tasks'; numbers: number[] }
    /** "all tasks", "the others": which these are depends on where they are named. */
    | { kind: 'all' }
    /** What follows waits for what stands before. */
    | { kind: 'arrow' }
    /** What stands before waits for what follows. */
    | { kind: 'after' }
    /** At the same time; with `with`, as what follows. */
    | { kind: 'parallel'; with: boolean }
    /** It need not wait. */
    | { kind: 'free' }
    | { kind: 'comma' | 'and' | 'bar' | 'close' | 'stop' }
    | { kind: 'word' }
  )

const list = String.raw`\d{1,3}(?:\s*[-–]\s*#?\d{1,3})?(?!\d)`
const separator = String.raw`(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*|\s*\+\s*)`

/** The first that matches at a place wins. */
const grammar: readonly [OrderToken['kind'] | 'parallel with' | 'bare tasks', RegExp][] = [
  [
    'tasks',
    new RegExp(
      String.raw`(?:sub-?)?(?:tasks?|steps?)\s*(?:#\s*)?(?:\[\s*)?(${list}(?:${separator}#?${list})*)\s*\]?`,
      'iy',
    ),
  ],
  [
    'all',
    /(?:all|everything|the (?:rest|others?))(?: (?:the|of|them|its|remaining|previous|earlier|other|else|others))*(?: tasks)?(?![\w])|(?:the )?(?:remaining|other|others) tasks/iy,
  ],
  ['arrow', /→|⟶|➜|➔|⇒|-{1,2}>|={1,2}>|[–—]>|>|(?:and then|then|followed by|before|finally|lastly)(?!\w)/iy],
  [
    'after',
    /(?:after|once|when|until|as soon as|following|depend(?:s|ing)? on|needs?|requires?|waits? for|waiting for|blocked by)(?!\w)|←|<-/iy,
  ],
  [
    'parallel with',
    /(?:(?:in parallel|parallel|concurrently|simultaneously|at the same time|together) (?:with|as|to)|alongside|while)(?!\w)/iy,
  ],
  [
    'parallel',
    /(?:in parallel|parallel|concurrently|simultaneously|at the same time|side by side|together|at once)(?!\w)/iy,
  ],
  [
    'free',
    /(?:immediately|right away|any ?time|at any (?:time|point)|independent(?:ly)?|on (?:its|their) own)(?!\w)/iy,
  ],
  ['and', /(?:and|plus)(?!\w)|[&+]/iy],
  ['bare tasks', new RegExp(String.raw`#?(${list})(?!\w)`, 'iy')],
  ['comma', /,/y],
  ['bar', /\|{1,2}/y],
  ['close', /\)/y],
  ['stop', /;|\.(?=\s|$)/y],
  ['word', /[\p{L}\p{N}][\p{L}\p{N}'’_-]*|[-–—]+/uy],
]

/** Reads a line of the order from `from` on. Numbers alone are tasks where the line has no "Task" at all. */
export function orderTokens(line: SourceLine, from = 0): OrderToken[] {
  const text = withoutRemarks(line.text)
  const bareNumbers = !/\b(?:tasks?|steps?)\b/i.test(text.slice(from))
  const tokens: OrderToken[] = []
  let rest = restOf(line, from)
  for (let at = from; at < text.length;) {
    const read = readToken(text, at, bareNumbers)
    if (!read) {
      at++
      continue
    }
    const { kind, match } = read
    rest = restOf(rest, at - (line.text.length - rest.text.length))
    tokens.push(toToken(kind, match, { line: rest.line, column: rest.column }))
    at += match[0].length
  }
  return tokens
}

function readToken(text: string, at: number, bareNumbers: boolean) {
  for (const [kind, pattern] of grammar) {
    if (kind === 'bare tasks' && !bareNumbers) continue
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match) return { kind, match }
  }
  return null
}

function toToken(kind: (typeof grammar)[number][0], match: RegExpExecArray, place: Place): OrderToken {
  const told = { ...place, text: match[0] }
  switch (kind) {
    case 'tasks':
    case 'bare tasks':
      return { ...told, kind: 'tasks', numbers: numbersIn(match[1] ?? '') }
    case 'parallel':
    case 'parallel with':
      return { ...told, kind: 'parallel', with: kind === 'parallel with' }
    default:
      return { ...told, kind }
  }
}

/** `2, 4-6 and 8` → 2, 4, 5, 6, 8, as written. */
const numbersIn = (text: string): number[] =>
  [...text.matchAll(/(\d+)(?:\s*[-–]\s*#?(\d+))?/g)].flatMap(([, first, last]) => {
    const from = Number(first)
    const to = Number(last ?? first)
    return to < from ? [from, to] : Array.from({ length: to - from + 1 }, (_, index) => from + index)
  })

/** Blanks in place of "(max 2 at once)", and of parentheses that say nothing of the order. */
const withoutRemarks = (text: string): string =>
  text
    .replace(/\((?:[^()]*)\)/g, whole =>
      !/^\(\s*(?:max|at most|up to)/i.test(whole) && /\b(?:tasks? #?\d|after|parallel|sequential)/i.test(whole)
        ? whole
        : ' '.repeat(whole.length),
    )
    .replace(
      /\b(?:max(?:imum)?(?: of)?|at most|up to)\s+(?:\d+|two|three|four)(?:\s+(?:agents?|tasks?))?(?:\s+(?:at once|at a time|in parallel|parallel))?/gi,
      whole => ' '.repeat(whole.length),
    )
