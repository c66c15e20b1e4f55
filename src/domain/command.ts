import { commentLines } from './comment-lines.js'
import { readTaskNumbers } from './task-numbers.js'

/** What a person asked for in a comment. */
export type Command =
  /** `/approve [plan-id] [tasks, as 1,3-4]` */
  | { kind: 'approve'; planId?: string; tasks?: number[] }
  /** `/revise feedback…`: the rest of the comment, or up to the next command. `at` is where it begins, both from 1. */
  | { kind: 'revise'; feedback: string; at: { line: number; column: number } }
  /** `/reject [reason]` */
  | { kind: 'reject'; reason?: string }
  /** `/skip tasks` */
  | { kind: 'skip'; tasks: number[] }
  /** `/retry [task]` */
  | { kind: 'retry'; task?: number }
  /** `/cancel` */
  | { kind: 'cancel' }
  /** `/budget amount`: US dollars for the whole run. */
  | { kind: 'budget'; usd: number }
  /** `/status` */
  | { kind: 'status' }
  /** `/help`, or `/crew` alone. */
  | { kind: 'help' }
  /** `/crew word` with a word that is no command. `suggestion` is the command that was probably meant. */
  | { kind: 'unknown'; word: string; suggestion?: CommandWord }
  /** `/crew word` with a command that belongs to the other place. */
  | { kind: 'misplaced'; word: CommandWord; belongsOn: Place }
  /** A command whose arguments can't be read. `problem` is a sentence for its author. */
  | { kind: 'malformed'; command: CommandWord; problem: string }

export type Place = 'issue' | 'pull-request'

/** Each command with the place or places where it is offered, in the order of the help text. */
export const commandPlaces = {
  approve: ['issue'],
  revise: ['issue'],
  reject: ['issue'],
  skip: ['issue'],
  retry: ['issue'],
  budget: ['issue'],
  cancel: ['issue', 'pull-request'],
  status: ['issue', 'pull-request'],
  help: ['issue', 'pull-request'],
} as const satisfies Record<string, readonly Place[]>

export type CommandWord = keyof typeof commandPlaces

const words = Object.keys(commandPlaces) as CommandWord[]

/**
 * The commands in a comment, in order. A command is the first word of a line, at column one, after code, quotations and
 * HTML comments have been taken out; `/crew word` is the same as `/word`. Short forms that are no command of that place
 * are other bots' business and give nothing.
 */
export function parseCommands(body: string, on: Place): Command[] {
  const lines = commentLines(body)
  const found = lines.map(line => (line.plain ? readLine(line.text, on) : null))
  return found.flatMap((command, index) => {
    if (!command) return []
    if (command.kind !== 'word') return [command]
    const next = found.findIndex((other, at) => at > index && other !== null)
    const below = lines.slice(index + 1, next < 0 ? undefined : next).map(line => line.text)
    const read = readArguments(command.word, command.rest, [command.rest, ...below].join('\n').trim())
    return [read.kind === 'revise' ? { ...read, at: feedbackPlace(lines, index, read.feedback) } : read]
  })
}

/** Where feedback begins: behind its command, or on the next line that has something on it. */
function feedbackPlace(lines: readonly { text: string }[], command: number, feedback: string) {
  const [first = ''] = feedback.split('\n')
  for (let at = command; at < lines.length; at++) {
    const text = lines[at]?.text ?? ''
    const found = at === command ? text.trimEnd().lastIndexOf(first) : text.indexOf(first)
    if (found >= 0) return { line: at + 1, column: [...text.slice(0, found)].length + 1 }
  }
  return { line: command + 1, column: 1 }
}

type FoundWord = { kind: 'word'; word: CommandWord; rest: string }

function readLine(line: string, on: Place): FoundWord | Command | null {
  const long = /^\/crew(?:\s+(\S+)(.*))?\s*$/is.exec(line)
  if (long) {
    const [, word, rest = ''] = long
    return word === undefined ? { kind: 'help' } : readLongWord(word, rest.trim(), on)
  }
  const short = /^\/([a-z]+)(?:\s+(.*))?$/is.exec(line)
  const word = words.find(known => known === short?.[1]?.toLowerCase())
  if (!word || !isOffered(word, on)) return null
  return { kind: 'word', word, rest: (short?.[2] ?? '').trim() }
}

