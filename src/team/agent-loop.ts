import type { AssistantBlock, Message, ToolCall, ToolResult, ToolSpec, UserBlock } from '../domain/conversation.js'
import { leftOutNote, type LeftOut } from '../domain/left-out.js'
import type { LoopOutcome } from '../domain/outcome.js'
import type { SecretFilter } from '../domain/secret.js'
import { addCosts, noCost, type Cost, type Usage } from '../domain/usage.js'
import type { NotYet, Wait } from '../domain/wait.js'
import type { Journal, Model, Workspaces } from '../ports.js'
import type { AgentEnd, AgentResult, AgentWork } from './agent-work.js'
import { ask, type Asked, type Before, type Permit } from './ask.js'
import { carryOut, type Carried } from './carry-out.js'
import { finishSpec, finishTool, missingHandoff, readEnding, withHandoff } from './ending.js'
import { Hands, next, type Held } from './hands.js'
import { makeRoom, tokensOf } from './make-room.js'
import { readsOnly, toolSpec } from './tools.js'

export interface LoopWorld {
  journal: Journal
  model: Model
  workspaces: Workspaces
  secrets: SecretFilter
  /** Where other runs share the model's cost; without it the work's own limits are all there are. */
  turnstile?: {
    permit: Permit
    /** Waits until a call that wasn't permitted may be tried again. */
    pass: (notYet: NotYet) => Promise<void>
  }
  /** Called as things happen, for logs and terminals; nothing depends on it. */
  observe?: (event: LoopEvent) => void
}

export type LoopEvent =
  | { kind: 'turn'; work: string; turn: number; calls: ToolCall[]; text: string }
  | { kind: 'waiting'; work: string; detail: string }

/** What one step of the journal records: the results of the calls before, and the answer to them. */
interface Turn extends Asked {
  results: ToolResult[]
  /**
   * The worktree after those calls. Null: it is what the newest tree comes to when the calls since then are carried out
   * once more. Files that tools alone wrote are that cheap to have again; what a command did is not.
   */
  tree: string | null
  read: string[]
  commands: Carried['commands']
  /** What of the directory is not in the tree, and why. */
  leftOut: LeftOut[]
  /** Milliseconds that the step took, the model included. */
  ms: number
  usd: number
}

/** A final answer that doesn't fit is asked for again this often. */
const secondTries = 2
const answerTokens = 32_000

/**
 * Lets one agent work until it finishes or a limit ends it.
 *
 * The whole of it: ask the model, carry out what it calls for, ask again with the results. Each turn is one step of the
 * journal, so that a restart goes on after the last answer that was paid for; the worktree is put back to what it was
 * then, on this disk or on another. While the model can't be reached the loop waits, and tells `onWaiting` so; `onCost`
 * hears after every answer what all of them came to.
 */
