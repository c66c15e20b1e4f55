import type { LoopEvent } from '../team/agent-loop.js'
import type { AgentSight } from '../workflow/world.js'
import type { CrewSight } from './crew.js'
import type { PracticeStage } from './practice-stage.js'
import type { Terminal } from './terminal.js'

/** Tells at the terminal what happens on the practice GitHub and among the agents, a line each, as it happens. */
export function narrate(stage: PracticeStage, terminal: Terminal): (sight: CrewSight) => void {
  const { paint, say } = terminal
  const line = (who: string, what: string): void =>
    say(`${paint('dim', clock())} ${paint('cyan', who.padEnd(10))} ${what}`)

  stage.github.events.on('event', ({ event, action, sender, payload }) => {
    const told = `${event}.${action ?? ''}`
    const text = payload as Payload
    if (told === 'issues.opened') line('issue', `${sender} opens #${text.issue?.number}: ${text.issue?.title}`)
    if (told === 'issues.labeled')
      line('label', `${sender} puts ${paint('bold', text.label?.name ?? '')} on #${text.issue?.number}`)
    if (told === 'issue_comment.created') comment(sender, text.comment?.body ?? '')
    if (told === 'push.')
      line(
        'branch',
        `${text.ref?.replace('refs/heads/', '')} → ${text.after?.slice(0, 7)} ${firstLine(text.head_commit?.message ?? '')}`,
      )
    if (told === 'pull_request.opened')
      line('pull', `draft #${text.pull_request?.number} opens: ${text.pull_request?.title}`)
    if (told === 'pull_request.ready_for_review') line('pull', `#${text.pull_request?.number} is ready for review`)
    if (told === 'pull_request_review.submitted') line('review', `one review, with its comments on their lines`)
  })

  function comment(sender: string, body: string): void {
    if (sender !== stage.github.app.botLogin) return
    if (/^#+ Task Analysis$/m.test(body)) {
      say('')
      say(readable(body))
      say('')
    } else line('comment', firstLine(readable(body)))
  }

  return sight => {
    switch (sight.kind) {
      case 'turn':
        line(sight.work, describeTurn(sight))
        return
      case 'waiting':
        line(sight.work, `waits: ${sight.detail}`)
        return
      case 'run':
        if (sight.failure !== null) line('run', paint('red', sight.failure))
        return
      case 'agent':
        line(sight.work, `${sight.agent} starts${sight.again ? whyAgain(sight.again) : ''}`)
        return
      case 'github':
        return
    }
  }
}

const whyAgain = ({ why, paths }: NonNullable<AgentSight['again']>): string =>
  why === 'conflict'
    ? ` again: another commit changed the same lines of ${paths.join(', ')}, so it gets both sides`
    : ` again, without ${paths.join(', ')}`

interface Payload {
  issue?: { number: number; title: string }
  label?: { name: string }
  comment?: { body: string }
  ref?: string
  after?: string
  head_commit?: { message: string } | null
  pull_request?: { number: number; title: string }
}

/** `turn 3: read a.py b.py, run pytest` */
export const describeTurn = ({ turn, calls, text }: Extract<LoopEvent, { kind: 'turn' }>): string =>
  `turn ${turn}: ${calls.map(call => describeCall(call.name, call.input)).join(', ') || firstLine(text)}`

function describeCall(name: string, input: unknown): string {
  const given = input as { paths?: string[]; files?: unknown[]; path?: string; pattern?: string; command?: string }
  switch (name) {
    case 'read_files':
      return `read ${given.paths?.join(' ') ?? ''}`
    case 'write_files':
      return `write ${given.files?.length ?? 0} files`
    case 'edit_file':
      return `edit ${given.path ?? ''}`
    case 'search':
      return `search ${given.pattern ?? ''}`
    case 'run':
      return `run ${firstLine(given.command ?? '')}`
    default:
      return name
  }
}

/** Markdown as a terminal can show it: without markers and folding. */
export function readable(markdown: string): string {
  return markdown
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<br[^>]*>/g, ' — ')
    .replace(/<\/?(details|summary|sub|sup)[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? ''

const clock = (): string => new Date().toTimeString().slice(0, 8)
