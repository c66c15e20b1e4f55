import { type OrderToken } from './order-tokens.js'
import type { Place, PlanTextProblem } from './source-lines.js'

/** Task `task` comes after task `needs`; where that is said, or with `implied`, what lets it be taken so. */
export interface Edge extends Place {
  task: number
  needs: number
  implied?: true
}

/** How the tasks of a step stand to each other, as its label says; null where it says nothing. */
export type Manner = 'parallel' | 'sequential' | null

/** What is allowed, said where an order can't be read. */
const orderForm = '`Task 1 → Task 2`, `Tasks 2, 3 after Task 1`, or `Tasks 2, 3 in parallel`'

/**
 * Puts the steps of an order together. What a step doesn't say of a task, its place says: it waits for all that came
 * before. A task that was named before is not moved by being named again.
 */
export class ExecutionSteps {
  #edges: Edge[] = []
  readonly problems: PlanTextProblem[] = []
  readonly placed = new Set<number>()
  readonly #named = new Set<number>()
  /** Null where they can't be told. */
  readonly #all: readonly number[] | null

  constructor(all: readonly number[] | null) {
    this.#all = all
  }

  /** One line or sentence. */
  add(tokens: readonly OrderToken[], manner: Manner): void {
    for (const sentence of sentences(tokens)) this.#step(sentence, manner)
  }

  /** What follows from all steps. What a place implies gives way to what is said anywhere. */
  edges(): Edge[] {
    for (const number of this.#named) this.placed.add(number)
    const said = this.#edges.filter(edge => !edge.implied)
    return this.#edges.filter(edge => !edge.implied || !reaches(said, edge.needs, edge.task))
  }

  /** Ends of what is placed so far: tasks that no other one waits for. */
  #ends(): number[] {
    const needed = new Set(this.#edges.map(edge => edge.needs))
    return [...this.placed].filter(number => !needed.has(number))
  }

  #step(tokens: readonly OrderToken[], manner: Manner): void {
    const before = this.#ends()
    const isTogether = tokens.some(token => token.kind === 'parallel')
    const isChain = manner === 'sequential' && !isTogether && !tokens.some(token => token.kind === 'arrow')
    let group: Member[] = []
    let batch: Member[] = []
    let previous: number[] | null = null
    let condition: number[] | null = null
    let companions: number[] = []
    let mode: 'group' | 'after' | 'condition' | 'companions' = 'group'
    const close = (): void => {
      this.#place(group, { previous, condition, before, companions, isChain })
      previous = isChain ? group.slice(-1).map(member => member.number) : group.map(member => member.number)
      group = []
      batch = []
      condition = null
      companions = []
      mode = 'group'
    }
    for (const token of tokens) {
      switch (token.kind) {
        case 'tasks':
        case 'all': {
          const numbers = this.#numbers(token, { mode, group })
          if (mode === 'after') for (const member of batch) member.after?.push(...numbers)
          else if (mode === 'condition') (condition ??= []).push(...numbers)
          else if (mode === 'companions') companions.push(...numbers)
          else {
            const members = numbers.map(number => ({ number, at: token, after: null, isFree: false }))
            group.push(...members)
            batch.push(...members)
          }
          break
        }
        case 'arrow':
          if (group.length > 0) close()
          else if (/^before$/i.test(token.text)) this.#refuse(token)
          else mode = 'group'
          break
        case 'after':
          if (group.length === 0) mode = 'condition'
          else {
            mode = 'after'
            for (const member of batch) member.after ??= []
          }
          break
        case 'parallel':
          if (token.with) mode = 'companions'
          break
        case 'free':
          for (const member of batch) member.isFree = true
          break
        case 'comma':
          if (mode === 'condition' && condition) mode = 'group'
          break
        case 'bar':
          close()
          previous = null
          break
        case 'close':
          if (mode !== 'condition') mode = 'group'
          batch = []
          break
        case 'word':
          if (
            mode === 'condition' &&
            condition &&
            /^(?:run|start|do|begin|execute|launch|come|follow)s?$/i.test(token.text)
          )
            mode = 'group'
          break
        case 'and':
        case 'stop':
      }
    }
    close()
    this.problems.push(...unreadable(tokens))
  }