export async function runAgent(
  work: AgentWork,
  world: LoopWorld & { onWaiting?: (wait: Wait | null) => Promise<void>; onCost?: (sum: Cost) => void },
): Promise<AgentEnd> {
  const tools: ToolSpec[] = [...work.tools.map(toolSpec), finishSpec(work.ending)]
  const messages: Message[] = [{ role: 'user', content: [{ type: 'text', text: work.brief }] }]
  const seen = { read: new Set<string>(), commands: [] as Carried['commands'] }
  const hands = new Hands(work, world)
  let held: Held = { tree: work.worktree.tree, since: [] }
  let leftOut: LeftOut[] = []
  let cost = noCost
  let last: Usage | null = null
  let turns = 0
  let minutes = 0
  let badAnswers = 0
  let waits = 0
  /** Calls of the newest answer that were not carried out yet. */
  let open: ToolCall[] = []
  /** What is said to the model beside the results: refused endings, the limit drawing near. */
  let remarks: UserBlock[] = []
  /** A report that only lacks its hand-off, which was asked for. */
  let lacking: AgentResult | null = null

  const end = async (outcome: LoopOutcome<AgentResult>): Promise<AgentEnd> => {
    const { tree, since } = held
    const left =
      since.length === 0
        ? { tree, leftOut }
        : await world.journal.step('keep what was written', async signal => {
            const worktree = await hands.reach(held, signal)
            return { tree: await worktree.snapshot(), leftOut: [...worktree.refused] }
          })
    return { outcome, ...left, read: [...seen.read].sort(), commands: seen.commands }
  }

  for (;;) {
    const limit = limitReached(work, { turns, minutes, cost, messages })
    if (limit)
      return await end(
        lacking ? { kind: 'finished', result: lacking, cost, turns } : { kind: 'limit', ...limit, cost, turns },
      )

    const calls = open
    const before = held
    const said = remarks
    const leftOutBefore = leftOut
    const paid: Before = { cost, last }
    const turn = await world.journal.step(`turn ${turns + 1}${waits ? `, try ${waits + 1}` : ''}`, async signal => {
      const started = performance.now()
      const worktree = await hands.reach(before, signal)
      hands.changed()
      const carried = await carryOut(calls, { ...work, worktree, secrets: world.secrets, signal })
      const ran = carried.commands.length > 0
      const conversation = makeRoom([...messages, ...asMessage(carried.results, said)])
      const request = {
        model: work.model,
        effort: work.effort,
        maxTokens: answerTokens,
        system: work.system,
        tools,
        messages: conversation,
      }
      const [answered, after] = await Promise.all([
        ask(request, { model: world.model, permit: world.turnstile?.permit, before: paid, signal }),
        ran ? worktree.snapshot() : carried.wrote || before.since.length > 0 ? null : before.tree,
      ])
      hands.hold(next(before, after, calls))
      return {
        results: carried.results,
        tree: after,
        read: carried.read,
        commands: carried.commands,
        leftOut: ran ? [...worktree.refused] : leftOutBefore,
        ms: Math.round(performance.now() - started),
        usd: answered.answer ? world.model.price(answered.answer.model, answered.answer.usage) : 0,
        ...answered,
      } satisfies Turn
    })

    held = next(before, turn.tree, calls)
    minutes += turn.ms / 60_000
    turn.read.forEach(path => seen.read.add(path))
    seen.commands.push(...turn.commands)
    messages.push(...asMessage(turn.results, said))
    open = []
    leftOut = turn.leftOut
    const note = leftOutNote(leftOutBefore, leftOut)
    remarks = note === null ? [] : [{ type: 'text', text: note }]

    if (turn.tooLong !== null) return await end({ kind: 'limit', limit: 'tokens', detail: turn.tooLong, cost, turns })
    if (!turn.answer) {
      waits++
      await world.onWaiting?.(turn.notYet ?? { for: 'model', detail: turn.unavailable?.detail ?? 'no answer' })
      if (turn.notYet) {
        await world.turnstile?.pass(turn.notYet)
        continue
      }
      world.observe?.({ kind: 'waiting', work: work.title, detail: turn.unavailable?.detail ?? 'no answer' })
      await world.journal.sleep(pause(waits, turn.unavailable?.retryAfter ?? 0))
      continue
    }
    if (waits > 0) await world.onWaiting?.(null)
    waits = 0
    turns++
    last = turn.answer.usage
    cost = addCosts(cost, { ...turn.answer.usage, usd: turn.usd, calls: 1 })
    world.onCost?.(cost)
    const { content, stopReason } = turn.answer
    const callsMade = content.filter(block => block.type === 'tool_call')
    world.observe?.({ kind: 'turn', work: work.title, turn: turns, calls: callsMade, text: textOf(content) })

    if (lacking) return await end({ kind: 'finished', result: withHandoff(lacking, content), cost, turns })
    if (stopReason === 'refusal') return await end({ kind: 'refused', detail: textOf(content), cost, turns })
    if (stopReason === 'model_context_window_exceeded')
      return await end({ kind: 'limit', limit: 'tokens', detail: "the model's context window is full", cost, turns })
    if (stopReason === 'max_tokens') {
      // A cut answer's last call may be half a call: none of them is carried out.
      if (++badAnswers > secondTries)
        return await end({ kind: 'bad-answer', detail: `answers were cut at ${answerTokens} tokens`, cost, turns })
      messages.push({ role: 'assistant', content: [{ type: 'text', text: textOf(content) || '…' }] })
      remarks = [
        {
          type: 'text',
          text: `Your answer was cut at ${answerTokens} tokens and nothing of it was carried out. Go in smaller steps.`,
        },
      ]
      continue
    }

    messages.push({ role: 'assistant', content: content.length > 0 ? content : [{ type: 'text', text: '…' }] })
    if (stopReason === 'pause_turn') continue
    const finish = callsMade.find(call => call.name === finishTool)
    const others = callsMade.filter(call => call !== finish)

    if (!finish) {
      open = others
      if (others.length === 0) {
        if (++badAnswers > secondTries)
          return await end({ kind: 'bad-answer', detail: `ended without calling ${finishTool}`, cost, turns })
        remarks = [...remarks, { type: 'text', text: `End by calling \`${finishTool}\`.` }]
      }
      const left = work.limits.turns - turns
      if (left <= 3)
        remarks = [
          ...remarks,
          { type: 'text', text: `${left} turn${left === 1 ? '' : 's'} left: finish with what you have.` },
        ]
      continue
    }

    const handedIn = readEnding(work.ending, finish.input)
    if (handedIn.ok && others.every(call => readsOnly(call.name))) {
      const question = missingHandoff(work.ending, handedIn.result)
      if (question === null) return await end({ kind: 'finished', result: handedIn.result, cost, turns })
      lacking = handedIn.result
      open = others
      remarks = [{ type: 'tool_result', callId: finish.id, text: question, isError: false }]
      continue
    }
    if (!handedIn.ok && ++badAnswers > secondTries)
      return await end({ kind: 'bad-answer', detail: handedIn.problem, cost, turns })
    // What is called beside `finish` is carried out first, and the ending comes again once its result was seen.
    open = others
    const problem = handedIn.ok
      ? 'Call finish alone, once you have seen the results of your other calls.'
      : handedIn.problem
    remarks = [{ type: 'tool_result', callId: finish.id, text: problem, isError: true }]
  }
}

