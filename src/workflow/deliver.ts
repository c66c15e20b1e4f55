import { parseCommands, type Command, type Place } from '../domain/command.js'
import type { CrewEvent } from '../domain/event.js'
import { mayCommand } from '../domain/issue.js'
import { findMarked, marked, marker } from '../domain/say/marker.js'
import { replies } from '../domain/say/replies.js'
import { GitHubRefusal, type Engine } from '../ports.js'
import { hadItsRun, labelOf, type LabelPut } from './label-put.js'
import { runPrefix, workflows, type RunEnd, type RunInput, type RunMessage, type World } from './world.js'

/** Hands one event of GitHub's to the run that it is for; a label starts one. */
export async function deliver(
  event: Exclude<CrewEvent, { kind: 'access-lost' }>,
  world: World & { list: Engine['list'] },
): Promise<void> {
  const { journal } = world
  switch (event.kind) {
    case 'labelled': {
      const { active, count, started } = await runsOf(event.repository.id, event.issue.number)
      if (active || (started && !event.anew && hadItsRun({ at: event.at, found: event.found ?? false }, started)))
        return
      const { repository, issue, by, at, found } = event
      const input: RunInput = { repository, issue, by, labelledAt: at, ...(found && { found }) }
      await journal.start(workflows.run, `${runPrefix(event.repository, event.issue.number)}${count + 1}`, input)
      return
    }
    case 'withdrawn': {
      const { active } = await runsOf(event.repository.id, event.issueNumber)
      if (active && (await stillWithdrawn(event)))
        await tell(active, { kind: 'withdrawn', why: event.why, by: event.by })
      return
    }
    case 'remarked': {
      const { active } = await runsOf(event.repository.id, event.issueNumber)
      if (active) await tell(active, { kind: 'remark', comment: event.comment })
      return
    }
    case 'commented': {
      const issueNumber = event.on === 'issue' ? event.number : await issueOfPullRequest(event.number)
      if (issueNumber === null) return
      const { active, last } = await runsOf(event.repository.id, issueNumber)
      const { on, number, comment } = event
      const commands = parseCommands(comment.body, on)
      if (!active) return answerWithoutRun(commands, last)
      for (const command of commands) {
        const { id, author } = comment
        await tell(active, { kind: 'command', command, on, number, comment: { id, author } })
      }
      return
    }
  }

  /** Looked up once and recorded, so that a restart makes the same choice. `count` is the number of the newest one, `started` and `last` are of it. */
  function runsOf(
    repository: number,
    issueNumber: number,
  ): Promise<{ active: string | null; count: number; started: LabelPut | null; last: RunEnd['kind'] | null }> {
    return journal.step('find the run', async () => {
      const runs = await world.list(runPrefix({ id: repository }, issueNumber))
      const newest = runs.at(-1)
      return {
        active: runs.findLast(run => run.state === 'active')?.id ?? null,
        // Old runs are removed, and their numbers are not given again.
        count: Math.max(numberOf(newest?.id ?? ''), await world.runs.lastNumber(repository, issueNumber)),
        started: newest ? labelOf(newest.input as RunInput) : null,
        last: newest?.state === 'failed' ? 'stopped' : ((newest?.output as RunEnd | null | undefined)?.kind ?? null),
      }
    })
  }

  /** GitHub's events may overtake each other: the label may be on again, and the run the one that it has started. */
  function stillWithdrawn({ issueNumber, why }: Extract<CrewEvent, { kind: 'withdrawn' }>): Promise<boolean> {
    return journal.step('is it still so', async () => {
      try {
        const { state, labels } = await world.github.issue(issueNumber)
        const label = world.label.toLowerCase()
        return why === 'closed' ? state === 'closed' : labels.every(name => name.toLowerCase() !== label)
      } catch (error) {
        // An issue that is gone or out of reach is withdrawn, too.
        if (error instanceof GitHubRefusal) return true
        throw error
      }
    })
  }

  async function tell(run: string, message: RunMessage): Promise<void> {
    await journal.send(run, message)
  }

  /** The crew's branches name their issue; other pull requests are none of ours. */
  function issueOfPullRequest(number: number): Promise<number | null> {
    return journal.step('find the issue', async () => {
      const pull = await world.github.pullRequest(number)
      const issue = /^crew\/issue-(\d+)-/.exec(pull.branch)?.[1]
      return issue === undefined ? null : Number(issue)
    })
  }

  /**
   * One answer to a comment's commands. Strangers get none where nothing was asked for: anybody can write `/approve`
   * anywhere.
   */
  async function answerWithoutRun(commands: Command[], last: RunEnd['kind'] | null): Promise<void> {
    if (event.kind !== 'commented') return
    const { comment, number, on } = event
    const permission = await journal.step('permission', () => world.github.permissionOf(comment.author.login))
    if (!mayCommand(permission)) return
    const texts = commands.map(command => withoutRun(command, { on, last, label: world.label }))
    const text = [...new Set(texts)].join('\n\n')
    const mark = marker('reply', `${comment.id}`)
    await journal.effect('answer', {
      find: async () => findMarked(await world.github.comments(number), mark, world.appLogin),
      create: () => world.github.createComment(number, marked(text, mark)),
    })
  }
}

function withoutRun(command: Command, at: { on: Place; last: RunEnd['kind'] | null; label: string }): string {
  switch (command.kind) {
    case 'help':
      return replies.help(at.on)
    case 'unknown':
      return replies.unknown(command)
    case 'misplaced':
      return replies.misplaced(command)
    default:
      // A run that was refused may have said nothing at all.
      return at.last === null || at.last === 'refused'
        ? replies.nothingRuns(at.label)
        : replies.notNow(command, at.last)
  }
}

/** Of a run, the last part of its id; 0 where there is none. */
const numberOf = (id: string): number => Number(/:(\d+)$/.exec(id)?.[1] ?? 0)