  #place(group: readonly Member[], given: Surroundings): void {
    const { previous, condition, before, companions, isChain } = given
    for (const [index, member] of group.entries()) {
      const { number, at } = member
      const behind = isChain ? group[index - 1] : undefined
      const said = [...(member.after ?? condition ?? []), ...(previous ?? []), ...(behind ? [behind.number] : [])]
      const isSaid = member.after !== null || condition !== null || previous !== null || behind !== undefined
      if (isSaid) this.#need(number, said, at)
      else if (companions.length > 0) this.#need(number, this.#needsOf(companions, before), at)
      else if (!member.isFree && !this.placed.has(number)) this.#need(number, before, { ...at, implied: true })
    }
    for (const number of [...group.map(member => member.number), ...companions]) {
      if (!this.placed.has(number) && companions.includes(number))
        this.#need(number, before, { ...(group[0]?.at ?? noPlace), implied: true })
      this.placed.add(number)
    }
  }

  /** What tasks wait for that are named as going on at the same time. */
  #needsOf(companions: readonly number[], before: readonly number[]): number[] {
    return companions.flatMap(number =>
      this.placed.has(number) ? this.#edges.filter(edge => edge.task === number).map(edge => edge.needs) : before,
    )
  }

  #need(task: number, needs: readonly number[], { line, column, implied }: Place & { implied?: true }): void {
    for (const number of needs) this.#edges.push({ task, needs: number, line, column, ...(implied && { implied }) })
  }

  /** The tasks that a token means. Without knowing all of them, only how the order is worded is looked at. */
  #numbers(token: OrderToken, { mode, group }: { mode: string; group: readonly Member[] }): number[] {
    const all = this.#all
    if (!all) return []
    if (token.kind === 'all') {
      const own = group.map(member => member.number)
      const isOther = (number: number): boolean => !own.includes(number)
      return mode === 'group' ? all.filter(number => isOther(number) && !this.placed.has(number)) : all.filter(isOther)
    }
    if (token.kind !== 'tasks') return []
    const unknown = token.numbers.filter(number => !all.includes(number))
    if (unknown.length > 0)
      this.problems.push({
        line: token.line,
        column: token.column,
        found: token.text,
        expected: `tasks of this plan, by number: ${all.join(', ')}`,
      })
    const numbers = token.numbers.filter(number => all.includes(number))
    for (const number of numbers) this.#named.add(number)
    return numbers
  }

  #refuse({ line, column, text }: OrderToken): void {
    this.problems.push({ line, column, found: text, expected: orderForm })
  }
}

interface Member {
  number: number
  at: Place
  /** What it waits for, where that is said of it. */
  after: number[] | null
  isFree: boolean
}

interface Surroundings {
  previous: readonly number[] | null
  condition: readonly number[] | null
  before: readonly number[]
  companions: readonly number[]
  isChain: boolean
}

function reaches(edges: readonly Edge[], from: number, to: number): boolean {
  const seen = new Set<number>()
  const queue = [from]
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    if (at === to) return true
    if (seen.has(at)) continue
    seen.add(at)
    for (const edge of edges) if (edge.task === at) queue.push(edge.needs)
  }
  return false
}

const noPlace: Place = { line: 1, column: 1 }

/** Sentences, and parts of one that say each by themselves what they wait for: "Task 2 after Task 1, Task 3 after Task 2". */
function sentences(tokens: readonly OrderToken[]): OrderToken[][] {
  const parts: OrderToken[][] = [[]]
  let isWaiting = false
  for (const [index, token] of tokens.entries()) {
    if (token.kind === 'after') isWaiting = (parts.at(-1) ?? []).some(one => one.kind === 'tasks')
    const beginsAnew = token.kind === 'comma' && isWaiting && waitsItself(tokens, index + 1)
    if (token.kind === 'stop' || beginsAnew) {
      parts.push([])
      isWaiting = false
    } else parts.at(-1)?.push(token)
  }
  return parts.filter(part => part.some(token => token.kind === 'tasks' || token.kind === 'all'))
}

/** Whether tasks come next, and what they wait for right behind them. */
function waitsItself(tokens: readonly OrderToken[], from: number): boolean {
  const next = tokens.slice(from, from + 12).filter(token => token.kind !== 'word' && token.kind !== 'and')
  return next[0]?.kind === 'tasks' && next[1]?.kind === 'after'
}

/** Words between tasks that might mean anything, and words that turn the meaning round. */
function unreadable(tokens: readonly OrderToken[]): PlanTextProblem[] {
  const isTask = (token: OrderToken): boolean => token.kind === 'tasks' || token.kind === 'all'
  const first = tokens.findIndex(isTask)
  const last = tokens.findLastIndex(isTask)
  return tokens
    .filter(
      (token, index) =>
        token.kind === 'word' &&
        (/^(?:not|never|no|without|except|unless|skip|if|don['’]?t|cannot|can['’]t)$/i.test(token.text) ||
          (index > first && index < last && !known.has(token.text.toLowerCase()))),
    )
    .slice(0, 1)
    .map(({ line, column, text }) => ({ line, column, found: text, expected: orderForm }))
}

/** Words that may stand between tasks without changing what is meant. */
const known = new Set(
  (
    'a an the is are be been was were can may must should will could do does done run runs running start starts started ' +
    'starting begin begins finish finishes finished complete completes completed completing end ends ended ready both ' +
    'each in of for to by at on with has have had go goes next also it its they their them first second third last ' +
    'finally only work works working result results output outputs sequence sequentially sequential order wait waits ' +
    'agent agents which that execute executes launch come comes follow follows parallel concurrently two'
  ).split(' '),
)
