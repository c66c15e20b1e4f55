import { parseCommands, type Command } from '../domain/command.js'
import type { CrewEvent } from '../domain/event.js'
import { mayCommand } from '../domain/issue.js'
import { findMarked, marked, marker } from '../domain/say/marker.js'
import { replies } from '../domain/say/replies.js'
import type { Engine } from '../ports.js'
import { runPrefix, workflows, type RunInput, type RunMessage, type World } from './world.js'

/** Hands one event of GitHub's to the run that it is for; a label starts one. */
export async function deliver(event: CrewEvent, world: World & { list: Engine['list'] }): Promise<void> {
  const { journal } = world
  switch (event.kind) {
    case 'labelled': {
      const { active, count } = await runsOf(event.repository.id, event.issue.number)
      if (active) return
      const input: RunInput = { repository: event.repository, issue: event.issue, by: event.by }
      await journal.start(workflows.run, `${runPrefix(event.repository, event.issue.number)}${count + 1}`, input)
      return
    }
    case 'withdrawn': {
      const { active } = await runsOf(event.repository.id, event.issueNumber)
      if (active) await tell(active, { kind: 'withdrawn', why: event.why, by: event.by })
      return
    }
    case 'commented': {
      const issueNumber = event.on === 'issue' ? event.number : await issueOfPullRequest(event.number)
      if (issueNumber === null) return
      const { active } = await runsOf(event.repository.id, issueNumber)
      for (const [index, command] of parseCommands(event.comment.body, event.on).entries()) {
        const { on, number, comment } = event
        if (active)
          await tell(active, {
            kind: 'command',
            command,
            on,
            number,
            comment: { id: comment.id, author: comment.author },
          })
        else await answerWithoutRun(command, index)
      }
      return
    }
  }

  /** Looked up once and recorded, so that a restart makes the same choice. */
  function runsOf(repository: number, issueNumber: number): Promise<{ active: string | null; count: number }> {
    return journal.step('find the run', async () => {
      const runs = await world.list(runPrefix({ id: repository }, issueNumber))
      return { active: runs.findLast(run => run.state === 'active')?.id ?? null, count: runs.length }
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

  /** Strangers get no answer where nothing was asked for: anybody can write `/approve` anywhere. */
  async function answerWithoutRun(command: Command, index: number): Promise<void> {
    if (event.kind !== 'commented') return
    const { comment, number, on } = event
    const permission = await journal.step(`permission ${index}`, () => world.github.permissionOf(comment.author.login))
    if (!mayCommand(permission)) return
    const text = command.kind === 'help' ? replies.help(on) : replies.nothingRuns(world.label)
    const mark = marker('reply', `${comment.id}:${index}`)
    await journal.effect(`answer ${index}`, {
      find: async () => findMarked(await world.github.comments(number), mark, world.appLogin),
      create: () => world.github.createComment(number, marked(text, mark)),
    })
  }
}
