import { issueOf, type CrewEvent } from '../domain/event.js'
import { fullName, type RepositoryRef } from '../domain/repository.js'
import type { Whereabouts } from '../whereabouts.js'
import { workflows, type AgentInput, type AlarmInput, type RunInput, type SetupInput } from '../workflow/world.js'

/** What a workflow works on, by its name, id and input. */
export function placeOf({ workflow, id, input }: { workflow: string; id: string; input: unknown }): Whereabouts {
  switch (workflow) {
    case workflows.delivery: {
      const issue = issueOf(input as CrewEvent)
      return issue === null ? {} : { issue }
    }
    case workflows.run: {
      const { repository, issue } = input as RunInput
      return { run: id, issue: nameOf(repository, issue.number) }
    }
    case workflows.agent: {
      const { run, work } = input as AgentInput
      const task = /^task (\d+)$/.exec(work.title)?.[1]
      return { ...ofRun(run, work.worktree.source.repository), task: task === undefined ? work.title : Number(task) }
    }
    case workflows.setup: {
      const { run, source } = input as SetupInput
      return ofRun(run, source.repository)
    }
    default:
      return { run: (input as AlarmInput).run }
  }
}

/** `run:<repository>:<issue>:<number>` */
const ofRun = (run: string, repository: RepositoryRef): Whereabouts => ({
  run,
  issue: nameOf(repository, Number(run.split(':')[2])),
})

const nameOf = (repository: RepositoryRef, issue: number): string => `${fullName(repository)}#${issue}`