function readLongWord(written: string, rest: string, on: Place): FoundWord | Command {
  const lower = written.toLowerCase()
  const word = words.find(known => known === lower)
  if (!word) {
    const suggestion = closestWord(lower, on)
    return { kind: 'unknown', word: written.slice(0, 40), ...(suggestion && { suggestion }) }
  }
  if (!isOffered(word, on)) return { kind: 'misplaced', word, belongsOn: on === 'issue' ? 'pull-request' : 'issue' }
  return { kind: 'word', word, rest }
}

const isOffered = (word: CommandWord, on: Place): boolean => (commandPlaces[word] as readonly Place[]).includes(on)

/** `line` is what follows on the command's own line; `text` goes on to the next command. */
function readArguments(word: CommandWord, line: string, text: string): Command {
  switch (word) {
    case 'approve':
      return readApproval(line)
    case 'revise':
      return text === ''
        ? {
            kind: 'malformed',
            command: word,
            problem: 'Say what should be different: `/revise use sessions instead of JWT`.',
          }
        : { kind: 'revise', feedback: text, at: { line: 1, column: 1 } }
    case 'reject':
      return text === '' ? { kind: 'reject' } : { kind: 'reject', reason: text }
    case 'skip': {
      const tasks = readTaskNumbers(line.replace(/^tasks?\s+/i, ''))
      return tasks
        ? { kind: 'skip', tasks }
        : { kind: 'malformed', command: word, problem: 'Name the tasks by their numbers: `/skip 2` or `/skip 1,3-4`.' }
    }
    case 'retry': {
      const match = /^(?:task\s+)?(\d{1,3})?$/i.exec(line)
      if (!match)
        return {
          kind: 'malformed',
          command: word,
          problem: 'Write `/retry` alone, or with one task’s number: `/retry 2`.',
        }
      return match[1] === undefined ? { kind: 'retry' } : { kind: 'retry', task: Number(match[1]) }
    }
    case 'budget': {
      const usd = Number(/^\$?\s*(\d{1,5}(?:\.\d{1,2})?)\s*(?:\$|usd|dollars?)?$/i.exec(line)?.[1] ?? 'none')
      return usd > 0
        ? { kind: 'budget', usd }
        : {
            kind: 'malformed',
            command: word,
            problem: 'Write the amount in US dollars: `/budget 10` or `/budget 7.50`.',
          }
    }
    case 'cancel':
    case 'status':
    case 'help':
      return { kind: word }
  }
}

/** An approval with anything in it that can't be read is none: "/approve but not task 3" must not approve all. */
function readApproval(line: string): Command {
  const [, id, list = ''] = /^(?:`?((?=[a-z]*[0-9])[0-9a-z]{6,40}|[a-f]{6,40})`?(?:\s+|$))?(.*)$/is.exec(line) ?? []
  const tasks = list === '' ? undefined : readTaskNumbers(list.replace(/^tasks?\s+/i, ''))
  if (tasks === null) {
    const problem =
      'Write `/approve` alone, or with the plan’s id, the tasks’ numbers, or both: `/approve 3f9a1c2d4e 1,3-4`.'
    return { kind: 'malformed', command: 'approve', problem }
  }
  return { kind: 'approve', ...(id !== undefined && { planId: id.toLowerCase() }), ...(tasks && { tasks }) }
}

function closestWord(written: string, on: Place): CommandWord | undefined {
  return words
    .filter(word => isOffered(word, on))
    .map(word => ({ word, distance: editDistance(written.slice(0, 20), word) }))
    .filter(({ word, distance }) => distance <= 2 && distance < word.length / 2)
    .sort((a, b) => a.distance - b.distance)[0]?.word
}

/** Levenshtein's distance. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const swap = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
