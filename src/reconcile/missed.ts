import type { CrewEvent } from '../domain/event.js'
import type { Actor, Issue } from '../domain/issue.js'
import type { RepositoryRef } from '../domain/repository.js'
import type { Engine, IssueHappening, NewComment, Overview } from '../ports.js'
import { hadItsRun, labelOf } from '../workflow/label-put.js'
import { runPrefix, type RunInput } from '../workflow/world.js'

/** How a comment is read, as that of a webhook is. */
export type ReadComment = (
  comment: NewComment & { delivery: string; repository: RepositoryRef; open: boolean },
) => CrewEvent | null

/**
 * What happened in a repository since then that no delivery has brought, as the events that it would have been. Comments are
 * all there: those that were brought count once all the same. Where nothing changed, it takes one request.
 */
export async function missedIn(
  repository: RepositoryRef,
  options: { overview: Overview; list: Engine['list']; since: string; label: string; readComment: ReadComment },
): Promise<CrewEvent[]> {
  const { overview, since, readComment } = options
  const changed = await overview.changedIssues(repository, since)
  if (changed.length === 0) return []
  const label = options.label.toLowerCase()
  const runs = await options.list(runPrefix(repository))
  const events: CrewEvent[] = []
  for (const { issue, updatedAt } of changed) {
    if (issue.isPullRequest) continue
    const own = runs.filter(({ id }) => id.startsWith(runPrefix(repository, issue.number)))
    const active = own.some(({ state }) => state === 'active')
    const wanted = issue.state === 'open' && issue.labels.some(name => name.toLowerCase() === label)
    if (wanted === active) continue
    const history = await overview.history(repository, issue.number)
    const newest = own.at(-1)?.input as RunInput | undefined
    const event = wanted ? labelled(issue, updatedAt, history, newest) : withdrawn(issue, history)
    if (event) events.push(event)
  }

  const open = new Set(changed.filter(({ issue }) => issue.state === 'open').map(({ issue }) => issue.number))
  for (const found of await overview.newComments(repository, since)) {
    const delivery = `found-comment-${found.comment.id}`
    const event = readComment({ ...found, delivery, repository, open: open.has(found.number) })
    if (event) events.push(event)
  }
  return events

  function labelled(
    issue: Issue,
    updatedAt: string,
    history: IssueHappening[],
    newest: RunInput | undefined,
  ): CrewEvent | null {
    const put = history.findLast(one => one.kind === 'labelled' && one.label?.toLowerCase() === label)
    // A label from before was seen at an earlier look; bots may sort issues, but not put the crew to work.
    if (!put || put.at < since || put.by.type !== 'User') return null
    if (newest && hadItsRun({ at: put.at, found: true }, labelOf(newest))) return null
    return {
      kind: 'labelled',
      delivery: `found-label-${put.id}`,
      repository,
      issue,
      by: put.by,
      at: updatedAt,
      found: true,
    }
  }

  function withdrawn(issue: Issue, history: IssueHappening[]): CrewEvent {
    const why = issue.state === 'closed' ? 'closed' : 'unlabelled'
    const last = history.findLast(one => one.kind === why && (why === 'closed' || one.label?.toLowerCase() === label))
    const delivery = `found-${why}-${last?.id ?? `${repository.id}-${issue.number}-${since}`}`
    return { kind: 'withdrawn', delivery, repository, issueNumber: issue.number, why, by: last?.by ?? somebody }
  }
}

/** What GitHub says of an account that is gone. */
export const somebody: Actor = { login: 'ghost', type: 'User' }