/** Milliseconds to wait before the n-th further try: 5 s doubling to 5 min, or as long as the other side asks. */
const pause = (tries: number, retryAfterSeconds: number): number =>
  Math.max(retryAfterSeconds * 1000, Math.min(300_000, 2_500 * 2 ** tries))

const asMessage = (results: ToolResult[], remarks: UserBlock[]): Message[] => {
  // The API wants results before text.
  const content = [...results, ...remarks].sort((a, b) => Number(a.type === 'text') - Number(b.type === 'text'))
  return content.length > 0 ? [{ role: 'user', content }] : []
}

const textOf = (content: AssistantBlock[]): string =>
  content.flatMap(block => (block.type === 'text' ? [block.text] : [])).join('\n')

/** Which limit the next call would pass, if any. It is asked before the call, so that none is made past it. */
function limitReached(
  { limits }: AgentWork,
  so: { turns: number; minutes: number; cost: Cost; messages: Message[] },
): { limit: 'turns' | 'tokens' | 'time' | 'money'; detail: string } | null {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = so.cost
  const tokens = inputTokens + cacheReadTokens + cacheWriteTokens + outputTokens
  if (so.turns >= limits.turns) return { limit: 'turns', detail: `${so.turns} of ${limits.turns} turns` }
  if (tokens >= limits.tokens) return { limit: 'tokens', detail: `${tokens} of ${limits.tokens} tokens` }
  if (so.minutes >= limits.minutes)
    return { limit: 'time', detail: `${so.minutes.toFixed(1)} of ${limits.minutes} minutes` }
  const perCall = so.cost.calls > 0 ? so.cost.usd / so.cost.calls : 0
  if (so.cost.usd + perCall >= limits.usd)
    return {
      limit: 'money',
      detail: `$${so.cost.usd.toFixed(2)} of $${limits.usd.toFixed(2)} spent, after ${tokensOf(so.messages)} tokens of conversation`,
    }
  return null
}
